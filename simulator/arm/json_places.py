"""Where in a JSON text something stands: lines and positions as .NET's reader counts them.

Azure's error messages end in such a place. The position is the number of characters of the
line that have been read: up to the end of a value, or to the colon after a name.
"""

import json
import re
from collections.abc import Sequence

_SPACE = re.compile(r"[ \t\n\r]*")
_DECODER = json.JSONDecoder()


def place_of(text: str, steps: Sequence[str | int], *, of_name: bool = False) -> tuple[int, int]:
    """Return line and position of the value, or of its name, that the steps lead to."""
    at, name_end = 0, 0
    for step in steps:
        at, name_end = _item(text, at, step) if isinstance(step, int) else _member(text, at, step)
    end = name_end if of_name else _end(text, at)
    return text.count("\n", 0, end) + 1, end - (text.rfind("\n", 0, end) + 1)


def _end(text: str, at: int) -> int:
    """Return the end of the value that starts here; of an object or a list, its first sign."""
    return at + 1 if text[at] in "{[" else _DECODER.raw_decode(text, at)[1]


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _member(text: str, at: int, name: str) -> tuple[int, int]:
    """Return where a member's value starts, and where its name with the colon ends."""
    at = _skip(text, at) + 1
    while True:
        key, at = _DECODER.raw_decode(text, _skip(text, at))
        colon = _skip(text, at) + 1
        start = _skip(text, colon)
        if key == name:
            return start, colon
        at = _skip(text, _DECODER.raw_decode(text, start)[1]) + 1


def _item(text: str, at: int, position: int) -> tuple[int, int]:
    """Return where an item of a list starts; items have no name."""
    at = _skip(text, _skip(text, at) + 1)
    for _ in range(position):
        at = _skip(text, _skip(text, _DECODER.raw_decode(text, at)[1]) + 1)
    return at, at
