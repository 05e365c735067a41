"""Who leads to a region that leaves does so until the last wave, in which it goes."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.builders import a_network, as_deployed
from tests.strategies import region_lists
from tests.topology.planning.networks import deployed
from topology.addressing import allocate
from topology.kind import address_in, at, same_id
from topology.planning.actual import Actual
from topology.planning.plan import Change, Nothing, Plan, Step
from topology.planning.planner import make_plan
from topology.planning.waves import as_written, in_waves, wave_of, waves_of

BEFORE = a_network("eastus", "westus")
AFTER = a_network(
    "eastus",
    "northeurope",
    "southeastasia",
    lock=allocate(BEFORE.topology),
    rollout={"at_a_time": 1},
)
PLAN = make_plan(AFTER, as_deployed(BEFORE))
TABLE = same_id(f"{AFTER.names.route_table_id('eastus')}#remote-routes")


def _step(part: Plan) -> Step | None:
    return next((step for step in part.steps if same_id(step.resource.id) == TABLE), None)


def _names(body: Any) -> list[str]:
    return sorted(route["name"] for route in at(body, "properties.routes"))


def test_a_wave_takes_no_route_to_a_region_that_goes_later() -> None:
    """Where that is all that a change would do, nothing is done; else it does the rest."""
    first, second, _ = waves_of(AFTER)
    nothing = _step(wave_of(PLAN, first.so_far, last=False))
    change = _step(wave_of(PLAN, second.so_far, last=False))

    assert isinstance(nothing, Nothing)
    assert isinstance(change, Change)
    assert {field.path.rpartition(".")[2] for field in change.fields} == {
        "to-northeurope",
        "to-southeastasia",
    }
    assert _names(change.resource.body) == ["to-northeurope", "to-southeastasia", "to-westus"]


def test_what_was_left_in_is_no_work_before_the_last_wave() -> None:
    """It is in the part of one wave: that in which the table is changed for something else."""
    waves = [wave.number for wave, part in in_waves(AFTER, PLAN) if _step(part) in part.work]

    assert waves == [2]


def test_the_last_wave_takes_out_what_was_left_in() -> None:
    """The table is written again, as each wave has it then."""
    steps = [_step(part) for _, part in as_written(AFTER, PLAN)]

    assert [_names(step.resource.body) for step in steps if step is not None] == [
        ["to-westus"],
        ["to-northeurope", "to-westus"],
        ["to-northeurope", "to-southeastasia"],
    ]


def test_a_route_to_what_stays_is_taken_out_with_the_wave_of_its_region() -> None:
    """What leads to nothing that goes is a change like any other."""
    found = dict(as_deployed(AFTER).resources)
    key = TABLE.partition("#")[0]
    body = deepcopy(dict(found[key].body))
    stray = {"addressPrefix": "10.9.0.0/16", "nextHopType": "VirtualAppliance"}
    stray |= {"nextHopIpAddress": "10.9.0.4"}
    body["properties"]["routes"].append({"name": "to-centralus", "properties": stray})
    actual = Actual({**found, key: replace(found[key], body=body)}, as_deployed(AFTER).goal_states)

    step = _step(wave_of(make_plan(AFTER, actual), {"eastus"}, last=False))
    assert isinstance(step, Change)
    assert [field.path for field in step.fields] == ["properties.routes.to-centralus"]


@given(region_lists, region_lists, st.integers(1, 3), st.sampled_from(["at-once", "per-wave"]))
def test_all_ways_to_a_region_that_leaves_stay_until_the_last_wave(
    stand: list[str], wanted: list[str], size: int, policy: str
) -> None:
    """As a model of Azure has it, after each wave."""
    rollout = {"at_a_time": size, "policy": policy}
    before = a_network(*stand, rollout=rollout)
    lock = allocate(before.topology)
    after = a_network(*wanted, home=stand[0], rollout=rollout, lock=lock)
    model = deployed(before)
    model.leaves_out = True
    leaving = [before.names.firewall_id(name) for name in stand if name not in wanted]
    addresses = {address_in(model.actual.resources[same_id(name)].body) for name in leaving}
    ways = _ways(model.actual, addresses)

    for wave in waves_of(after)[:-1]:
        model.apply_all(wave_of(make_plan(after, model.actual), wave.so_far, last=False).steps)
        assert _ways(model.actual, addresses) == ways


def _ways(actual: Actual, addresses: set[str | None]) -> set[tuple[str, str]]:
    """Return the routes that lead to these addresses: their tables, and their names."""
    return {
        (key, route["name"])
        for key, found in actual.resources.items()
        for route in at(found.body, "properties.routes") or ()
        if at(route, "properties.nextHopIpAddress") in addresses
    }
