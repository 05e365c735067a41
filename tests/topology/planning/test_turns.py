"""No region loses anything before its wave: a plan that would have it so is refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import a_network, as_deployed
from tests.strategies import successions
from tests.topology.azure_model import AzureModel
from tests.topology.planning.networks import deployed, networks_of
from topology.addressing import allocate
from topology.kind import same_id
from topology.naming import HUB
from topology.network import Network
from topology.planning.actual import Actual, Found
from topology.planning.planner import make_plan
from topology.planning.policy_names import used_by
from topology.planning.removal import region_of
from topology.planning.turns import out_of_turn, taken_early
from topology.planning.waves import in_waves, wave_of, waves_of
from topology.rollout_spec import RolloutSpec
from topology.spec import Topology

THREE = ("eastus", "westus", "northeurope")
CANARY: dict[str, Any] = {"canary": "eastus"}
PER_WAVE = CANARY | {"policy": "per-wave"}
STANDARD = {"tier": "Standard"}


def _refused(
    stands: dict[str, Any], wanted: dict[str, Any], regions: tuple[str, ...] = THREE
) -> str | None:
    """Return why three regions may not become others, or other ones, in waves."""
    before = a_network(*THREE, **{"rollout": CANARY} | stands)
    after = a_network(*regions, lock=allocate(before.topology), **{"rollout": CANARY} | wanted)
    return out_of_turn(after, make_plan(after, as_deployed(before)))


def test_a_tier_that_all_firewalls_share_does_not_change_in_waves() -> None:
    """What would go, of which region, in which wave, why, and what to do about it."""
    assert _refused({}, {"firewall": STANDARD}) == (
        "wave 1 (eastus) would take away firewall afw-sample-northeurope (northeurope), firewall "
        "afw-sample-westus (westus) before their turn, because firewall policy afwp-sample, which "
        "all share, can only be made anew: nothing was done. Leave `rollout.canary` out of the "
        "file for this change, so that all regions go in one wave"
    )


@pytest.mark.parametrize(
    ("stands", "wanted", "regions", "told"),
    [
        (
            {"rollout": PER_WAVE},
            {"rollout": PER_WAVE, "firewall": STANDARD},
            THREE,
            "because firewall policy afwp-sample, which all share",
        ),
        ({}, {"home": "westus"}, THREE, "because resource group rg-sample-global, which all share"),
        (
            {},
            {"rollout": {"at_a_time": 1}, "home": "westus"},
            ("westus", "northeurope"),
            "would take away firewall afw-sample-eastus (eastus)",
        ),
        (
            {"interconnect": "peering"},
            {
                "interconnect": "peering",
                "regions": {"eastus": {"names": {"hub": "new-eastus"}}}
                | {"westus": {}, "northeurope": {}},
            },
            THREE,
            "peering peer-sample-westus-to-eastus (westus) before their turn, because what they",
        ),
    ],
    ids=["a tier, rules by wave", "the home", "the home, and a region leaves", "half of a pair"],
)
def test_what_would_take_from_later_regions_is_refused(
    stands: dict[str, Any], wanted: dict[str, Any], regions: tuple[str, ...], told: str
) -> None:
    """A region that leaves goes with the last wave."""
    refused = _refused(stands, wanted, regions)

    assert refused is not None
    assert told in refused


@pytest.mark.parametrize(
    ("stands", "wanted", "regions"),
    [
        ({}, {"firewall": STANDARD, "rollout": {}}, THREE),
        ({}, {"home": "westus", "rollout": {"waves": [[*THREE]]}}, THREE),
        ({}, {}, THREE[:2]),
        ({}, {"rollout": PER_WAVE}, THREE),
        ({"rollout": PER_WAVE}, {}, THREE),
        ({}, {"names": {"policy": "afwp-other"}}, THREE),
        ({}, {"dns_zone": "other.internal"}, THREE),
        ({}, {"groups": {"membership": "dynamic"}}, THREE),
        ({}, {"isolation": "strict"}, THREE),
        ({}, {"interconnect": "peering"}, THREE),
        ({}, {"names": {"hub": "hub-{region}"}}, THREE),
        ({}, {"regions": {"eastus": {"zones": ["1"]}, "westus": {}, "northeurope": {}}}, THREE),
    ],
    ids=[
        "a tier, in one wave",
        "the home, in one wave",
        "a region leaves",
        "rules come to go by wave",
        "rules come to go at once",
        "another policy",
        "another zone",
        "members by rules",
        "other rules",
        "peerings for the mesh",
        "other hubs",
        "zones of a firewall",
    ],
)
def test_what_makes_room_beside_the_old_or_in_its_own_region_goes_in_waves(
    stands: dict[str, Any], wanted: dict[str, Any], regions: tuple[str, ...]
) -> None:
    """Whatever the later regions follow stays until they have had their turn."""
    assert _refused(stands, wanted, regions) is None


def test_a_side_of_a_pair_that_is_lost_already_is_no_loss() -> None:
    """It goes first, so that the other can be made; nothing passed by it."""
    network = a_network(*THREE, rollout=CANARY, interconnect="peering")
    found = dict(as_deployed(network).resources)
    gone = _side(network, "eastus", "westus")
    alone = _side(network, "westus", "eastus")
    body = found[alone].body
    lost = {**body, "properties": {**body["properties"], "peeringState": "Disconnected"}}
    now = Actual(
        {key: item for key, item in found.items() if key != gone}
        | {alone: Found(found[alone].kind, found[alone].id, lost)},
        as_deployed(network).goal_states,
    )
    plan = make_plan(network, now)

    first = next(part for _, part in in_waves(network, plan))
    assert alone in {step.resource.id.lower().removesuffix("#old") for step in first.work}
    assert out_of_turn(network, plan) is None


def _side(network: Network, region: str, other: str) -> str:
    """Return the id of a hub's side of a pair of hubs."""
    names = network.names
    peering = names.hub_peering_name(region, other)
    return same_id(f"{names.vnet_id(region, HUB)}/virtualNetworkPeerings/{peering}")


