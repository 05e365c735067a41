"""How many examples the properties are tried with: enough to find, few enough to wait for."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, Phase, settings

# A failing example is not made smaller: of two whole topologies that takes minutes.
settings.register_profile(
    "topology",
    max_examples=int(os.environ.get("ORRERY_EXAMPLES", "6")),  # `make soak` asks for more
    deadline=None,
    derandomize="ORRERY_EXAMPLES" not in os.environ,  # the same sample in every run
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)
settings.load_profile("topology")
