"""What Azure is still doing when a run begins: that of a run before, which was cut."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from azure_api.client import Azure
from azure_api.read import read_actual
from azure_api.waiting import LONGEST, pause
from topology.kind import Kind, at
from topology.planning.actual import Actual, Found, GoalState
from topology.planning.removal import owned

# What a provisioning state reads while an operation runs (facts.md section 1).
CHANGING = frozenset({"Updating", "Creating", "Deleting", "InProgress"})

# Between two looks, as the SDK's own polls; in Azure's seconds.
_LOOK_AGAIN = 30.0


async def read_settled(
    azure: Azure,
    kinds: Iterable[Kind],
    topology_name: str,
    wanted_ids: Iterable[str] = (),
) -> Actual:
    """Read as `read_actual` does, when nothing of ours is changing any more.

    An operation outlives the process that began it. A plan from what stands in its midst
    would count on a firewall that has no address yet, or on a network that is on its way
    out. What has not ended after the longest time is returned as it is: writes then meet
    Azure's own refusals.
    """
    kinds, wanted_ids, waited = tuple(kinds), tuple(wanted_ids), 0.0
    while True:
        actual = await read_actual(azure, kinds, topology_name, wanted_ids)
        if waited >= LONGEST or not is_changing(actual, topology_name):
            return actual
        await pause(_LOOK_AGAIN, azure.settings)
        waited += _LOOK_AGAIN


def is_changing(actual: Actual, topology: str) -> bool:
    """Say whether anything of ours is under way: an operation, or a deployment of ours by AVNM."""
    return any(_in_flight(actual, topology)) or any(_deploying(actual, topology))


def _in_flight(actual: Actual, topology: str) -> Iterator[Found]:
    for found in actual.resources.values():
        state = at(found.body, "properties.provisioningState")
        if state in CHANGING and owned(found, actual, topology):
            yield found


def _deploying(actual: Actual, topology: str) -> Iterator[GoalState]:
    for manager, states in actual.goal_states.items():
        found = actual.get(manager)
        if found is not None and owned(found, actual, topology):
            yield from (state for state in states if state.status == "Deploying")
