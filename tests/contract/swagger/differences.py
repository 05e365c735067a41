"""The list of what Azure does otherwise than its swagger says."""

from __future__ import annotations

from pathlib import Path

from ruamel.yaml import YAML

DIFFERENCES: tuple[dict[str, str], ...] = tuple(
    YAML(typ="safe").load((Path(__file__).parent / "differences.yaml").read_text())
)
