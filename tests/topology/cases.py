"""Cases as files: a network engineer can read one, and add one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

CASES = Path(__file__).parents[1] / "cases"


def cases(folder: str) -> list[Path]:
    """Return the files of a folder of cases; their names say what happens."""
    return sorted((CASES / folder).glob("*.yaml"))


def load(path: Path) -> Any:
    """Return a case as plain values."""
    return YAML(typ="safe", pure=True).load(path)
