"""Pages of what is asked by POST: a `skipToken` in the body, `$top` in the query."""

import base64
import binascii
from collections.abc import Sequence
from typing import Any

from simulator.arm.call import Call, Reply
from simulator.avnm import refusals


def page(call: Call, found: Sequence[Any]) -> Reply:
    """Return the page a call asks for; `skipToken` is empty on the last (section 7).

    `$top` is 1 to 20 (swagger); that everything comes on one page without it is `assumed`,
    as is what a token means: how many came before.
    """
    start = _start(str(call.body.get("skipToken") or ""))
    rest = found[start:]
    top = call.query.get("$top")
    size = len(rest) if top is None else _size(top)
    token = _token(start + size) if len(rest) > size else ""
    return Reply(200, {"skipToken": token, "value": list(rest[:size])})


def _size(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 20:  # noqa: PLR2004 - the swagger's bounds
        raise refusals.refusal(f"$top is {text!r}; it must be a number from 1 to 20.")
    return int(text)


def _token(count: int) -> str:
    return base64.urlsafe_b64encode(str(count).encode()).decode()


def _start(token: str) -> int:
    try:
        return int(base64.urlsafe_b64decode(token.encode()).decode()) if token else 0
    except (binascii.Error, ValueError) as error:
        raise refusals.refusal(f"skipToken {token!r} is not one that was given.") from error
