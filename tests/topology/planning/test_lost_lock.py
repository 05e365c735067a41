"""What a lost lock file costs."""

from __future__ import annotations

from tests.builders import a_network, a_topology, as_deployed
from topology.addressing import allocate, resolve
from topology.planning.plan import Change
from topology.planning.planner import make_plan


def test_without_its_lock_file_a_network_that_lost_a_region_would_move() -> None:
    """The file keeps the block of a region that left: without it the next one takes that."""
    lock = allocate(a_topology("eastus", "northeurope", "westus"), None)
    kept, lost = resolve(a_topology("eastus", "westus"), lock), a_network("eastus", "westus")
    actual = as_deployed(kept)
    moved = [
        step
        for step in make_plan(lost, actual).work
        if isinstance(step, Change)
        and any(change.path == "properties.addressSpace.addressPrefixes" for change in step.fields)
    ]

    assert make_plan(kept, actual).is_empty
    assert {step.resource.region for step in moved} == {"westus"}
