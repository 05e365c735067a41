"""What a client sends, listened to between it and the simulator: rules that every write keeps."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

from simulator.faults import ConnectionDroppedError
from tests.written_errors import DRAWN

# What Azure answers to a write that another one is in the way of (facts.md section 7).
_IN_THE_WAY = frozenset(
    {"RetryableError", "AnotherOperationInProgress", "ReferencedResourceNotProvisioned", "Conflict"}
)


def in_the_way(log: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the writes of the simulator's log that another one was in the way of."""
    return [entry for entry in log if entry["code"] in _IN_THE_WAY]


# What a gateway says that has waited too long: what was asked may go on.
_LOST = frozenset({"GatewayTimeout", "ServerTimeout"})

# A timer comes when its clock says so, which adds floating numbers up: in the last digit early.
_DIGIT = 1e-6


@dataclass
class Listening:
    """An app that passes requests on, counts what was refused, and notes what no client may do.

    `broken` has a line for each write that was sent while the same was unanswered, that was
    sent again unseen after its answer was lost or before the time that Azure had said (what takes
    it back is another), or that another of ours was in the way of. What Azure would not tell the
    end of may go on unknown, as in a region that is out: where a poll was last answered with an
    error, nobody can know.
    """

    app: ASGIApp
    refused: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)
    _unanswered: Counter[str] = field(default_factory=Counter)
    _lost: set[str] = field(default_factory=set)
    _not_before: dict[tuple[str, str], float] = field(default_factory=dict)
    _untold: set[str] = field(default_factory=set)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        path, method = scope["path"].lower(), scope["method"]
        if method == "GET":
            self._lost.discard(path)
        if method not in {"PUT", "PATCH", "DELETE"}:
            await self._pass_on(path, scope, receive, send)
            return
        self._begin(method, path)
        answer = _Answer(send)
        try:
            await self.app(scope, receive, answer)
        except ConnectionDroppedError:
            self.refused["no answer"] += 1
            self._lost.add(path)
            raise
        finally:
            self._unanswered[path] -= 1
        if answer.error:
            self._not_before[method, path] = asyncio.get_running_loop().time() + answer.retry_after
            self._note(method, path, answer.error)
            if answer.error["code"] in _LOST:
                self._lost.add(path)

    async def _pass_on(self, path: str, scope: Scope, receive: Receive, send: Send) -> None:
        answer = _Answer(send)
        await self.app(scope, receive, answer)
        if "operations/" in path:  # nfvOperations among them
            (self._untold.add if answer.error else self._untold.discard)(path)

    def _begin(self, method: str, path: str) -> None:
        if self._unanswered[path]:
            self.broken.append(f"{method} {path} is sent while another is unanswered")
        if path in self._lost:
            self.broken.append(f"{method} {path} is sent again unseen")
        if asyncio.get_running_loop().time() + _DIGIT < self._not_before.get((method, path), 0.0):
            self.broken.append(f"{method} {path} is sent again too early")
        self._unanswered[path] += 1

    def _note(self, method: str, path: str, error: dict[str, Any]) -> None:
        self.refused[error["code"]] += 1
        known = DRAWN not in error["message"] and not self._untold
        if error["code"] in _IN_THE_WAY and known:
            self.broken.append(f"{method} {path} is in the way of another: {error}")


@dataclass
class _Answer:
    """Sends an answer on, and keeps the error that it tells."""

    send: Send
    status: int = 0
    retry_after: float = 0.0
    error: dict[str, Any] | None = None

    async def __call__(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status, headers = message["status"], dict(message["headers"])
            self.retry_after = float(headers.get(b"retry-after", 0))
        elif self.status >= 400 and message.get("body", b"").startswith(b"{"):
            body = json.loads(message["body"])
            self.error = body.get("error", body)
        await self.send(message)
