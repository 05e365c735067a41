"""What Azure holds beside what was wanted, or stood before: by a reader that knows no planner.

It looks at what `tests.life.cutting.holdings` got by plain HTTP, field by field, and at what
holds for each network. Differences are told as `<id>: <what>`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.life.foreign import THEIRS
from topology.kind import at, late_in, same_id
from topology.network import Network
from topology.planning.places import GLOBAL
from topology.planning.plan import Delete, Step

Holdings = Mapping[str, Any]
_ABSENT = object()


@dataclass(frozen=True)
class Difference:
    """Something that is otherwise than it should be, and the id (lower case) that it is of."""

    id: str
    what: str

    def __str__(self) -> str:
        """Say it in a line."""
        return f"{self.id.rsplit('/providers/', 1)[-1]}: {self.what}"


@dataclass(frozen=True)
class Reader:
    """What Azure held at one moment, and questions about it."""

    held: Holdings
    network: Network

    def body(self, resource_id: str) -> Any:
        """Return what stands at an id, None where nothing does."""
        found = self.held.get(same_id(resource_id).split("#")[0])
        return found[0] if found else None

    def goal(self, region: str, commit_type: str) -> tuple[set[str], str]:
        """Return what is deployed in a region, and how that stands; nothing is Deployed."""
        states = self.held.get(f"{same_id(self.network.names.manager_id)}#states")
        for state in states[0]["value"] if states else ():
            if (state["region"], state["deploymentType"]) == (region, commit_type):
                ids = {same_id(name) for name in state["configurationIds"]}
                return ids, state["deploymentStatus"]
        return set(), "Deployed"

    def networks(self, region: str) -> list[dict[str, Any]]:
        """Return what holds for the networks of ours in a region."""
        prefix = f"{same_id(self.network.names.group_id(region))}/"
        networks = self.held["effective"][0]["networks"]
        return [item for item in networks if same_id(item["id"]).startswith(prefix)]

    # -- as planned ----------------------------------------------------------------------

    def not_as_planned(
        self, steps: Collection[Step], known: Iterable[Step], shaken: Collection[str]
    ) -> Iterator[Difference]:
        """Yield what these steps should have brought about and is otherwise.

        Items of lists that no `known` step wants should not be there. Values of the `shaken`
        regions, which may be there or not, are not insisted upon.
        """
        names = _names_of_all(known)
        for step in steps:
            key = same_id(step.resource.id)
            if "commitType" in step.resource.body:
                yield from self._not_committed(step)
            elif isinstance(step, Delete):
                if "#" not in key and self.body(key) is not None:
                    yield Difference(key, "still there")
            else:
                for what in self._unlike(step, names, shaken):
                    yield Difference(key, what)

    def _unlike(
        self, step: Step, names: Mapping[str, set[str]], shaken: Collection[str]
    ) -> Iterator[str]:
        found = self.body(step.resource.id)
        if found is None:
            yield "absent"
            return
        state = at(found, "properties.provisioningState")
        if state not in {None, "Succeeded"}:
            yield f"reads {state}"
        known = names[same_id(step.resource.id).split("#")[0]]
        yield from self._compare(step.resource.body, found, "", known, shaken)

    def _compare(
        self, wanted: Any, found: Any, path: str, known: set[str], shaken: Collection[str]
    ) -> Iterator[str]:
        if isinstance(wanted, Mapping):
            for key, value in wanted.items():
                there = found.get(key) if isinstance(found, Mapping) else None
                yield from self._compare(value, there, f"{path}.{key}", known, shaken)
        elif isinstance(wanted, list) and _are_bodies([*wanted, *(found or [])]):
            yield from self._compare_items(wanted, found or [], path, known, shaken)
        elif isinstance(wanted, list):
            values = [self._late(item) for item in wanted]
            if {_text(item) for item in values} != {_text(item) for item in found or []}:
                yield f"{path} is {found}, not {values}"
        elif wanted not in (None, {}) and _text(self._late(wanted)) != _text(found):
            yield f"{path} is {found!r}, not {self._late(wanted)!r}"

    def _compare_items(
        self, wanted: list[Any], found: list[Any], path: str, known: set[str], shaken: Any
    ) -> Iterator[str]:
        if not all("name" in item for item in wanted):
            for item, there in zip(_sorted(wanted), _sorted(found), strict=False):
                yield from self._compare(item, there, path, known, shaken)
            if len(wanted) != len(found):
                yield f"{path} has {len(found)} items, not {len(wanted)}"
            return
        by_name = {item["name"].lower(): item for item in found}
        for item in wanted:
            there = by_name.get(item["name"].lower())
            leads = f"{path}.{item['name']}"
            late = [value for value in _strings(item) if late_in(value)]
            if any(self._late(value) is _ABSENT for value in late):
                if there is not None:
                    yield f"{leads} leads to what is gone"
            elif not any(region in value for value in late for region in shaken):
                yield from self._compare(item, there, leads, known, shaken)
        for name in by_name.keys() - known - {THEIRS}:
            yield f"{path}.{name} is there, and not wanted"

    def _late(self, value: Any) -> Any:
        """Return the value that a late one stands for, _ABSENT where it is not to be had."""
        late = late_in(value)
        if late is None:
            return value
        body = self.body(late.resource_id)
        return _ABSENT if body is None else at(body, late.path)

    def _not_committed(self, step: Step) -> Iterator[Difference]:
        key, body = same_id(step.resource.id), step.resource.body
        commit_type, region = body["commitType"], body["targetLocations"][0]
        wanted = {same_id(name) for name in body["configurationIds"]}
        ids, state = self.goal(region, commit_type)
        if (ids, state) != (wanted, "Deployed"):
            yield Difference(key, f"{state}: {sorted(ids)}, not {sorted(wanted)}")
        elif wanted:
            effects = {"Connectivity": self._mesh, "SecurityAdmin": self._rules}
            for what in effects.get(commit_type, self._routes)(region, wanted):
                yield Difference(key, what)

    # -- effective -----------------------------------------------------------------------

    def _mesh(self, region: str, _configurations: set[str]) -> Iterator[str]:
        """Yield the hubs that a region's hub should see over the mesh and does not."""
        names = self.network.names
        joined = {
            same_id(names.vnet_id(hub.region, "hub"))
            for hub in self.network.hubs
            if self._is_member(hub.region) and self._is_in_mesh(hub.region)
        }
        mine = same_id(names.vnet_id(region, "hub"))
        for network in self.networks(region):
            if same_id(network["id"]) == mine:
                seen = {same_id(item["id"]) for item in network["connectedGroup"]}
                if missing := joined - {mine} - seen:
                    yield f"its hub does not see {sorted(missing)}"

    def _is_in_mesh(self, region: str) -> bool:
        ids, state = self.goal(region, "Connectivity")
        return bool(ids) and state == "Deployed"

    def _is_member(self, region: str) -> bool:
        group = self.network.names.network_group_id("hubs")
        vnet = same_id(self.network.names.vnet_id(region, "hub"))
        return any(
            key.startswith(f"{same_id(group)}/staticmembers/")
            and same_id(bodies[0]["properties"]["resourceId"]) == vnet
            for key, bodies in self.held.items()
        )

    def _rules(self, region: str, configurations: set[str]) -> Iterator[str]:
        """Yield the spokes on which security admin rules do not hold."""
        for network in self.networks(region):
            have = {same_id(rule["configurationId"]) for rule in network["adminRules"]}
            is_spoke = "-hub-" not in network["id"]
            if is_spoke and not configurations & have:
                yield f"no rule holds for {network['id']}"

    def _routes(self, region: str, _configurations: set[str]) -> Iterator[str]:
        """Yield the workload subnets whose default route does not lead to the firewall."""
        hop = self._address(region)
        for network in self.networks(region):
            for subnet in network["subnets"]:
                ours = subnet["name"].startswith("snet-")
                leads = {
                    route["nextHopIpAddress"]
                    for route in subnet["routes"]
                    if route["addressPrefix"] == "0.0.0.0/0" and route["state"] == "Active"
                }
                if ours and leads != {hop}:
                    yield f"{subnet['name']} goes out by {leads}, not {hop}"

    def _address(self, region: str) -> str | None:
        """Return the address of a region's firewall."""
        firewall = self.body(self.network.names.firewall_id(region)) or {}
        found = at(firewall, "properties.ipConfigurations.0.properties.privateIPAddress")
        return None if found is None else str(found)

    # -- as before -----------------------------------------------------------------------

    def not_as_before(
        self, before: Reader, region: str, steps: Collection[Step], *, whole: bool
    ) -> Iterator[Difference]:
        """Yield what a region has otherwise than before: bodies, goal states, what holds.

        Where it is not taken back as a whole, what only follows from something that is left
        is not looked at: Azure names the users of a thing in its body.
        """
        for key in sorted(_keys_of(region, steps, self, before)):
            then, now = before.held.get(key), self.held.get(key)
            if not whole:
                then, now = _by_itself(then), _by_itself(now)
            if then != now:
                yield Difference(key, _otherwise(then, now))
        for commit_type in ("Connectivity", "SecurityAdmin", "Routing"):
            then, now = before.goal(region, commit_type), self.goal(region, commit_type)
            if then != now:
                name = f"{self.network.names.manager_id}/commits/{commit_type}-{region}"
                yield Difference(same_id(name), f"{now}, not {then}")
        if not whole:
            return
        yield from self._not_led_to(before, region)
        then_all, now_all = (_without_others(item.networks(region)) for item in (before, self))
        for then_one, now_one in zip(then_all, now_all, strict=False):
            if then_one != now_one:
                yield Difference(same_id(then_one["id"]), _otherwise(then_one, now_one))

    def _not_led_to(self, before: Reader, region: str) -> Iterator[Difference]:
        """Yield the tables of any region that led to this one's firewall, and do no more."""
        was, now = before._address(region), self._address(region)
        if was and now:
            for key, prefix in sorted(_leads(before, was) - _leads(self, now)):
                if self.held.get(key):
                    yield Difference(key, f"no longer leads to {region} for {prefix}")


