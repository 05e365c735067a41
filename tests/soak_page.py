"""docs/soak.md: what the last soak of each sort came to, a section each."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

PAGE = Path(__file__).parent.parent / "docs" / "soak.md"


def write_section(title: str, lines: Iterable[str], page: Path = PAGE) -> None:
    """Put these lines under the title, in place of what stood there; other sections stay."""
    text = page.read_text(encoding="utf-8")
    page.write_text(with_section(text, title, lines), encoding="utf-8")


def with_section(text: str, title: str, lines: Iterable[str]) -> str:
    """Return a page whose section of this title has these lines; a new one comes last."""
    section = "\n".join([f"## {title}", "", *lines, ""])
    pattern = re.compile(rf"^## {re.escape(title)}\n.*?(?=^## |\Z)", re.MULTILINE | re.DOTALL)
    if not pattern.search(text):
        return f"{text.rstrip()}\n\n{section}"
    return pattern.sub(lambda _found: f"{section}\n", text).rstrip() + "\n"
