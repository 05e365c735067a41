"""The shortest way to the simulator: no client, no socket, an answer as plain values."""

import json
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette

from simulator.identity import bearer_token
from simulator.settings import Settings
from tests.simulator.azure import NETWORK

_HEADERS = [
    (b"host", b"localhost"),
    (b"authorization", f"Bearer {bearer_token(Settings())}".encode()),
]


@dataclass
class Told:
    """An answer."""

    status: int = 0
    raw: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def body(self) -> Any:
        """Return the body."""
        return json.loads(self.raw)

    @property
    def code(self) -> str:
        """Return the code of an error."""
        return str(self.body["error"]["code"])


async def asked(app: Starlette, method: str, path: str, body: Any = None) -> Told:
    """Send one request; a path without a slash before it lies in the group `rg`."""
    told = Told()

    async def receive() -> Any:
        raw = b"" if body is None else json.dumps(body).encode()
        return {"type": "http.request", "body": raw, "more_body": False}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            told.status = message["status"]
            told.headers = {key.decode(): value.decode() for key, value in message["headers"]}
        else:
            told.raw += message.get("body", b"")

    scope = {
        "type": "http",
        "method": method,
        "scheme": "https",
        "path": path if path.startswith("/") else f"{NETWORK}/{path}",
        "query_string": b"api-version=2026-03-01",
        "headers": _HEADERS,
    }
    await app(scope, receive, send)
    return told