def _leads(reader: Reader, address: str) -> set[tuple[str, str]]:
    """Return the tables whose routes lead to an address, each with the prefix of one."""
    return {
        (key, route["properties"]["addressPrefix"])
        for key, bodies in reader.held.items()
        if "/routetables/" in key and "/routes/" not in key and isinstance(bodies[0], Mapping)
        for route in at(bodies[0], "properties.routes") or ()
        if route["properties"].get("nextHopIpAddress") == address
    }


def _keys_of(region: str, steps: Collection[Step], *readers: Reader) -> set[str]:
    """Return the ids that are of a region: those of its steps, and all in its group."""
    group = same_id(readers[0].network.names.group_id(region))
    own = {
        same_id(step.resource.id).split("#")[0]
        for step in steps
        if (step.resource.region or GLOBAL) == region
    }
    held = {key for reader in readers for key in reader.held}
    return {key for key in held if key in own or f"{key}/".startswith(f"{group}/")}


def _without_others(networks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return networks without what leads to other regions: those have their own fate."""
    return [
        {
            **network,
            "connectedGroup": None,
            "subnets": [
                {
                    **subnet,
                    "routes": [
                        {**route, "nextHopIsReachable": None}
                        for route in subnet["routes"]
                        if route["nextHopType"] not in {"ConnectedGroup", "GlobalVNetPeering"}
                    ],
                }
                for subnet in network["subnets"]
            ],
        }
        for network in networks
    ]


_USERS = {"ipConfiguration", "ipConfigurations", "virtualNetworkPeerings"}


def _by_itself(value: Any) -> Any:
    """Return a body without the users that Azure names in it, and without AVNM's route tables.

    Those follow from a commit: where that is left, so are they.
    """
    if isinstance(value, Mapping):
        return {
            key: _by_itself(item)
            for key, item in value.items()
            if key not in _USERS
            and not (key == "subnets" and _are_ids(item))
            and not (key == "routeTable" and "/avnm_managed_" in str(item).lower())
        }
    return [_by_itself(item) for item in value] if isinstance(value, list) else value


def _are_ids(items: Any) -> bool:
    return isinstance(items, list) and all(set(item) == {"id"} for item in items)


def _names_of_all(steps: Iterable[Step]) -> dict[str, set[str]]:
    """Return the names of all list items that steps want, by id: parts share one."""
    names: dict[str, set[str]] = {}
    for step in steps:
        found = names.setdefault(same_id(step.resource.id).split("#")[0], set())
        found |= {name.lower() for name in _item_names(step.resource.body)}
    return names


def _item_names(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for item in value.values():
            yield from _item_names(item)
    elif isinstance(value, list):
        for item in value:
            if isinstance(item, Mapping) and "name" in item:
                yield item["name"]
            yield from _item_names(item)


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for item in value.values():
            yield from _strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)
    elif isinstance(value, str):
        yield value


def _otherwise(then: Any, now: Any, path: str = "") -> str:
    """Say where two values first differ."""
    if isinstance(then, Mapping) and isinstance(now, Mapping):
        for key in {**then, **now}:
            if then.get(key) != now.get(key):
                return _otherwise(then.get(key), now.get(key), f"{path}.{key}")
    if isinstance(then, list) and isinstance(now, list) and len(then) == len(now):
        for number, (one, other) in enumerate(zip(then, now, strict=True)):
            if one != other:
                return _otherwise(one, other, f"{path}[{number}]")
    return f"{path} was {then!r}, is {now!r}"[:300]


def _are_bodies(items: list[Any]) -> bool:
    return any(isinstance(item, Mapping) for item in items)


def _sorted(items: list[Any]) -> list[Any]:
    return sorted(items, key=lambda item: sorted(_text(value) for value in _strings(item)))


def _text(value: Any) -> str:
    return str(value).lower()


__all__ = ["Difference", "Holdings", "Reader"]
