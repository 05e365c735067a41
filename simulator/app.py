"""The simulator as a Starlette application: one route, which reads a path once."""

import json
import uuid
from collections.abc import Iterable
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from simulator import clouds, control, gateway, identity, resource_graph, subscriptions
from simulator.access import guard
from simulator.access.assignments import grant_from_the_start
from simulator.arm import router
from simulator.arm.call import Call, Reply
from simulator.arm.errors import ArmError
from simulator.arm.ids import parse_id
from simulator.arm.provider import Provider
from simulator.arm.versions import require_api_version
from simulator.arm.world import World
from simulator.avnm import view
from simulator.avnm.dynamic import DynamicMembership
from simulator.clock import Clock
from simulator.faults import ConnectionDroppedError, ConnectionHungError, Faults
from simulator.hierarchy import groups_from_the_start
from simulator.incoming import Request
from simulator.journal import Journal
from simulator.keeper import Keeper
from simulator.principals import Principal
from simulator.providers import PROVIDERS
from simulator.requests import Requests
from simulator.settings import Settings

_READS = ("GET", "HEAD")
_FIRST_ERROR = 400


def create_app(
    clock: Clock,
    *,
    settings: Settings | None = None,
    providers: Iterable[Provider] = PROVIDERS,
    faults: Faults | None = None,
    journal: Journal | None = None,
) -> Starlette:
    """Return an application with a world of its own; `app.state.world` shows it to tests.

    With a journal it is the world of that journal, which goes on from where it was.
    """
    world = World(clock, settings or Settings(), faults or Faults(), providers)
    grant_from_the_start(world)
    groups_from_the_start(world)
    DynamicMembership(world)
    front = _Front(world, journal)
    app = Starlette(routes=[Route("/{path:path}", endpoint=front)])
    app.state.world = world
    app.state.requests = front.requests
    return app


class _Front:
    """The ASGI endpoint: identity, control and Resource Manager behind one address."""

    def __init__(self, world: World, journal: Journal | None) -> None:
        self.world = world
        self.requests = Requests()
        self._count = 0
        self._keeper = Keeper(world, journal)
        self._keeper.go_on(self._in_world)
        # What a journal repeated was not asked of this run.
        self.requests = Requests()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = await _read(scope, receive)
        try:
            try:
                reply = self._reply(request)
            finally:
                await self._keeper.kept()
        except ConnectionDroppedError as error:
            await self._wait(error.delay)
            drop = scope.get("extensions", {}).get("simulator.drop")
            if drop is None:
                raise
            if isinstance(error, ConnectionHungError):
                await _gone(receive)
            drop()
            return
        await self._wait(reply.delay)
        await self._send(send, request, reply)

    async def _wait(self, seconds: float) -> None:
        if seconds:
            await self.world.clock.sleep(seconds)

    def _reply(self, request: Request) -> Reply:
        """Answer a request in the moment it came."""
        with self.world.moment(self.world.now):
            if request.parts[:1] == ["_simulator"]:
                return self._keeper.answered(request, self._in_world)
            return self._token(request) or self._arm(request)

    def _token(self, request: Request) -> Reply | None:
        with self._keeper.door():
            world = self.world
            known = clouds.answer(world.settings, request) or identity.answer(world, request)
        if known is not None:
            self._record(request, "token", known.status, None)
        return known

    def _arm(self, request: Request) -> Reply:
        try:
            with self._keeper.door():
                left = gateway.admitted(self.world, request)
        except ArmError as error:
            return self._refused(request, error)
        reply = self._keeper.answered(request, self._in_world)
        reply.headers.update(left)
        return reply

    def _in_world(self, request: Request) -> Reply:
        """Answer a request that was let in: what is repeated from a journal begins here."""
        if request.parts[:1] == ["_simulator"]:
            return self._control(request)
        try:
            reply, type_name = self._answer(request)
        except ArmError as error:
            return self._refused(request, error)
        except ConnectionDroppedError:
            self._record(request, self._type_of(request), None, "dropped")
            raise
        self._record(request, type_name, reply.status, None)
        return reply

    def _control(self, request: Request) -> Reply:
        parts = request.parts
        if (request.method, parts[:2]) == ("GET", ["_simulator", "effective"]):
            return view.answer(self.world, parts[2:], request.query)
        state = (self.requests, self.world)
        try:
            body = request.json() if request.raw else None
        except ArmError as error:
            return self._refusal(error)
        return control.answer(request.method, parts[1:], request.query, body, state)

    def _answer(self, request: Request) -> tuple[Reply, str]:
        require_api_version(request.query, request.path)
        call = self._call(request)
        if call is None:
            return self._simple(request), "subscriptions"
        if (told := resource_graph.answer(call)) is not None:
            return told, call.id.type
        type_name = router.type_of(self.world, call.id)
        return router.answer(call), type_name

    def _call(self, request: Request) -> Call | None:
        found = parse_id(_with_provider(request.path, request.parts))
        if found is None:
            return None
        body = request.json()
        if not isinstance(body, dict):
            body = {}
        return Call(
            self.world,
            request.method,
            found,
            body,
            request.query,
            request.heeded,
            request.base_url,
            request.path,
            request.raw,
            self._sender(request),
        )

    def _sender(self, request: Request) -> Principal | None:
        named = request.principal
        return None if named is None else self.world.settings.principal_with(named)

    def _simple(self, request: Request) -> Reply:
        parts, who = request.parts, self._sender(request)
        if len(parts) > 1 and parts[0].lower() == "subscriptions":
            router.require_subscription(self.world, parts[1])
            guard.require_subscription(self.world, who, parts[1])
        reply = subscriptions.simple(self.world, parts, who)
        if reply is None or request.method != "GET":
            raise ArmError(
                404,
                "InvalidUrl",
                f"The request URL '{request.path}' is not valid.",
                gateway=True,
            )
        return reply

    def _type_of(self, request: Request) -> str:
        call = parse_id(request.path)
        return router.type_of(self.world, call) if call else "subscriptions"

    def _record(
        self, request: Request, type_name: str, status: int | None, code: str | None
    ) -> None:
        now = self.world.now
        self.requests.record(now, request.method, request.path, type_name, status, code)

    def _refused(self, request: Request, error: ArmError) -> Reply:
        self._record(request, self._type_of(request), error.status, error.code)
        return self._refusal(error)

    def _refusal(self, error: ArmError) -> Reply:
        headers = dict(error.headers)
        if error.gateway:
            headers["x-ms-failure-cause"] = "gateway"
        if error.retry_after is not None:
            headers["Retry-After"] = self.world.clock.retry_after(error.retry_after)
        return Reply(error.status, error.body(), headers, error.delay)

    async def _send(self, send: Send, request: Request, reply: Reply) -> None:
        empty = reply.body is None or request.method == "HEAD"
        content = b"" if empty else _dumped(reply.body)
        headers = self._headers(request, reply, content)
        start = {"type": "http.response.start", "status": reply.status, "headers": headers}
        await send(start)
        await send({"type": "http.response.body", "body": content})

    def _headers(self, request: Request, reply: Reply, content: bytes) -> list[tuple[bytes, bytes]]:
        self._count += 1
        own = str(uuid.UUID(int=self._count, version=4))
        shown = {
            **reply.headers,
            "Date": format_datetime(self.world.clock.wall(), usegmt=True),
            "x-ms-request-id": own,
            "x-ms-correlation-request-id": request.headers.get("x-ms-correlation-request-id", own),
        }
        if request.method not in _READS and reply.status < _FIRST_ERROR:
            shown = _whole_waits(shown)
        if reply.status != 204:  # noqa: PLR2004 - No Content has no length
            shown["Content-Length"] = str(len(content))
        if content:
            shown["Content-Type"] = "application/json; charset=utf-8"
        return [(key.lower().encode(), value.encode("latin-1")) for key, value in shown.items()]


