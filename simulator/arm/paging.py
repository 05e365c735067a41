"""Long lists come in pages, each with the address of the next.

Lists are in order of creation, and a page's token is the number of the last resource on
it: what is made or deleted between two pages neither repeats nor hides anything else.
"""

import base64
import binascii
from collections.abc import Sequence
from urllib.parse import quote, urlencode

from simulator.arm.call import Call
from simulator.arm.errors import ArmError
from simulator.arm.store import Resource


def page(
    call: Call, resources: Sequence[Resource], *, takes_top: bool
) -> tuple[Sequence[Resource], str]:
    """Return the resources of the page a call asks for and the URL of the next, "" on the last.

    `$top` asks for smaller pages where the service knows it. That network lists are paged
    at all is known from an issue (Azure/azure-powershell#4187); the size is `assumed`.
    """
    size = call.world.settings.page_size
    if takes_top and "$top" in call.query:
        size = min(size, _top(call.query["$top"]))
    after = _number(_token(call))
    rest = [item for item in resources if item.number > after] if after else resources
    if len(rest) <= size:
        return rest, ""
    return rest[:size], _next_url(call, rest[size - 1].number)


def _top(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise _invalid("$top", text)
    return int(text)


def _token(call: Call) -> str:
    # Services spell it $skiptoken and $skipToken (the swagger has both).
    return next((value for key, value in call.query.items() if key.lower() == "$skiptoken"), "")


def _number(token: str) -> int:
    if not token:
        return 0
    try:
        return int(base64.urlsafe_b64decode(token.encode()).decode())
    except (binascii.Error, ValueError) as error:
        raise _invalid("$skiptoken", token) from error


def _next_url(call: Call, last: int) -> str:
    token = base64.urlsafe_b64encode(str(last).encode()).decode()
    kept = {key: value for key, value in call.query.items() if key.lower() != "$skiptoken"}
    query = urlencode({**kept, "$skiptoken": token}, safe="$", quote_via=quote)
    return f"{call.base_url}{call.path}?{query}"


def _invalid(name: str, value: str) -> ArmError:
    """Return the refusal of a page nobody offered; its code is `assumed`."""
    return ArmError(400, "InvalidParameter", f"The value '{value}' of '{name}' is invalid.")
