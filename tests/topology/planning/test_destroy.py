"""What a destroy does, and when it does not begin."""

from __future__ import annotations

from typing import Any

import pytest

from tests.builders import a_network, as_deployed
from tests.topology.planning.networks import deployed
from topology.addressing import allocate
from topology.planning.destroy import foreign_in, plan_destroy, refusal
from topology.planning.explain import title
from topology.planning.plan import Delete
from topology.planning.planner import make_plan

BEFORE = a_network("eastus", "westus", "northeurope")


@pytest.mark.parametrize(
    ("fields", "name", "region", "told"),
    [
        ({}, "other", None, 'the topology is "sample", not "other"'),
        ({}, "sample", "westus", 'the region is "westus", and "sample" was typed'),
        ({}, "westus", None, 'the topology is "sample", not "westus"'),
        ({}, "uksouth", "uksouth", '"uksouth" is none of the regions'),
        ({"protect": True}, "sample", None, "write `protect: false`"),
        ({"protect": True}, "westus", "westus", "write `protect: false`"),
        ({"regions": {"eastus": {}}}, "eastus", "eastus", "destroy the whole"),
    ],
)
def test_a_destroy_that_nobody_can_mean_does_not_begin(
    fields: dict[str, Any], name: str, region: str | None, told: str
) -> None:
    """What is typed is the name of what goes."""
    refused = refusal(a_network("eastus", "westus", **fields), name, region)

    assert refused is not None
    assert told in refused


@pytest.mark.parametrize(("name", "region"), [("sample", None), ("westus", "westus")])
def test_the_name_of_what_goes_lets_it_begin(name: str, region: str | None) -> None:
    """The topology's, or the region's where one is given."""
    assert refusal(BEFORE, name, region) is None


def test_a_region_is_destroyed_as_if_its_line_had_left_the_file() -> None:
    """The two are one plan."""
    smaller = a_network("eastus", "northeurope", lock=allocate(BEFORE.topology))

    alone = plan_destroy(BEFORE, "westus", as_deployed(BEFORE))
    by_file = make_plan(smaller, as_deployed(BEFORE))

    assert alone.work == by_file.work


def test_after_it_a_rollout_makes_the_region_again_and_the_world_is_as_before() -> None:
    """Same names, same addresses; a second plan is empty."""
    model = deployed(BEFORE)
    model.apply_all(plan_destroy(BEFORE, "westus", model.actual).steps)
    assert not [key for key in model.found if "westus" in key]

    model.apply_all(make_plan(BEFORE, model.actual).steps)

    regional = {key: body for key, body in model.bodies.items() if "westus" in key}
    before = {key: body for key, body in deployed(BEFORE).bodies.items() if "westus" in key}
    assert {key: body.get("location") for key, body in regional.items()} == {
        key: body.get("location") for key, body in before.items()
    }
    assert make_plan(BEFORE, model.actual).is_empty


def test_a_second_destroy_of_a_region_is_empty() -> None:
    """And so can one that was cut be run again."""
    model = deployed(BEFORE)
    model.apply_all(plan_destroy(BEFORE, "westus", model.actual).steps)

    assert plan_destroy(BEFORE, "westus", model.actual).is_empty


def test_a_region_leaves_routes_and_mesh_before_anything_of_it_goes() -> None:
    """Nobody is sent to where nobody is."""
    titles = [title(step) for step in plan_destroy(BEFORE, "westus", as_deployed(BEFORE)).work]
    last = max(
        titles.index(f"{region}: change remote routes rt-sample-afw-{region}")
        for region in ("eastus", "northeurope")
    )
    first = min(
        titles.index(f"westus: delete {what}")
        for what in ("firewall afw-sample-westus", "virtual network vnet-sample-hub-westus")
    )

    assert max(last, titles.index("westus: commit mesh")) < first


def test_what_stands_in_a_group_is_in_the_way_whatever_its_type() -> None:
    """It is told by name, with both ways out."""
    actual = as_deployed(BEFORE)
    machine = f"{BEFORE.names.group_id('westus')}/providers/Microsoft.Compute/virtualMachines/vm-1"
    with_it = actual.with_contents([machine])

    told = foreign_in(plan_destroy(BEFORE, "westus", with_it))

    assert told is not None
    assert "resource-group rg-sample-westus: it holds vm-1, which is not ours" in told
    assert "--keep-foreign" in told


def test_what_is_only_ours_is_in_nobodys_way() -> None:
    """Users that Azure lists are ours too: subnets, firewalls, policies."""
    plan = plan_destroy(BEFORE, None, as_deployed(BEFORE))

    assert foreign_in(plan) is None
    assert {type(step) for step in plan.steps if step.does != "commit"} == {Delete}
