"""One step of a rollout that fails for good: refused in Azure's words, or accepted and failing."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

from simulator.arm.world import World
from simulator.fault import Fault
from tests.written_errors import WrittenError
from topology.kind import same_id
from topology.planning.plan import Commit, Delete, Step


@dataclass
class Refusing:
    """An app that lets one step fail for good, by `error` or, without one, after it was accepted.

    `passing` writes of the same resource pass first: a part is written after its whole. What is
    accepted fails as often as it is written. When it is `over`, as when the step is taken back,
    all passes.
    """

    app: ASGIApp
    world: World
    step: Step
    error: WrittenError | None
    passing: int = 0
    met: int = 0
    over: bool = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, unless it is the step's."""
        body = await _body(receive)
        if self._is_meant(scope, body):
            if self.passing:
                self.passing -= 1
            elif self.error is None and not self.over:
                self._fail_later(scope)
            elif self.met == 0:
                await self._refuse(send)
                return
        await self.app(scope, _again(body), send)

    @property
    def _method(self) -> str:
        if isinstance(self.step, Commit):
            return "POST"
        return "DELETE" if isinstance(self.step, Delete) else "PUT"

    def _is_meant(self, scope: Scope, body: bytes) -> bool:
        path, resource = scope["path"].lower(), self.step.resource
        if scope["method"] != self._method:
            return False
        if not isinstance(self.step, Commit):
            return bool(path == same_id(resource.id).split("#")[0])
        if not path.endswith("/commit"):
            return False
        asked, wanted = json.loads(body), resource.body
        return all(asked[key] == wanted[key] for key in ("commitType", "targetLocations"))

    def _fail_later(self, scope: Scope) -> None:
        self.met += 1
        if isinstance(self.step, Commit):
            self.over = True
            self.world.faults.add(when="deployment", region=self.step.resource.region)
        else:
            name = scope["path"].rsplit("/", 1)[-1]
            self.world.faults.extend([Fault(method="PUT", name=name, when="provisioning")])

    async def _refuse(self, send: Send) -> None:
        assert self.error is not None
        self.met += 1
        answer = dict(self.error.answer)
        status = answer.pop("status")
        content = json.dumps({"error": answer}).encode()
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": content})


async def _body(receive: Receive) -> bytes:
    body: bytes = b""
    while True:
        message: Any = await receive()
        body += bytes(message.get("body", b""))
        if not message.get("more_body"):
            return body


def _again(body: bytes) -> Receive:
    async def receive() -> Any:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive
