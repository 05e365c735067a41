"""docs/soak.md: what the last soak of each sort came to, a section each."""

from __future__ import annotations

import re
import subprocess
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


def commit() -> str:
    """Return the commit that is at hand, and whether code was changed since."""

    def git(*words: str) -> str:
        done = subprocess.run(["git", *words], capture_output=True, text=True, check=False)  # noqa: S603,S607  fixed words
        return done.stdout.strip()

    changed = " with changes" if git("status", "--porcelain", "--", "*.py") else ""
    return f"{git('rev-parse', '--short', 'HEAD')}{changed}"
