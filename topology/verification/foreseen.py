"""What Azure will hold after steps of a plan: the state that a proof is made over beforehand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import replace
from typing import Any

from topology.kind import at, parent_id, put_at, same_id
from topology.planning import late
from topology.planning.actual import Actual, Found, GoalState
from topology.planning.diff import lay_over
from topology.planning.membership import expected_members
from topology.planning.plan import Change, Commit, Create, Delete, Replace, Step
from topology.resources import KIND_BY_NAME
from topology.verification.avnm import peered_pairs, without_made_routes
from topology.verification.deployed import is_part
from topology.verification.taken_away import taken_away

_ASSIGNED = "properties.ipConfigurations.0.properties.privateIPAddress"


def foresee(actual: Actual, steps: Iterable[Step], topology: str) -> Actual:
    """Return what Azure will hold when these steps have ended well, in their order.

    What AVNM does by itself, such as its route tables, is not in it: `Effects` works it out
    from the goal states; its peerings are. Late values that Azure has yet to assign stay late: what
    is assumed of those `Fabric` says. Networks of others are in the groups into which rules will
    put them. Peerings that AVNM would take away again are not there.
    """
    actual, steps = without_made_routes(actual), tuple(steps)
    state = _State(actual, topology)
    for step in steps:
        state.do(step)
    after = replace(actual, resources=state.found, goal_states=state.goal_states)
    after = replace(after, members=_members(actual, after))
    taken = {same_id(name) for name in taken_away(after, steps)}
    if taken:
        kept = {key: item for key, item in after.resources.items() if key not in taken}
        after = replace(after, resources=kept)
    return _peered_by_avnm(actual, after)


def _members(before: Actual, after: Actual) -> Mapping[str, frozenset[str]]:
    """Return who is in which group where rules put networks there; else as it was."""
    rules = [item.body for item in after.resources.values() if _fills(item)]
    if not rules and not any(_fills(item) for item in before.resources.values()):
        return before.members
    return expected_members(rules, after)


def _fills(item: Found) -> bool:
    return item.kind in KIND_BY_NAME and KIND_BY_NAME[item.kind].fills_groups


def _peered_by_avnm(before: Actual, after: Actual) -> Actual:
    """Return the state after with the peerings that AVNM makes, without those it takes away.

    Theirs have names of AVNM's own; here they are told apart by their ends. Whether they let
    forwarded traffic in stands in none of them: it is assumed (`avnm_peerings_forward`).
    """
    was, will = peered_pairs(before), peered_pairs(after)
    if not (was or will):
        return after
    kept = {
        key: item
        for key, item in after.surrounded.resources.items()
        if _ends(key, item) not in was - will
    }
    there = {_ends(key, item) for key, item in kept.items()}
    made = [_peering(*pair) for pair in sorted(will) if pair not in there]
    resources = {key: item for key, item in after.resources.items() if key in kept}
    around = {key: item for key, item in after.around.items() if key in kept}
    return replace(
        after, resources=resources, around={**around, **{same_id(i.id): i for i in made}}
    )


def _ends(key: str, item: Found) -> tuple[str, str] | None:
    if "/virtualnetworkpeerings/" not in key:
        return None
    remote = str(at(item.body, "properties.remoteVirtualNetwork.id"))
    return key.partition("/virtualnetworkpeerings/")[0], same_id(remote)


def _peering(network: str, remote: str) -> Found:
    name = f"{network}/virtualNetworkPeerings/ANM_{remote.rsplit('/', 1)[-1]}"
    properties = {"remoteVirtualNetwork": {"id": remote}}
    return Found("peering", name, {"id": name, "name": name, "properties": properties})


def _keep_address(body: dict[str, Any], there: Found | None) -> None:
    """Leave a firewall the address that it has: no body that is written names one."""
    if there is not None and (given := at(there.body, _ASSIGNED)):
        configurations = deepcopy(body["properties"]["ipConfigurations"])
        put_at(configurations[0], "properties.privateIPAddress", given)
        body["properties"] = {**body["properties"], "ipConfigurations": configurations}


class _State:
    def __init__(self, actual: Actual, topology: str) -> None:
        self.topology = topology
        self.found = dict(actual.resources)
        self.waiting = [  # sides of peerings without the other one
            key
            for key, item in self.found.items()
            if "/virtualnetworkpeerings/" in key
            and at(item.body, "properties.peeringState") == "Initiated"
        ]
        self.goal_states = {key: tuple(states) for key, states in actual.goal_states.items()}

    def do(self, step: Step) -> None:
        match step:
            case Create() | Change():
                self._put(step)
            case Replace():
                if "#" not in step.resource.id:
                    self._delete(step.resource.id)
                self._put(step)
            case Delete():
                self._delete(step.resource.id)
            case Commit():
                self._commit(step)
            case _:
                pass

    def _put(self, step: Create | Change | Replace) -> None:
        resource, whole = step.resource, step.resource.id.split("#")[0]
        self._keep_what_is_deployed(same_id(whole))
        kind = KIND_BY_NAME[resource.kind]
        there = self.found.get(same_id(whole))
        wanted = late.fill(resource.body, late.known(Actual(self.found)))
        body = lay_over(there.body if there else None, wanted, kind, self.topology)
        body = {"id": whole, "name": whole.rpartition("/")[2], **body}
        if at(body, "properties.provisioningState") is not None:  # whatever a cut run has left
            body["properties"] = {**body["properties"], "provisioningState": "Succeeded"}
        _keep_address(body, there)
        self._connect(whole, at(body, kind.other_side) if kind.other_side else None)
        self.found[same_id(whole)] = Found(kind.part_of or kind.name, whole, body)

    def _connect(self, side: str, remote: object) -> None:
        """Connect the other side of a peering, which waited for this one (facts.md section 7)."""
        mine = same_id(parent_id(side))
        for key in self.waiting if isinstance(remote, str) else ():
            item = self.found.get(key)
            if item is not None and _ends(key, item) == (same_id(str(remote)), mine):
                properties = {**item.body["properties"], "peeringState": "Connected"}
                self.found[key] = replace(item, body={**item.body, "properties": properties})

    def _delete(self, resource_id: str) -> None:
        key = same_id(resource_id.partition("#")[0])
        self._keep_what_is_deployed(key)
        for name in [name for name in self.found if name == key or name.startswith(f"{key}/")]:
            del self.found[name]
            self.goal_states.pop(name, None)

    def _keep_what_is_deployed(self, key: str) -> None:
        """Keep the content of a configuration that is edited where it is deployed.

        It holds there until a commit (facts.md section 2).
        """
        kept: dict[tuple[str, ...], dict[str, Found]] = {}
        for manager, states in self.goal_states.items():
            if key.startswith(f"{manager}/"):
                self.goal_states[manager] = tuple(self._kept(item, key, kept) for item in states)

    def _kept(
        self, state: GoalState, key: str, kept: dict[tuple[str, ...], dict[str, Found]]
    ) -> GoalState:
        ids = state.configuration_ids
        if state.content is not None or not is_part(key, ids):
            return state
        if ids not in kept:  # many regions have the same
            kept[ids] = {name: item for name, item in self.found.items() if is_part(name, ids)}
        return replace(state, content=kept[ids])

    def _commit(self, step: Commit) -> None:
        body, manager = step.resource.body, same_id(step.resource.id.partition("/commits/")[0])
        state = GoalState(
            region=body["targetLocations"][0],
            commit_type=body["commitType"],
            configuration_ids=tuple(body["configurationIds"]),
        )
        same = (state.region, state.commit_type)
        others = (
            item
            for item in self.goal_states.get(manager, ())
            if (item.region, item.commit_type) != same
        )
        kept = (*others, state) if state.configuration_ids else tuple(others)
        self.goal_states[manager] = kept
