"""What later parts of the same run have deleted, as a region needs it that is taken back alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from topology.kind import same_id
from topology.planning.plan import Delete, Plan


def knowing_of(later: Iterable[Plan], part: Plan, region: str | None) -> Plan:
    """Return a part of a run that knows what `later` ones deleted of what belongs to no region.

    As the generation of rules that a region of the first wave had: it goes with the last one. Of
    the whole run the later parts are taken back themselves, and it is there again.
    """
    if region is None:
        return part
    own = {same_id(step.resource.id) for step in part.work}
    gone = {
        same_id(step.resource.id): step
        for plan in later
        for step in plan.steps
        if isinstance(step, Delete) and step.resource.region is None
        if part.found.get(step.resource.id) is not None and same_id(step.resource.id) not in own
    }
    kept = (step for step in part.steps if same_id(step.resource.id) not in gone)
    return replace(part, steps=(*kept, *gone.values()))
