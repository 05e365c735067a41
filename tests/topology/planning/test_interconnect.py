"""Hubs are joined by the mesh, or by peerings: where the file says so, or Azure offers no mesh."""

from __future__ import annotations

from tests.builders import a_network, as_deployed
from tests.topology.azure_model import AzureModel
from topology.addressing import allocate
from topology.planning.actual import Actual
from topology.planning.explain import title
from topology.planning.plan import Commit, Plan
from topology.planning.planner import make_plan
from topology.planning.roll_back.planner import plan_roll_back
from topology.planning.waves import wave_of

REGIONS = ("eastus", "uksouth", "westus")
LOCK = allocate(a_network(*REGIONS, "polandcentral").topology)
MESH = a_network(*REGIONS, lock=LOCK)
PEERED = a_network(*REGIONS, lock=LOCK, interconnect="peering")
MIXED = a_network("eastus", "polandcentral", "westus", lock=LOCK)


def _titles(plan: Plan, word: str) -> list[str]:
    return [title(step) for step in plan.work if word in title(step)]


def _between_hubs(plan: Plan) -> set[str]:
    names = {
        title(step).rsplit(" ", 1)[-1] for step in plan.work if step.resource.kind == "peering"
    }
    return {name for name in names if "hub" not in name}


def test_every_two_hubs_are_peered_both_ways_and_there_is_no_mesh() -> None:
    """Nor a group of hubs, nor a commit that would deploy it."""
    plan = make_plan(PEERED, Actual())

    assert len(_between_hubs(plan)) == 6
    assert _titles(plan, "mesh") == []
    assert _titles(plan, "network group hubs") == []


def test_a_region_without_connected_groups_is_peered_with_all_and_the_plan_says_so() -> None:
    """The others stay in the mesh."""
    plan = make_plan(MIXED, Actual())

    assert _between_hubs(plan) == {
        "peer-sample-eastus-to-polandcentral",
        "peer-sample-polandcentral-to-eastus",
        "peer-sample-polandcentral-to-westus",
        "peer-sample-westus-to-polandcentral",
    }
    assert _titles(plan, "commit mesh") == ["eastus: commit mesh", "westus: commit mesh"]
    [note] = plan.notes
    assert note.startswith("connected groups are not offered in polandcentral: hubs there are")


def test_peerings_are_there_before_the_mesh_goes_and_the_mesh_before_they_go() -> None:
    """Regions stay joined while the topology goes from one to the other."""
    for before, after in ((MESH, PEERED), (PEERED, MESH)):
        plan = make_plan(after, as_deployed(before))
        order = [step.resource.id for step in plan.work]
        peerings = [n for n, name in enumerate(order) if "virtualNetworkPeerings" in name]
        commits = [n for n, step in enumerate(plan.work) if isinstance(step, Commit)]

        assert (max(peerings) < min(commits)) is (after is PEERED)
        assert (max(commits) < min(peerings)) is (after is MESH)


def test_a_hub_is_peered_with_those_of_later_waves_when_they_are_there() -> None:
    """Its peerings with hubs that are there come with its own wave."""
    plan = make_plan(PEERED, Actual())

    assert _between_hubs(wave_of(plan, {"eastus"}, last=False)) == set()
    assert _between_hubs(wave_of(plan, {"eastus", "westus"}, last=False)) == {
        "peer-sample-eastus-to-westus",
        "peer-sample-westus-to-eastus",
    }


def test_a_region_that_is_taken_back_takes_the_peerings_of_others_with_it() -> None:
    """What is left in them would be disconnected."""
    two = a_network("eastus", "uksouth", lock=LOCK, interconnect="peering")
    model = AzureModel(as_deployed(two))
    plan = make_plan(PEERED, model.actual)
    model.apply_all(plan.steps)

    back = plan_roll_back(plan, "westus", model.actual)

    assert _between_hubs(back) >= {"peer-sample-eastus-to-westus", "peer-sample-uksouth-to-westus"}
    assert "peer-sample-eastus-to-uksouth" not in _between_hubs(back)


def test_a_region_that_goes_back_alone_to_a_mesh_that_all_others_left_is_said_to_be_alone() -> None:
    """All together it is not; nor where peerings join it as before."""
    told = "westus is alone in it, and joined to no other region until the next rollout"
    for before, after, region, reasons in (
        (MESH, PEERED, "westus", [told]),
        (MESH, PEERED, None, []),
        (PEERED, MESH, "westus", []),
        (
            MIXED,
            a_network("eastus", "polandcentral", "westus", lock=LOCK, interconnect="peering"),
            "westus",
            [],
        ),
    ):
        model = AzureModel(as_deployed(before))
        plan = make_plan(after, model.actual)
        model.apply_all(plan.steps)
        back = plan_roll_back(plan, region, model.actual)
        assert [step.reason for step in back.held] == reasons


def test_a_region_that_leaves_loses_its_peerings_with_all_others() -> None:
    """And nothing else changes between those."""
    fewer = a_network("eastus", "uksouth", lock=LOCK, interconnect="peering")
    plan = make_plan(fewer, as_deployed(PEERED))

    gone = {name.rsplit(" ", 1)[-1] for name in _titles(plan, "delete peering")}
    assert {name for name in gone if "hub" not in name} == {
        "peer-sample-eastus-to-westus",
        "peer-sample-uksouth-to-westus",
        "peer-sample-westus-to-eastus",
        "peer-sample-westus-to-uksouth",
    }
