"""A request as it came in, before anybody has said what it means."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from simulator.arm.errors import ArmError

# The headers that resource types may see. A journal keeps them with the rest of a
# request, so nothing secret may be among them.
_HEEDED = ("if-match", "if-none-match")


@dataclass(slots=True)
class Request:
    """One HTTP request; header names are in lower case.

    `principal` is the client id of who sent it, known once its token has been found good.
    """

    method: str
    path: str
    query: dict[str, str]
    headers: Mapping[str, str]
    raw: bytes
    base_url: str
    principal: str | None = None

    @property
    def parts(self) -> list[str]:
        """Return the segments of the path."""
        return [part for part in self.path.split("/") if part]

    @property
    def form(self) -> dict[str, str]:
        """Return the fields of a form, none when the body is none; blank ones are left out."""
        if "x-www-form-urlencoded" not in self.headers.get("content-type", ""):
            return {}
        return dict(parse_qsl(self.raw.decode()))

    @property
    def heeded(self) -> dict[str, str]:
        """Return the headers that a resource type may see: what it does depends on no other."""
        return {name: self.headers[name] for name in _HEEDED if name in self.headers}

    def json(self) -> Any:
        """Return the body, an empty object when there is none; raise the gateway's 400."""
        if not self.raw:
            return {}
        try:
            return json.loads(self.raw)
        except ValueError as error:
            raise ArmError(
                400,
                "InvalidRequestContent",
                f"The request content was invalid and could not be deserialized: '{error}'.",
                gateway=True,
            ) from error
