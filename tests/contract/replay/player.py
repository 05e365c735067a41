"""Sends the exchanges of a recording to a simulator of its own, at their times."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from simulator.app import create_app
from simulator.clock import ManualClock
from simulator.faults import Faults
from simulator.identity import bearer_token
from simulator.providers import PROVIDERS
from simulator.settings import Range, Settings
from tests.contract.replay import operations
from tests.contract.replay.paths import type_of
from tests.contract.replay.recordings import Exchange, Recording
from tests.contract.replay.scope import is_in_scope
from tests.contract.replay.standing_in import StandIn

GROUPS = "microsoft.resources/resourcegroups"
HOST = "management.azure.com"
_AT_ONCE = (0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the simulator said; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: Any


class _Lasting(dict[tuple[str, str], Range]):
    """The durations of a moment: every operation that starts now takes these seconds."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._bounds = (seconds, seconds)

    def get(self, _key: Any, _default: Any = None) -> Range:
        return self._bounds


@dataclass
class Stage:
    """A simulator in process, which has the subscriptions and foreign types of a recording."""

    recording: Recording
    clock: ManualClock = field(default_factory=ManualClock)

    def __post_init__(self) -> None:
        # What nobody measured is over at once; what was recorded lasts as recorded.
        self._settings = replace(
            Settings(),
            subscription_ids=tuple(_subscriptions(self.recording)),
            # Recordings have this one instead of all mail addresses.
            principal="user@example.com",
            throttling=0,
            commit_duration=_AT_ONCE,
            status_empty_for=_AT_ONCE,
            deployment_starts_after=_AT_ONCE,
            effect_lag=_AT_ONCE,
            reconcile_lag=_AT_ONCE,
        )
        self.foreign = {name: StandIn(name) for name in _foreign_types(self.recording)}
        providers = (*PROVIDERS, *self.foreign.values())
        self.faults = Faults()
        self.app = create_app(
            self.clock, settings=self._settings, providers=providers, faults=self.faults
        )
        self._token = bearer_token(self._settings)

    def lasting(self, seconds: float) -> None:
        """Let the operations that start from now on take so long."""
        self.app.state.world.settings = replace(
            self._settings,
            durations=_Lasting(seconds),
            manager_delete_duration=(seconds, seconds),
        )

    def until(self, moment: float) -> None:
        """Let time pass up to a moment of the recording."""
        self.clock.advance(max(0.0, moment - self.clock.now()))

    def send(
        self,
        method: str,
        path: str,
        query: Mapping[str, str],
        body: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send one request and return the answer; no socket and no event loop is needed."""
        sent = {
            **(headers or {}),
            "host": HOST,
            "authorization": f"Bearer {self._token}",
            "content-type": "application/json",
        }
        scope = {
            "type": "http",
            "scheme": "https",
            "method": method,
            "path": unquote(path),
            "query_string": urlencode(query).encode(),
            "headers": [(key.lower().encode(), value.encode()) for key, value in sent.items()],
        }
        return _call(self.app, scope, b"" if body is None else json.dumps(body).encode())


def _call(app: Any, scope: dict[str, Any], raw: bytes) -> Answer:
    told: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": raw, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        told.append(message)

    call = app(scope, receive, send)
    try:
        # Nothing in the simulator waits for anything, so one push runs it to its end.
        call.send(None)
    except StopIteration:
        pass
    except Exception as slip:  # noqa: BLE001 - a slip differs from Azure, others still count
        return Answer(500, {}, {"error": {"code": "Slip", "message": repr(slip)}})
    content = b"".join(item.get("body", b"") for item in told)
    headers = {key.decode(): value.decode("latin-1") for key, value in told[0]["headers"]}
    return Answer(told[0]["status"], headers, json.loads(content) if content else None)


def _subscriptions(recording: Recording) -> Iterable[str]:
    known: dict[str, None] = {}
    for item in recording.exchanges:
        parts = item.path.split("/")
        if len(parts) > 2 and parts[1].lower() == "subscriptions":
            known[parts[2]] = None
    return known or Settings().subscription_ids


def _foreign_types(recording: Recording) -> Iterable[str]:
    paths = [item.path for item in recording.exchanges if not item.is_poll]
    return dict.fromkeys(type_of(path) for path in paths if not is_in_scope(path))


class Player:
    """Plays one recording from start to end and keeps the URLs of its operations."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self._urls: dict[str, str] = {}
        self._lasted = operations.seconds(stage.recording.exchanges)
        self._failed = operations.failures(stage.recording.exchanges)
        self._tags: dict[str, Any] = {}

    def play(self, position: int) -> Answer | None:
        """Send an exchange; None: a poll of an operation that nobody here has started."""
        exchange = self.stage.recording.exchanges[position]
        self.stage.until(exchange.moment)
        self.stage.lasting(self._lasted.get(position, 0.0))
        self._let_strangers_act(exchange)
        if position in self._failed:
            self._let_fail(exchange, self._failed[position])
        answer = (
            self._send(self._as_policies_leave_it(exchange)) if self._counts(exchange) else None
        )
        if answer is not None:
            self._learn(exchange, answer)
        return answer

    def _counts(self, item: Exchange) -> bool:
        """Tell whether an exchange is to be sent: of foreign types, what made a difference."""
        return is_in_scope(item.path) or item.is_poll or (item.is_write and item.succeeded)

    def _let_strangers_act(self, item: Exchange) -> None:
        """Give a group the tags that something else gave it between two of the exchanges.

        In Microsoft's own subscriptions policies tag the groups of tests.
        """
        if type_of(item.path) != GROUPS or not isinstance(item.reply_body, dict):
            return
        path, tags = item.path.lower(), item.reply_body.get("tags")
        if item.method == "GET" and item.succeeded and self._tags.get(path, tags) != tags:
            self.stage.send("PATCH", item.path, item.query, {"tags": tags})
        self._tags[path] = tags

    def _as_policies_leave_it(self, item: Exchange) -> Exchange:
        """Return a group's PUT with the tags that those policies added on its way."""
        body, shown = item.body, item.reply_body
        is_made = type_of(item.path) == GROUPS and item.method == "PUT" and item.succeeded
        if not (is_made and isinstance(body, dict) and isinstance(shown, dict)):
            return item
        asked, answered = body.get("tags") or {}, shown.get("tags") or {}
        added = {key: value for key, value in answered.items() if key not in asked}
        return replace(item, body={**body, "tags": {**asked, **added}}) if added else item

    def _let_fail(self, item: Exchange, error: dict[str, Any]) -> None:
        fault = {"code": error["code"], "message": error["message"]}
        self.stage.faults.add(
            method=item.method,
            name=item.path.rsplit("/", 1)[-1],
            when="provisioning",
            **fault,
        )

    def _send(self, item: Exchange) -> Answer | None:
        if not item.is_poll:
            # A stand-in is what Azure answered, which tells more than what was asked for.
            stands_in = item.method == "PUT" and not is_in_scope(item.path)
            body = item.reply_body if stands_in and item.reply_body else item.body
            return self.stage.send(item.method, item.path, item.query, body, item.headers)
        url = self._urls.get(item.path.lower())
        if url is None:
            return None
        split = urlsplit(url)
        return self.stage.send("GET", split.path, dict(parse_qsl(split.query)))

    def _learn(self, exchange: Exchange, answer: Answer) -> None:
        for name in ("azure-asyncoperation", "location"):
            recorded, own = exchange.reply_headers.get(name), answer.headers.get(name)
            if recorded and own:
                self._urls[urlsplit(recorded).path.lower()] = own
