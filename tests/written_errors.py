"""What a write can meet: the table of tests/cases/errors, as values."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

_TABLE = Path(__file__).parent / "cases" / "errors" / "writes.yaml"
DRAWN = "drawn by a test"


@dataclass(frozen=True)
class WrittenError:
    """One line of the table; `we` says what we do about it."""

    code: str
    status: int
    methods: tuple[str, ...]
    we: str
    when: str
    within: str = ""
    message: str = DRAWN

    @property
    def name(self) -> str:
        """Return what tests are called by."""
        inner = f"{self.within}-{self.code}" if self.within else self.code
        return f"{self.status}-{inner}-{self.we.replace(' ', '-')}"

    @property
    def answer(self) -> dict[str, Any]:
        """Return the fields of the simulator's fault that answers so."""
        fault: dict[str, Any] = {"status": self.status, "message": self.message}
        if not self.within:
            return {**fault, "code": self.code}
        details = [{"code": self.code, "message": self.message}]
        return {**fault, "code": self.within, "details": details}

    def is_final(self, method: str) -> bool:
        """Say whether a write of this method fails by it at once."""
        return self.we == "fail" or (method == "PUT" and self.we in {"gone", "wait to delete"})


@cache
def written_errors() -> tuple[WrittenError, ...]:
    """Return the lines of the table, in their order."""
    lines = YAML(typ="safe").load(_TABLE.read_text(encoding="utf-8"))
    return tuple(WrittenError(**{**line, "methods": tuple(line["methods"])}) for line in lines)


__all__ = ["DRAWN", "WrittenError", "written_errors"]
