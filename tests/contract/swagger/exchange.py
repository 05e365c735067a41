"""What went over the wire: requests with their answers, and the ears that heard them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Polls are not in the swagger; their form is Resource Manager's own.
_POLL = re.compile(
    r"/(operations|operationresults|nfvoperations|nfvoperationresults"
    r"|privatednsoperationstatuses|privatednsoperationresults)/[^/]+$"
)
# Not Resource Manager's: tokens, and the simulator's own pages.
_ELSEWHERE = re.compile(r"/(_simulator|metadata|common|[^/]+/oauth2|[^/]+/v2\.0)(/|$)|.*/oauth2/")


@dataclass(frozen=True, eq=False)
class Exchange:
    """One request and its answer; a body of None is an empty one."""

    method: str
    path: str
    query: dict[str, str]
    body: Any
    status: int
    answer: Any

    @property
    def is_poll(self) -> bool:
        """Tell whether this asks how an operation stands."""
        return _POLL.search(self.path.lower()) is not None


@dataclass
class Recorder:
    """An ASGI application around another, which keeps what passes to Resource Manager."""

    app: ASGIApp
    exchanges: list[Exchange] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and keep it with its answer."""
        asked, answered, status = bytearray(), bytearray(), 0

        async def hear() -> Message:
            message = await receive()
            asked.extend(message.get("body", b""))
            return message

        async def tell(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            answered.extend(message.get("body", b""))
            await send(message)

        await self.app(scope, hear, tell)
        if scope["type"] == "http" and not _ELSEWHERE.match(scope["path"]):
            query = dict(parse_qsl(scope["query_string"].decode(), keep_blank_values=True))
            body, answer = _json(bytes(asked)), _json(bytes(answered))
            self.exchanges.append(
                Exchange(scope["method"], scope["path"], query, body, status, answer)
            )


def _json(raw: bytes) -> Any:
    return json.loads(raw) if raw else None
