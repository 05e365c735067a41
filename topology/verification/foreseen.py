"""What Azure will hold after steps of a plan: the state that a proof is made over beforehand."""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy
from dataclasses import replace
from typing import Any

from topology.kind import at, put_at, same_id
from topology.planning import late
from topology.planning.actual import Actual, Found, GoalState
from topology.planning.diff import lay_over
from topology.planning.plan import Change, Commit, Create, Delete, Replace, Step
from topology.resources import KIND_BY_NAME
from topology.verification.addresses import address, block

# The fifth address of its subnet is what a firewall was always seen to get. Observed, not
# promised (facts.md section 0.7): after the rollout the proof runs on what Azure assigned.
_FIREWALLS_ADDRESS = 4
_ASSIGNED = "properties.ipConfigurations.0.properties.privateIPAddress"


def foresee(actual: Actual, steps: Iterable[Step], topology: str) -> Actual:
    """Return what Azure will hold when these steps have ended well, in their order.

    What AVNM does by itself, such as its route tables, is not in it: `Effects` works it out
    from the goal states. Late values are those that Azure has, or will likely assign.
    """
    state = _State(actual, topology)
    for step in steps:
        state.do(step)
    return replace(actual, resources=state.found, goal_states=state.goal_states)


class _State:
    def __init__(self, actual: Actual, topology: str) -> None:
        self.topology = topology
        self.found = dict(actual.resources)
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
        kind = KIND_BY_NAME[resource.kind]
        there = self.found.get(same_id(whole))
        wanted = late.fill(resource.body, late.known(Actual(self.found)))
        body = lay_over(there.body if there else None, wanted, kind, self.topology)
        body = {"id": whole, "name": whole.rpartition("/")[2], **body}
        self._assign(body, there)
        self.found[same_id(whole)] = Found(kind.part_of or kind.name, whole, body)

    def _assign(self, body: dict[str, Any], there: Found | None) -> None:
        """Give a firewall the address that it has, or will likely get."""
        subnet = at(body, "properties.ipConfigurations.0.properties.subnet.id")
        if not isinstance(subnet, str) or "/azurefirewallsubnet" not in subnet.lower():
            return
        given = at(there.body, _ASSIGNED) if there else None
        configurations = deepcopy(body["properties"]["ipConfigurations"])
        found = given or self._fifth_of(subnet)
        if found:
            put_at(configurations[0], "properties.privateIPAddress", found)
        body["properties"] = {**body["properties"], "ipConfigurations": configurations}

    def _fifth_of(self, subnet: str) -> str | None:
        network, _, name = subnet.partition("/subnets/")
        there = self.found.get(same_id(network))
        for item in at(there.body, "properties.subnets") or () if there else ():
            prefix = block(str(at(item, "properties.addressPrefix") or ""))
            if str(item.get("name")).lower() == name.lower() and prefix is not None:
                return address(prefix.start + _FIREWALLS_ADDRESS)
        return None

    def _delete(self, resource_id: str) -> None:
        key = same_id(resource_id.partition("#")[0])
        for name in [name for name in self.found if name == key or name.startswith(f"{key}/")]:
            del self.found[name]
            self.goal_states.pop(name, None)

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
