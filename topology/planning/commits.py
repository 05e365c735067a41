"""Which commits a plan needs: AVNM does nothing until it is told, and forgets nothing.

A commit is the whole goal state of one region and type: what it leaves out is undone,
other teams' configurations included (facts.md section 0.2).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from topology.graph import Graph
from topology.isolation import has_admin_rules
from topology.kind import Listing, Resource, Stage, same_id
from topology.naming import generation_in
from topology.network import Network
from topology.ownership import is_ours
from topology.planning.actual import Actual, Found, GoalState
from topology.planning.generations import next_content
from topology.planning.plan import Change, Commit, Create, Delete, Nothing, Replace, Step
from topology.resources import KIND_BY_NAME

Steps = Mapping[str, Step]
_SECONDS = len("2026-01-01T00:00:00")  # Azure's times compare as text, to the second


# Azure takes one configuration of this type a region and manager (facts.md section 0.4), so
# what others have deployed cannot be carried along.
ONE_A_REGION = "SecurityAdmin"


def plan_commits(graph: Graph, steps: Steps, actual: Actual, topology: str) -> dict[str, Step]:
    """Return a commit, or the reason for none, for each goal state wanted or left over."""
    wanted = [item for item in graph if _is_commit(item)]
    ours = {key: found for key, found in actual.resources.items() if _ours(found, topology)}
    own = Actual(ours, actual.goal_states)
    planned = [_commit(item, steps, actual, own) for item in wanted]
    planned += _undone(graph, actual, topology)
    return {same_id(step.resource.id): step for step in planned}


def _is_commit(resource: Resource) -> bool:
    return KIND_BY_NAME[resource.kind].listing is Listing.DEPLOYMENT_STATUS


def _commit(wanted: Resource, steps: Steps, actual: Actual, own: Actual) -> Step:
    commit_type, (region,) = wanted.body["commitType"], wanted.body["targetLocations"]
    state = actual.goal_state(_manager(wanted), commit_type, region)
    ours = wanted.body["configurationIds"]
    before = state.configuration_ids if state else ()
    foreign = [name for name in before if actual.get(name) and not own.get(name)]
    body = {**wanted.body, "configurationIds": sorted({*ours, *foreign}, key=same_id)}
    resource = replace(wanted, body=body)
    if foreign and commit_type == ONE_A_REGION:
        return Nothing(resource, f"{_names(foreign)} of others is deployed here", "by others")
    reason = _reason(resource, state, steps, own)
    if reason is None:
        return Nothing(resource, "deployed, and nothing it deploys has changed since")
    fields = tuple(next_content(wanted, before, steps, actual))
    return Commit(resource, before, reason, fields, tuple(foreign))


def rules_of_others(network: Network, actual: Actual) -> dict[str, str]:
    """Return the foreign security admin configuration of each region that wants ours, by region."""
    manager, topology = network.names.manager_id, network.topology.topology
    found = {}
    for hub in network.hubs:
        state = actual.goal_state(manager, ONE_A_REGION, hub.region)
        deployed = state.configuration_ids if state else ()
        theirs = [name for name in deployed if not _is_ours(name, actual, topology)]
        if theirs and has_admin_rules(network, hub):
            found[hub.region] = _names(theirs)
    return found


def _names(ids: Iterable[str]) -> str:
    return ", ".join(name.rsplit("/", 1)[-1] for name in ids)


def _reason(wanted: Resource, state: GoalState | None, steps: Steps, actual: Actual) -> str | None:
    """Return why a commit is needed, or None."""
    ids = {same_id(name) for name in wanted.body["configurationIds"]}
    if state is None or not state.configuration_ids:
        return "nothing was committed here yet"
    if {same_id(name) for name in state.configuration_ids} != ids:
        return _other(state, ids)
    if state.status != "Deployed":
        return f"the last deployment reads {state.status}"
    if step := next(_changed(wanted.region, ids, steps), None):
        return f"{step.resource.kind} {step.resource.name} changes"
    if name := next(_edited_since(wanted.region, ids, state, steps, actual), None):
        return f"{name} was edited after the last commit"
    return None


def _other(state: GoalState, ids: set[str]) -> str:
    before = {found[0] for name in state.configuration_ids if (found := generation_in(name))}
    after = {found[0] for name in ids if (found := generation_in(name))}
    return "the next generation" if before & after else "the goal state holds other configurations"


def _changed(region: str | None, ids: set[str], steps: Steps) -> Iterator[Step]:
    """Yield what this plan writes into the configurations, for this region or for all."""
    for key, step in steps.items():
        mine = step.resource.region in {None, region}
        if mine and isinstance(step, Create | Change | Replace | Delete) and _under(key, ids):
            yield step


def _edited_since(
    region: str | None, ids: set[str], state: GoalState, steps: Steps, actual: Actual
) -> Iterator[str]:
    """Yield what of ours was edited and never committed, as after a run that was cut."""
    for key, found in actual.resources.items():
        step = steps.get(key)
        mine = step is None or step.resource.region in {None, region}
        edited = str((found.body.get("systemData") or {}).get("lastModifiedAt", ""))
        if mine and _under(key, ids) and edited[:_SECONDS] > state.commit_time[:_SECONDS]:
            yield found.id.rsplit("/", 1)[-1]


def _under(key: str, ids: set[str]) -> bool:
    return any(key == name or key.startswith(f"{name}/") for name in ids)


def _undone(graph: Graph, actual: Actual, topology: str) -> Iterator[Step]:
    """Yield the commits that take our configurations out where they are not wanted."""
    for manager, states in actual.goal_states.items():
        for state in states:
            if state.commit_type not in _STAGE:
                continue  # we make none of these, so none of these is ours
            kept = [
                name for name in state.configuration_ids if not _is_ours(name, actual, topology)
            ]
            if commit_id(manager, state) in graph or len(kept) == len(state.configuration_ids):
                continue
            resource, why = goal_of(manager, state, kept), "it is no longer wanted here"
            yield Commit(resource, state.configuration_ids, why, theirs=tuple(kept))


def goal_of(manager: str, state: GoalState, ids: list[str]) -> Resource:
    """Return the commit that deploys these configurations where a goal state holds."""
    body = {
        "commitType": state.commit_type,
        "targetLocations": [state.region],
        "configurationIds": ids,
    }
    stage = _STAGE[state.commit_type]
    return Resource("commit", commit_id(manager, state), state.region, stage, body)


def is_of_mesh(state: GoalState) -> bool:
    """Say whether a goal state is what joins a region to others."""
    return _STAGE.get(state.commit_type) is Stage.MESH


def commit_id(manager: str, state: GoalState) -> str:
    """Return the id of the commit that a goal state is told by, as a manager's id is written."""
    return f"{manager}/commits/{state.commit_type}-{state.region}"


_STAGE = {
    "Connectivity": Stage.MESH,
    "SecurityAdmin": Stage.SECURITY,
    "Routing": Stage.ROUTING,
}


def _is_ours(configuration_id: str, actual: Actual, topology: str) -> bool:
    """Say whether a committed configuration is ours; one that is gone is nobody's to keep."""
    found = actual.get(configuration_id)
    return found is None or _ours(found, topology)


def _ours(found: Found, topology: str) -> bool:
    return is_ours(KIND_BY_NAME[found.kind], found.body, found.id, topology)


def _manager(commit: Resource) -> str:
    return commit.id.rsplit("/commits/", 1)[0]