def _with_provider(path: str, parts: list[str]) -> str:
    """Return a path of Resource Manager's own lists and jobs in the form of all others."""
    scope = "/" + "/".join(parts[:-1])
    match [part.lower() for part in parts]:
        case ["subscriptions", _, "resourcegroups"]:
            return f"{scope}/providers/Microsoft.Resources/resourceGroups"
        case ["subscriptions", _, "resources"] | [
            "subscriptions",
            _,
            "resourcegroups",
            _,
            "resources",
        ]:
            return f"{scope}/providers/Microsoft.Resources/resources"
        case ["subscriptions", _, "operationresults", job]:
            del job
            before = f"/subscriptions/{parts[1]}/providers/Microsoft.Resources"
            return f"{before}/operationresults/{parts[3]}"
    return path


def _whole_waits(headers: dict[str, str]) -> dict[str, str]:
    """Move a fraction of a second from Retry-After to retry-after-ms.

    The clients read Retry-After of an accepted write as an integer and fail on "0.17";
    where it is missing, azure-core looks for retry-after-ms, which may be a fraction.
    """
    wait = headers.get("Retry-After", "")
    if "." not in wait:
        return headers
    kept = {key: value for key, value in headers.items() if key != "Retry-After"}
    return {**kept, "retry-after-ms": f"{float(wait) * 1000:g}"}


def _dumped(body: Any) -> bytes:
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode()


async def _gone(receive: Receive) -> None:
    """Return when the client has given up."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def _read(scope: Scope, receive: Receive) -> Request:
    headers = {key.decode().lower(): value.decode("latin-1") for key, value in scope["headers"]}
    raw = b""
    while scope["method"] not in ("GET", "HEAD"):
        message = await receive()
        raw += message.get("body", b"")
        if not message.get("more_body"):
            break
    query = dict(parse_qsl(scope["query_string"].decode(), keep_blank_values=True))
    base = f"{scope['scheme']}://{headers.get('host', 'localhost')}"
    return Request(scope["method"], scope["path"], query, headers, raw, base)