def test_what_a_wave_would_take_is_told_of_the_wave_alone() -> None:
    """The last one takes whatever goes."""
    before = a_network(*THREE)
    after = a_network(*THREE, rollout=CANARY, firewall=STANDARD, lock=allocate(before.topology))
    plan = make_plan(after, as_deployed(before))
    first, last = waves_of(after)

    assert "afw-sample-westus" in str(taken_early(wave_of(plan, first.so_far, last=False), first))
    assert taken_early(plan, last) is None


@given(successions(), st.integers(1, 3))
def test_a_plan_is_refused_where_an_early_wave_takes_from_later_regions_and_nowhere_else(
    both: tuple[Topology, Topology], size: int
) -> None:
    """As a model of Azure has it, after each wave."""
    before, after = networks_of(*both)
    rollout = RolloutSpec(at_a_time=size, policy=after.topology.rollout.policy)
    after = replace(after, topology=after.topology.model_copy(update={"rollout": rollout}))
    model = deployed(before)
    model.leaves_out = True

    refused = out_of_turn(after, make_plan(after, model.actual))
    assert (refused is not None) == any([*_losses(after, model)])


def _losses(network: Network, model: AzureModel) -> Iterator[set[str]]:
    """Carry out all waves but the last; yield what each takes from regions before their turn."""
    for wave in waves_of(network)[:-1]:
        part = wave_of(make_plan(network, model.actual), wave.so_far, last=False)
        now = model.actual
        theirs = {
            key
            for key, found in now.resources.items()
            if (region := region_of(found, now)) is not None and region not in wave.so_far
        }
        states = {state for state in model.goals if state.region not in wave.so_far}
        model.deleted.clear()
        model.apply_all(part.steps)
        undone = {f"{state.region} {state.commit_type}" for state in states - {*model.goals}}
        yield (model.deleted & theirs) | undone
        used = used_by(part)
        network = network.with_policies({name: last + 1 for name, last in used.items()})
