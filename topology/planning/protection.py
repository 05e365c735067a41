"""`protect: true`: what carries traffic is neither deleted nor made anew."""

from __future__ import annotations

from topology.network import Network
from topology.planning.plan import Delete, Plan, Replace
from topology.planning.replacement import makes_way
from topology.resources import KIND_BY_NAME

_MOST_TOLD = 8


def protected(network: Network, plan: Plan) -> str | None:
    """Return why a plan may not be carried out, with the way out; None where it may.

    It may not where the topology says `protect: true` and the plan deletes or replaces a
    group, a network, a firewall or its address, the policy, the manager or the zone: as
    `prevent_destroy` of Terraform refuses the plan, but also for what left the file.
    """
    if not network.topology.protect:
        return None
    lost = [
        f"{step.does} {step.resource.kind} {step.resource.name}"
        for step in plan.work
        if isinstance(step, Delete | Replace)
        and KIND_BY_NAME[step.resource.kind].is_protected
        and not makes_way(step)
    ]
    if not lost:
        return None
    more = f" and {len(lost) - _MOST_TOLD} more" if len(lost) > _MOST_TOLD else ""
    return (
        f"{network.topology.topology} is protected, and the plan would "
        f"{', '.join(lost[:_MOST_TOLD])}{more}: nothing was done. Put back what the file lost, or "
        "write `protect: false` into it for as long as this is meant"
    )
