"""Builds what existed before a recording began, from what the recording shows of it."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from simulator.arm.ids import ResourceId, parse_id
from tests.contract.replay.paths import group_of, type_of
from tests.contract.replay.plain import location_in, plain_body
from tests.contract.replay.player import GROUPS, Stage
from tests.contract.replay.recordings import Exchange, Recording
from tests.contract.replay.scope import is_in_scope
from tests.contract.replay.standing_in import StandIn, ids_in

_VERSION = {"api-version": "2025-03-01"}
_PASSES = 4
# Types whose first PUT is answered 200 as well (recordings.md section 4).
_ALWAYS_200 = ("microsoft.network/networkmanagers",)
_NEVER_201 = (*_ALWAYS_200, "microsoft.network/privatednszones", "microsoft.authorization/")


class Prelude:
    """What a recording takes for granted: built before it, or as soon as it can be.

    An excerpt may show a resource whose creation it leaves out, below one that it creates.
    """

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._bodies = _bodies(stage.recording)
        self._assumed = _assumed(stage.recording)
        self._made = {path.lower() for item in stage.recording.exchanges for path in _created(item)}

    def build(self) -> None:
        """Create the groups and all that can exist already."""
        recording = self._stage.recording
        for group in _groups(recording):
            body = _group_body(recording, self._bodies, group)
            self._stage.send("PUT", group, _VERSION, body)
        self._create(self._assumed)

    def before(self, position: int) -> None:
        """Create what an exchange shows to exist and what was not possible earlier."""
        missing = [path for path, first in self._assumed.items() if first == position]
        if missing:
            self._stage.until(self._stage.recording.exchanges[position].moment)
            self._create(missing)

    def _create(self, paths: Iterable[str]) -> None:
        self._stage.lasting(0.0)
        waiting = sorted(paths, key=lambda item: item.count("/"))
        for _ in range(_PASSES):
            waiting = [path for path in waiting if not self._built(path, frozenset())]

    def _built(self, path: str, above: frozenset[str]) -> bool:
        """Create a resource with its parents and what it refers to; tell whether it is there."""
        world = self._stage.app.state.world
        if world.store.find(path) is not None:
            return True
        name, found = type_of(path), parse_id(path)
        if path.lower() in above or found is None:
            return False
        above |= {path.lower()}
        if found.parent is not None and found.parent.key not in self._made:
            self._built(found.parent.text, above)
        if not is_in_scope(path) and name not in world.providers:
            world.providers = {**world.providers, name: StandIn(name)}
        body = {**plain_body(self._stage, path, self._bodies), **self._bodies.get(path.lower(), {})}
        for other in ids_in(body["properties"]):
            if other.lower() not in self._made and type_of(other) in world.providers:
                self._built(other, above)
        return self._stage.send("PUT", path, _VERSION, body).status < 400


# --- what was there -------------------------------------------------------------------


def _groups(recording: Recording) -> Iterator[str]:
    """Yield the ids of the groups that existed, in order of their first mention."""
    absent: set[str] = set()
    seen: dict[str, str] = {}
    for item in recording.exchanges:
        if item.is_poll:
            continue
        for path in (item.path, *_named_ids(item)):
            found = parse_id(path)
            if found is None or found.group is None:
                continue
            text = f"/subscriptions/{found.subscription}/resourceGroups/{found.group}"
            if text.lower() in absent or text.lower() in seen:
                continue
            if path is item.path and _tells_absence(item, found):
                absent.add(text.lower())
            else:
                seen[text.lower()] = text
    yield from seen.values()


def _tells_absence(item: Exchange, found: ResourceId) -> bool:
    is_group = type_of(item.path) == GROUPS
    if is_group:
        return item.status in (201, 404) or (item.method == "PUT" and item.status >= 400)
    return item.status == 404 and f"'{found.group}' could not be found" in str(item.reply_body)


def _assumed(recording: Recording) -> dict[str, int]:
    """Return the ids of resources that nobody had created, and the exchange that shows each."""
    known: set[str] = set()
    found: dict[str, int] = {}
    for position, item in enumerate(recording.exchanges):
        if item.is_poll or not item.succeeded:
            continue
        for path in _presumed(item, recording.groups):
            resource = parse_id(path)
            if resource is None or _is_group(path) or resource.is_collection:
                continue
            if path.lower() not in known:
                found[path] = position
                known.add(path.lower())
        known |= {path.lower() for path in _created(item)}
    return found


def _presumed(item: Exchange, groups: frozenset[str]) -> Iterator[str]:
    """Yield what must have existed before an exchange that went well."""
    resource = parse_id(item.path)
    if resource is not None and not resource.is_collection:
        parent = resource.parent
        while parent is not None:
            yield parent.text
            parent = parent.parent
        if _shows_existence(item):
            yield resource.text
    elif resource is not None and item.method == "POST" and resource.names:
        yield resource.text.rpartition("/")[0]
    if resource is not None and resource.is_collection and item.method == "GET":
        parent = resource.parent
        if parent is not None:
            yield parent.text
        body = item.reply_body if isinstance(item.reply_body, dict) else {}
        entries = [entry for entry in body.get("value") or () if isinstance(entry, dict)]
        listed = [entry["id"] for entry in entries if isinstance(entry.get("id"), str)]
        yield from (entry for entry in listed if group_of(entry) in groups)
    if item.method in ("PUT", "POST"):
        yield from _referred(item)


def _shows_existence(item: Exchange) -> bool:
    if item.method == "PUT":
        return item.status == 200 and not type_of(item.path).startswith(_NEVER_201)
    return item.status in (200, 202) or (item.method == "HEAD" and item.status == 204)


def _referred(item: Exchange) -> Iterator[str]:
    own = item.path.lower()
    body = item.body if isinstance(item.body, dict) else {}
    for path in ids_in(body):
        lowered = path.lower()
        if not (lowered.startswith(own + "/") or lowered == own):
            yield path


def _named_ids(item: Exchange) -> Iterable[str]:
    return list(_referred(item)) if item.method == "PUT" and item.succeeded else ()


def _created(item: Exchange) -> Iterator[str]:
    if item.method != "PUT":
        return
    yield item.path
    body = item.reply_body if isinstance(item.reply_body, dict) else {}
    yield from ids_in(body)


def _is_group(path: str) -> bool:
    return type_of(path) == GROUPS


# --- what it looked like --------------------------------------------------------------


def _bodies(recording: Recording) -> dict[str, Any]:
    """Return the first body that shows each resource, its own or inside another's."""
    found: dict[str, Any] = {}
    for item in recording.exchanges:
        if item.succeeded and not item.is_poll:
            _collect(item.reply_body, found)
    return found


def _collect(value: Any, found: dict[str, Any]) -> None:
    if isinstance(value, list):
        for item in value:
            _collect(item, found)
    elif isinstance(value, dict):
        if isinstance(value.get("id"), str) and "properties" in value:
            found.setdefault(value["id"].lower(), value)
        remote, space = value.get("remoteVirtualNetwork"), value.get("remoteAddressSpace")
        if isinstance(remote, dict) and isinstance(space, dict):
            # A peering tells of the network on its other side.
            shown = {"properties": {"addressSpace": space}}
            found.setdefault(str(remote.get("id")).lower(), shown)
        for item in value.values():
            _collect(item, found)


def _group_body(recording: Recording, bodies: Mapping[str, Any], group: str) -> dict[str, Any]:
    known = bodies.get(group.lower())
    if known is not None:
        return {key: known[key] for key in ("location", "tags", "managedBy") if key in known}
    return {"location": location_in(recording, group)}
