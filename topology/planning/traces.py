"""What is deleted from a configuration that stays deployed leaves a trace before it goes.

A region needs a commit when something that it deploys was written after the last one
(`commits`), and what is gone has no time that could be compared. So what it stood in is written
once more, as it is: a run that is cut between the deletion and the commit is seen by the next.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from topology.graph import Edge
from topology.kind import at, parent_id, same_id
from topology.planning.actual import Actual
from topology.planning.plan import AS_WANTED, Change, Delete, FieldChange, Nothing, Step

# Assumption: a PUT that changes nothing sets it too. Those recorded have changed something
# (network_manager_admin_rule_collection_crud), and it was new each time.
_PATH = "systemData.lastModifiedAt"


def traces(steps: Mapping[str, Step], actual: Actual) -> Iterator[tuple[Change, tuple[Edge, ...]]]:
    """Yield what is written once more, and what goes after it."""
    going: dict[str, list[Delete]] = {}
    for step in steps.values():
        if isinstance(step, Delete) and any(_stays_deployed(step, steps, actual)):
            going.setdefault(same_id(parent_id(step.resource.id)), []).append(step)
    for key, those in going.items():
        stays, found = steps.get(key), actual.get(key)
        if isinstance(stays, Nothing) and not stays.held and found is not None:
            names = ", ".join(step.resource.name for step in those)
            field = FieldChange(_PATH, at(found.body, _PATH), f"before {names} goes")
            edges = (Edge(step.resource.id, stays.resource.id) for step in those)
            yield Change(stays.resource, (field,)), tuple(edges)


def untraced(step: Step) -> Step:
    """Return a step as it is for whoever only compares: a trace is no difference."""
    if isinstance(step, Change) and [field.path for field in step.fields] == [_PATH]:
        return Nothing(step.resource, AS_WANTED)
    return step


def _stays_deployed(removal: Delete, steps: Mapping[str, Step], actual: Actual) -> Iterator[bool]:
    """Yield whether a region that deploys what this stands in goes on to do so, by region."""
    inside, region = same_id(removal.resource.id), removal.resource.region
    for step in steps.values():
        goal = step.resource
        if "commitType" in goal.body and region in {None, goal.region}:
            manager = goal.id.rsplit("/commits/", 1)[0]
            state = actual.goal_state(manager, goal.body["commitType"], str(goal.region))
            before = map(same_id, state.configuration_ids if state else ())
            after = {same_id(name) for name in goal.body["configurationIds"]}
            yield any(name in after and inside.startswith(f"{name}/") for name in before)
