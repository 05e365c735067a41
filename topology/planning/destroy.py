"""What a destroy does: to all of a network, or to one region that leaves alone."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from topology.kind import Resource, same_id
from topology.network import Network
from topology.planning.actual import Actual
from topology.planning.generations import deployed_or_newest
from topology.planning.plan import Change, Commit, Create, Delete, Nothing, Plan, Replace, Step
from topology.planning.planner import make_plan, plan_removal_of_all
from topology.resources import wanted


def refusal(network: Network, name: str, region: str | None) -> str | None:
    """Return why a destroy may not begin, with the way out, or None.

    `name` is what a person has typed: that of what goes, so that a region which was
    forgotten, or another file, deletes nothing.
    """
    topology = network.topology
    if topology.protect:
        return (
            f'"{topology.topology}" is protected; write `protect: false` into its file '
            "for as long as this is meant"
        )
    if region is not None and region not in topology.regions:
        return (
            f'"{region}" is none of the regions of "{topology.topology}"; '
            "what has left the file goes with the next rollout"
        )
    if region is not None and len(topology.regions) == 1:
        return f'"{region}" is the only region of "{topology.topology}"; destroy the whole'
    if region is not None and name != region:
        return f'the region is "{region}", and "{name}" was typed'
    if region is None and name != topology.topology:
        return f'the topology is "{topology.topology}", not "{name}"'
    return None


def what_stays(network: Network, region: str | None) -> tuple[Resource, ...]:
    """Return what is wanted when the destroy is over: nothing, or all but one region."""
    return () if region is None else wanted(network.without(region))


def plan_destroy(network: Network, region: str | None, actual: Actual) -> Plan:
    """Return the plan that leaves nothing of a network, or nothing of one region.

    Raises as `make_plan` does.
    """
    if region is None:
        return plan_removal_of_all(network, actual)
    return _plan_of_region(network, region, actual)


def foreign_in(plan: Plan) -> str | None:
    """Return what others keep in, or use of, what would go, and the ways out; or None."""
    roots = [step for step in plan.held if step.held == "by others"]
    if not roots:
        return None
    told = "; ".join(f"{step.resource.kind} {step.resource.name}: {step.reason}" for step in roots)
    return (
        f"{told}. Move or delete what is not ours; or say that it is kept (--keep-foreign, in "
        "Prefect keep_foreign), and it stays with what it needs, without the rest"
    )


# -- one region --------------------------------------------------------------------------


def _plan_of_region(network: Network, region: str, actual: Actual) -> Plan:
    """Return the plan of the file without the region's line, less what has other causes.

    What would be done with the line as well is left out: what has drifted elsewhere, and
    what left the file before, stays as it is.
    """
    plan = make_plan(network.without(region), actual)
    with_it = {same_id(r.id): r.body for r in wanted(deployed_or_newest(network, actual))}
    concerned = {
        same_id(step.resource.id)
        for step in plan.steps
        if step.resource.region == region or _is_due_to_it(step, with_it)
    }
    commits = [step for step in plan.work if isinstance(step, Commit)]
    written = [step for step in plan.work if same_id(step.resource.id) in concerned]
    concerned |= {same_id(step.resource.id) for step in commits if _deploys(step, written)}
    return plan.only(concerned)


def _is_due_to_it(step: Step, with_it: Mapping[str, Any]) -> bool:
    """Say whether a step is there because the region is not."""
    key = same_id(step.resource.id)
    match step:
        case Create() | Change() | Replace():
            return with_it.get(key) != step.resource.body
        case Delete() | Nothing(held="by others" | "by ours"):
            return key in with_it
        case _:
            return False


def _deploys(commit: Commit, written: Collection[Step]) -> bool:
    """Say whether a commit deploys, to its region, something of what is written."""
    names = {f"{same_id(name)}/" for name in commit.resource.body["configurationIds"]}
    return any(
        f"{same_id(step.resource.id)}/".startswith(name)
        for step in written
        if step.resource.region in {None, commit.resource.region}
        for name in names
    )
