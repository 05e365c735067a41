"""How many examples the properties are tried with: enough to find, few enough to wait for."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("topology", max_examples=40, deadline=None)
settings.load_profile("topology")
