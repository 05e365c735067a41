"""The real SDK on the simulator without a socket: a transport that calls the app.

    async with simulated_azure() as (azure, world):
        await put(azure, kind, resource_id, body)

Run it on a loop of tests/virtual_time.py and hours pass in milliseconds.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from urllib.parse import unquote, urlencode, urlsplit

from azure.core.exceptions import ServiceResponseError, ServiceResponseTimeoutError
from azure.core.pipeline.transport import AsyncHttpTransport
from azure.core.rest import HttpRequest
from azure.core.rest._http_response_impl_async import AsyncHttpResponseImpl
from azure.identity.aio import ClientSecretCredential
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp

from azure_api.client import Azure, connect
from azure_api.settings import AzureSettings
from simulator.app import create_app
from simulator.arm.world import World
from simulator.clock import Clock, LoopClock
from simulator.faults import ConnectionDroppedError, ConnectionHungError, Faults
from simulator.management_groups import ManagementGroup
from simulator.requests import Requests
from simulator.settings import Settings, subscriptions
from topology.network import Network

SUBSCRIPTION = Settings().subscription_ids[0]
HOST = "https://simulator.test"
_PATIENCE = 300  # seconds that azure-core waits for an answer


def a_tenant(count: int, *outside: str, **settings: Any) -> Settings:
    """Return settings of so many subscriptions, all but those outside in the group contoso."""
    ids = subscriptions(count)
    held = tuple(item for item in ids if item not in outside)
    groups = (ManagementGroup("contoso", subscriptions=held),)
    return Settings(subscription_ids=ids, **{"management_groups": groups, **settings})


def tenant_of(network: Network) -> Settings:
    """Return settings of a network's subscriptions, all in the management group that it names."""
    ids, named = network.subscriptions, network.topology.management_group
    groups = (ManagementGroup(named, subscriptions=tuple(ids)),) if named else ()
    return Settings(subscription_ids=ids, management_groups=groups)


@dataclass
class Sent:
    """One request as the transport saw it, at which second of the loop."""

    at: float
    method: str
    path: str
    query: str


class AsgiTransport(AsyncHttpTransport[HttpRequest, Any]):
    """Sends the SDK's requests into an ASGI app; closing it does nothing.

    A connection that the app drops becomes the SDK's ServiceResponseError, one that hangs
    its read timeout, after as long as the SDK waits. `sent` lists all requests, `slept` all
    waits of the SDK's own polls, `requests` is the simulator's own log.
    """

    def __init__(self, app: ASGIApp, requests: Requests | None = None) -> None:
        self.app = self.between(app)
        self.requests = requests or Requests()
        self.sent: list[Sent] = []
        self.slept: list[float] = []

    @staticmethod
    def between(app: ASGIApp) -> ASGIApp:
        """Return what is asked in an app's stead: who wants to hear all that is sent listens."""
        return app

    async def send(self, request: HttpRequest, **_options: Any) -> Any:
        """Return the app's answer to a request."""
        now = asyncio.get_running_loop().time()
        url = urlsplit(request.url)
        self.sent.append(Sent(now, request.method, url.path, url.query))
        answer = _Answer()
        try:
            await self.app(_scope(request), _receive(_content(request)), answer.take)
        except ConnectionHungError as error:
            await asyncio.sleep(_PATIENCE)
            raise ServiceResponseTimeoutError("Read timed out.", error=error) from error
        except ConnectionDroppedError as error:
            raise ServiceResponseError("Connection aborted.", error=error) from error
        response = answer.as_response(request)
        await response.read()
        return response

    async def open(self) -> None:
        """Do nothing: there is no connection."""

    async def close(self) -> None:
        """Do nothing: there is no connection."""

    async def sleep(self, duration: float) -> None:
        """Wait on the running loop, whose time may be virtual."""
        self.slept.append(duration)
        await asyncio.sleep(duration)

    async def __aenter__(self) -> Self:
        """Return the transport."""
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        """Do nothing."""

    def paths(self, method: str) -> list[str]:
        """Return the paths of all requests of a method, in order."""
        return [item.path for item in self.sent if item.method == method]


@asynccontextmanager
async def simulated_azure(  # noqa: PLR0913  each has a default
    *,
    settings: Settings | None = None,
    clock: Clock | None = None,
    faults: Faults | None = None,
    secret: str | None = None,
    time_scale: float = 1.0,
    providers: Iterable[Any] | None = None,
) -> AsyncIterator[tuple[Azure, World]]:
    """Give a connection of the product to a simulator of its own, and the simulator's world.

    Tokens come from the simulator too. `azure.transport` is the AsgiTransport.
    """
    chosen = settings or Settings()
    options: dict[str, Any] = {} if providers is None else {"providers": tuple(providers)}
    app = create_app(clock or LoopClock(), settings=chosen, faults=faults, **options)
    transport = AsgiTransport(app, app.state.requests)
    async with connected_by(transport, chosen, secret=secret, time_scale=time_scale) as azure:
        yield azure, app.state.world


@asynccontextmanager
async def connected_by(
    transport: AsgiTransport,
    settings: Settings | None = None,
    *,
    secret: str | None = None,
    time_scale: float = 1.0,
) -> AsyncIterator[Azure]:
    """Give a connection of the product to a simulator that is there already.

    Each is as a process of its own: it shares no client, token or lock with another.
    """
    chosen = settings or Settings()
    credential = ClientSecretCredential(
        chosen.tenant_id,
        chosen.client_id,
        chosen.client_secret if secret is None else secret,
        authority=HOST,
        transport=transport,
        retry_total=0,
    )
    at = AzureSettings(endpoint=HOST, time_scale=time_scale, tenant=chosen.tenant_id)
    async with connect(
        at, chosen.subscription_ids, transport=transport, credential=credential
    ) as azure:
        yield azure


# -- ASGI --------------------------------------------------------------------------------


class _Answer:
    """What the app sent."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self.body = b""

    async def take(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], message["headers"]
        else:
            self.body += message.get("body", b"")

    def as_response(self, request: HttpRequest) -> Any:
        headers = MutableHeaders(raw=list(self.headers))
        return _Response(
            request=request,
            internal_response=self,
            status_code=self.status,
            reason=str(self.status),
            content_type=headers.get("content-type", ""),
            headers=headers,
            stream_download_generator=_stream,
        )


class _Response(AsyncHttpResponseImpl):
    """The SDK's own response, over an answer that is there already."""

    async def read(self) -> bytes:
        """Return the whole body."""
        self._content = self._internal_response.body
        self._is_closed = self._is_stream_consumed = True
        return self._content

    async def load_body(self) -> None:
        """Load the body, as the pipeline asks of a transport's response."""
        await self.read()


async def _stream(**_options: Any) -> AsyncIterator[bytes]:
    yield b""


def _scope(request: HttpRequest) -> dict[str, Any]:
    url = urlsplit(request.url)
    headers = {"host": url.netloc, **request.headers}
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": url.scheme,
        "path": unquote(url.path),
        "raw_path": url.path.encode(),
        "query_string": url.query.encode(),
        "root_path": "",
        "headers": [(key.lower().encode(), str(value).encode()) for key, value in headers.items()],
        "client": ("test", 1),
        "server": (url.hostname, 443),
    }


def _content(request: HttpRequest) -> bytes:
    """Return the body as bytes; that of a token request is a form."""
    content: Any = request.content
    if isinstance(content, Mapping):
        return urlencode(content).encode()
    return content.encode() if isinstance(content, str) else content or b""


def _receive(body: bytes) -> Any:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive
