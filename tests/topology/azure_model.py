"""Azure in memory, as far as an order of steps can go wrong in it.

It refuses what Azure refuses: to delete what is referred to, to write what names
something that is not there. A PUT of a network drops the children that it leaves out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from typing import Any
from zlib import crc32

from topology.graph import references
from topology.kind import Resource, at, late_values, parent_id, same_id
from topology.planning import late
from topology.planning.actual import Actual, Found, GoalState
from topology.planning.diff import lay_over, without_read_only
from topology.planning.plan import Change, Commit, Create, Delete, Nothing, Replace, Step
from topology.resources import KIND_BY_NAME

_PEERINGS = "virtualNetworkPeerings"


class RefusedError(Exception):
    """What Azure would not do, and why."""


class AzureModel:
    """Resources and goal states; `apply` does a step to them.

    `leaves_out`: an item of a list whose late value is not there yet is left out, as when
    regions go in waves; otherwise it is refused, for an order of all steps has it.
    `moves_firewalls`: one that is made again gets another address.
    """

    def __init__(self, actual: Actual | None = None, topology: str = "sample") -> None:
        self.topology = topology
        self.found: dict[str, Found] = {}
        self.goal_states: dict[str, dict[tuple[str, str], GoalState]] = {}
        self.time = 0
        self.leaves_out = False
        self.deleted: set[str] = set()  # ids, also of what was made again
        self.spent: set[str] = set()  # names that serve no group again (facts.md section 0.14)
        self.moves_firewalls = False
        self._moved = 0
        self._named: dict[str, tuple[Found, list[str]]] = {}
        for item in (actual or Actual()).resources.values():
            self.found[same_id(item.id)] = Found(item.kind, item.id, deepcopy(dict(item.body)))
        for manager, states in (actual or Actual()).goal_states.items():
            self.goal_states[manager] = {(s.commit_type, s.region): s for s in states}

    @property
    def actual(self) -> Actual:
        """Return what a reader would find; a network's body shows its peerings."""
        items = [self._shown(item) for item in self.found.values()]
        states = {key: tuple(value.values()) for key, value in self.goal_states.items()}
        return Actual.of(items, states)

    @property
    def bodies(self) -> dict[str, Any]:
        """Return the bodies by id, without who wrote them when and the order of lists."""
        return {
            key: _in_order({k: v for k, v in item.body.items() if k != "systemData"})
            for key, item in self.found.items()
        }

    @property
    def goals(self) -> list[GoalState]:
        """Return all goal states that name a configuration."""
        return [state for states in self.goal_states.values() for state in states.values()]

    def apply_all(self, steps: Iterable[Step]) -> None:
        """Do steps in their order. Raises RefusedError."""
        for step in steps:
            self.apply(step)

    def apply(self, step: Step) -> None:
        """Do one step. Raises RefusedError for what Azure would not do."""
        self.time += 1
        match step:
            case Create() | Change():
                self._put(step.resource)
            case Replace():
                if "#" not in step.resource.id:
                    self._delete(step.resource.id)
                self._put(step.resource)
            case Delete():
                self._delete(step.resource.id.split("#")[0])
            case Commit():
                self._commit(step)
            case Nothing():
                pass

    def put_foreign(self, found: Found) -> None:
        """Put something there that another team made."""
        self.found[same_id(found.id)] = found

    # -- inside --------------------------------------------------------------------------

    def _put(self, resource: Resource) -> None:
        kind, whole = KIND_BY_NAME[resource.kind], resource.id.split("#")[0]
        key = same_id(whole)
        there_is = late.known(Actual(self.found))
        wanted = late.fill(resource.body, there_is)
        if self.leaves_out:
            wanted, _ = late.prune(wanted, there_is)
        if missing := next(late_values(wanted), None):
            raise RefusedError(f"{resource.id}: {missing.resource_id} has no {missing.path} yet")
        if key in self.spent:
            raise RefusedError(f"{whole}: the name was used by a definition that was deleted")
        there = self._shown(self.found[key]) if key in self.found else None
        body = lay_over(there.body if there else None, wanted, kind, self.topology)
        self._refuse_unknown(whole, body)
        self._refuse_unlike(whole, kind.follows, body)
        self._refuse_second(whole, kind.name, kind.one_at, body)
        if "/resourcegroups/" in same_id(parent_id(whole)) and not self._is_there(parent_id(whole)):
            raise RefusedError(f"{whole}: there is no {parent_id(whole)}")
        peerings = (body.get("properties") or {}).pop(_PEERINGS, [])
        self._drop_left_out(key, {same_id(item["id"]) for item in peerings})
        whole_kind = kind.part_of or kind.name
        stamped = {"id": whole, "name": whole.rsplit("/", 1)[-1], **body, **self._stamp()}
        self.found[key] = Found(whole_kind, whole, self._assigned(whole_kind, stamped))

    def _assigned(self, kind: str, body: dict[str, Any]) -> dict[str, Any]:
        """Return the body with what Azure assigns: an address, a member's region."""
        if kind == "static-member":
            network = self.found.get(same_id(body["properties"]["resourceId"]))
            body["properties"]["region"] = network.body["location"] if network else None
        if kind == "firewall":
            inner = body["properties"]["ipConfigurations"][0]["properties"]
            high, low = divmod(crc32(body["location"].encode()) % 65536, 256)
            inner["privateIPAddress"] = f"198.18.{high}.{low}"  # another in each region
            if self.moves_firewalls:
                self._moved += 1
                inner["privateIPAddress"] = f"198.19.{self._moved}.{low}"
        return body

    def _stamp(self) -> dict[str, Any]:
        return {"systemData": {"lastModifiedAt": f"2026-01-01T00:{self.time:05}Z"}}

    def _refuse_unknown(self, whole: str, body: Mapping[str, Any]) -> None:
        for named in references(without_read_only(body, KIND_BY_NAME["virtual-network"])):
            if "/providers/" in same_id(named) and not self._is_there(named):
                raise RefusedError(f"{whole}: there is no {named}")

    def _refuse_unlike(
        self, whole: str, follows: Mapping[str, tuple[str, ...]], body: Mapping[str, Any]
    ) -> None:
        for ids, paths in follows.items():
            named = self.found.get(same_id(str(at(body, ids) or "")))
            for path in paths if named else ():
                if named and at(body, path) != at(named.body, path):
                    raise RefusedError(f"{whole}: {path} is not that of {named.id}")

    def _refuse_second(
        self, whole: str, kind: str, paths: Iterable[str], body: Mapping[str, Any]
    ) -> None:
        for other in self.found.values():
            for path in paths if other.kind == kind and same_id(other.id) != same_id(whole) else ():
                if at(body, path) == at(other.body, path):
                    raise RefusedError(f"{whole}: {other.id} has {at(body, path)}")

    def _is_there(self, named: str) -> bool:
        """Say whether a resource is there, or the network whose subnet it is."""
        key = same_id(named).split("/subnets/")[0]
        ours = "/rg-sample", "/rg-nnn", "/policydefinitions/"
        return key in self.found or not any(part in key for part in ours)

    def _drop_left_out(self, key: str, kept: set[str]) -> None:
        below = f"{key}/{_PEERINGS}/".lower()
        for other in [name for name in self.found if name.startswith(below)]:
            if other not in kept:
                del self.found[other]

    def _delete(self, resource_id: str) -> None:
        key = same_id(resource_id)
        gone = {name for name in self.found if name == key or name.startswith(f"{key}/")}
        for name, item in self.found.items():
            if name not in gone and (used := self._used(item, gone)):
                raise RefusedError(f"{used} is in use by {item.id}")
        for manager, states in self.goal_states.items():
            for state in states.values():
                held = gone & {same_id(name) for name in state.configuration_ids}
                if held and manager not in gone:
                    raise RefusedError(f"{held.pop()} is deployed in {state.region}")
        self.spent |= {name for name in gone if KIND_BY_NAME[self.found[name].kind].fills_groups}
        self.deleted |= gone
        for name in gone:
            del self.found[name]
            self.goal_states.pop(name, None)

    def _used(self, item: Found, gone: set[str]) -> str | None:
        """Return what a resource refers to among those that go, or under them."""
        key = same_id(item.id)
        if key not in self._named or self._named[key][0] is not item:
            body = without_read_only(item.body, KIND_BY_NAME[item.kind])
            self._named[key] = (item, [same_id(name) for name in references(body)])
        return next((name for name in self._named[key][1] if _above(name) & gone), None)

    def _commit(self, step: Commit) -> None:
        body, manager = step.resource.body, same_id(step.resource.id.rsplit("/commits/", 1)[0])
        for name in (manager, *body["configurationIds"]):
            if not self._is_there(name):
                raise RefusedError(f"there is no {name} to commit")
        key = (body["commitType"], body["targetLocations"][0])
        states = self.goal_states.setdefault(manager, {})
        states.pop(key, None)
        if body["configurationIds"]:
            states[key] = GoalState(
                region=key[1],
                commit_type=key[0],
                configuration_ids=tuple(body["configurationIds"]),
                commit_time=f"2026-01-01T00:{self.time:05}Z",
            )

    def _shown(self, item: Found) -> Found:
        if item.kind != "virtual-network":
            return item
        body = deepcopy(dict(item.body))
        body.setdefault("properties", {})[_PEERINGS] = list(self._peerings(item))
        return Found(item.kind, item.id, body)

    def _peerings(self, network: Found) -> Iterator[dict[str, Any]]:
        below = same_id(f"{network.id}/{_PEERINGS}/")
        for key, item in self.found.items():
            if key.startswith(below):
                name = item.id.rsplit("/", 1)[-1]
                yield {**deepcopy(dict(item.body)), "id": item.id, "name": name}


def _above(key: str) -> set[str]:
    """Return an id and the ids that it stands under."""
    parts = key.split("/")
    return {"/".join(parts[:number]) for number in range(2, len(parts) + 1)}


def _in_order(value: Any) -> Any:
    """Return a value whose lists are sorted: Azure keeps them in any order."""
    if isinstance(value, Mapping):
        return {key: _in_order(item) for key, item in value.items()}
    return sorted(map(_in_order, value), key=repr) if isinstance(value, list) else value
