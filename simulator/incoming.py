"""A request as it came in, before anybody has said what it means."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from simulator.arm.errors import ArmError


@dataclass(slots=True)
class Request:
    """One HTTP request; header names are in lower case."""

    method: str
    path: str
    query: dict[str, str]
    headers: Mapping[str, str]
    raw: bytes
    base_url: str

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
