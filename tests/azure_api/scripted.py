"""A network manager that answers by script, for what a simulator does not do on demand."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from azure.core.credentials import AccessTokenInfo
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from azure_api.client import Azure, connect
from azure_api.settings import AzureSettings
from tests.azure_api.in_process import HOST, AsgiTransport


@dataclass
class ScriptedManager:
    """Answers commits, and each question with the next of its answers, the last for ever.

    `statuses` are the values of listDeploymentStatus; `effective` those of both lists
    of effects; `networks` the bodies of the network. `commits` holds what was committed.
    """

    statuses: Sequence[list[dict[str, Any]]] = ((),)  # type: ignore[assignment]
    effective: Sequence[list[dict[str, Any]]] = ((),)  # type: ignore[assignment]
    networks: Sequence[dict[str, Any]] = ({},)
    commits: list[dict[str, Any]] = field(default_factory=list)
    asked: dict[str, int] = field(default_factory=dict)

    async def answer(self, request: Request) -> Response:
        """Return the answer to one request."""
        verb = request.url.path.rsplit("/", 1)[-1]
        if verb == "commit":
            self.commits.append(json.loads(await request.body()))
            where = {"Location": f"{HOST}/no/such/operation"}
            return JSONResponse(self.commits[-1], 202, headers=where)
        if verb == "listDeploymentStatus":
            return JSONResponse({"skipToken": "", "value": self._next("status", self.statuses)})
        if verb.startswith("listNetworkManagerEffective"):
            return JSONResponse({"skipToken": "", "value": self._next("effect", self.effective)})
        return JSONResponse(self._next("network", self.networks))

    def _next(self, question: str, answers: Sequence[Any]) -> Any:
        number = self.asked.get(question, 0)
        self.asked[question] = number + 1
        return answers[min(number, len(answers) - 1)]


class Token:
    """A credential that has its token."""

    async def get_token_info(self, *_scopes: str, options: Any = None) -> AccessTokenInfo:  # noqa: ARG002
        """Return the token."""
        return AccessTokenInfo("token", int(time.time()) + 3600)

    async def close(self) -> None:
        """Do nothing."""


@asynccontextmanager
async def scripted_azure(manager: ScriptedManager) -> AsyncIterator[Azure]:
    """Give a connection that leads to the script."""
    routes = [Route("/{path:path}", manager.answer, methods=["GET", "POST"])]
    transport = AsgiTransport(Starlette(routes=routes))
    settings = AzureSettings(endpoint=HOST)
    async with connect(settings, transport=transport, credential=Token()) as azure:
        yield azure
