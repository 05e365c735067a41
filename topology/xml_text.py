"""Text as XML may hold it."""

from __future__ import annotations

import re

# What XML 1.0 has no way to write (its section 2.2): most control characters, and halves of pairs.
_ILLEGAL = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def legal(text: str) -> str:
    """Return a text with a mark in place of each character that XML cannot hold."""
    return _ILLEGAL.sub("\ufffd", text)
