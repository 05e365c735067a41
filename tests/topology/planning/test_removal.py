"""What goes and what stays: nobody's else, and nothing that somebody else still needs."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from tests.builders import a_network, as_deployed
from tests.topology.azure_model import AzureModel
from tests.topology.planning.networks import deployed
from topology.addressing import allocate
from topology.kind import NOBODY, Kind, Listing, at, parent_id, same_id
from topology.naming import AVNM_PEERING
from topology.network import Network
from topology.planning.actual import Actual, Found
from topology.planning.explain import title
from topology.planning.plan import Delete, Nothing, Plan
from topology.planning.planner import make_plan, plan_removal_of_all
from topology.planning.removal import held_back, owned, region_of, taken_along
from topology.planning.roll_back.planner import plan_roll_back
from topology.resources import KINDS

EGRESS = [{"name": "web", "fqdns": ["*.example.com"]}]
GROUPS = {"membership": "dynamic"}
BEFORE = a_network(egress=EGRESS, groups=GROUPS)
# Another zone, another rule, another tag: what stands beside a sibling changes.
AFTER = a_network(
    egress=[{"name": "web", "fqdns": ["*.example.org"]}],
    groups=GROUPS,
    firewall={"threat_intelligence": "Alert"},
    isolation="strict",
    environments=("prod", "nonprod", "lab"),
    regions={"eastus": {}, "westus": {"spokes": {"prod": {"subnets": {"web": {}}}}}},
)

RESOURCES = [
    kind for kind in KINDS if kind.part_of is None and kind.listing is not Listing.DEPLOYMENT_STATUS
]
LISTS = [
    (kind, item.path)
    for kind in KINDS
    for item in kind.child_lists
    if kind.part_of is None and item.ours != NOBODY
]


def _sibling(model: AzureModel, kind: Kind) -> Found:
    """Return what another team may put beside the first resource of a kind, in westus if any."""
    ours = sorted(item.id for item in model.found.values() if item.kind == kind.name)
    beside = next((name for name in ours if "westus" in name), ours[0])
    theirs = f"{beside.rsplit('/', 1)[0]}/theirs"
    return Found(kind.name, theirs, {"name": "theirs", "location": "westus"})


def _changed(model: AzureModel) -> None:
    model.apply_all(make_plan(AFTER, model.actual).steps)


def _shrunk(model: AzureModel) -> None:
    shrunk = a_network("eastus", egress=EGRESS, groups=GROUPS)
    model.apply_all(make_plan(shrunk, model.actual).steps)


def _destroyed(model: AzureModel) -> None:
    model.apply_all(plan_removal_of_all(BEFORE, model.actual).steps)


def _rolled_back(model: AzureModel) -> None:
    """Take westus back to nothing, as after a first run."""
    plan = make_plan(BEFORE, Actual())
    for item in list(model.actual.goal_states):
        del model.goal_states[item]
    for key in [key for key in model.found if "/staticmembers/" in key and "theirs" not in key]:
        del model.found[key]
    model.apply_all(plan_roll_back(plan, "westus", model.actual).steps)


every_life = pytest.mark.parametrize(
    "live",
    [_changed, _shrunk, _destroyed, _rolled_back],
    ids=["change", "region removed", "destroy", "roll-back"],
)


@every_life
@pytest.mark.parametrize("kind", RESOURCES, ids=lambda kind: str(kind.name))
def test_foreign_sibling_of_a_resource_survives(kind: Kind, live: Any) -> None:
    """Whatever is done to ours, and with all that it stands in."""
    model = deployed(BEFORE)
    theirs = _sibling(model, kind)
    model.put_foreign(theirs)

    live(model)

    assert model.found.get(same_id(theirs.id)) == theirs
    above = parent_id(theirs.id)
    assert same_id(above) in model.found or "/resourceGroups/" not in above


@every_life
@pytest.mark.parametrize(("kind", "path"), LISTS, ids=lambda value: str(getattr(value, "name", "")))
def test_foreign_sibling_in_a_list_survives(kind: Kind, path: str, live: Any) -> None:
    """Rules, routes, subnets and collections that others put into our bodies."""
    model = deployed(BEFORE)
    names = [item.id for item in model.found.values() if item.kind == kind.name]
    beside = min(names, key=lambda name: ("westus" not in name, name))
    found = model.found[same_id(beside)]
    body = deepcopy(dict(found.body))
    theirs = {"name": "theirs", "properties": {"of": "another team"}}
    at(body, path).append(theirs)
    model.put_foreign(Found(found.kind, found.id, body))

    live(model)

    assert theirs in at(model.found[same_id(beside)].body, path)


# -- whose it is -------------------------------------------------------------------------


def _with(network: Network, *found: Found) -> Actual:
    actual = as_deployed(network)
    return Actual.of([*actual.resources.values(), *found], actual.goal_states)


def test_name_of_ours_under_a_foreign_parent_is_not_ours() -> None:
    """Anyone may call a peering as they like."""
    vnet = Found("virtual-network", "/subscriptions/s/resourceGroups/g/providers/N/v/theirs", {})
    peering = Found("peering", f"{vnet.id}/virtualNetworkPeerings/peer-sample-hub-to-prod", {})

    assert not owned(peering, Actual.of([vnet, peering]), "sample")


def test_name_of_ours_under_no_parent_is_not_ours() -> None:
    """What was not read is not known to be ours."""
    peering = Found("peering", "/s/r/g/p/N/v/x/virtualNetworkPeerings/peer-sample-hub-to-prod", {})

    assert not owned(peering, Actual.of([peering]), "sample")


@pytest.mark.parametrize(
    "tags",
    [None, {}, {"managed-by": "orrery"}, {"topology": "sample"}, {"managed-by": "terraform"}],
)
def test_resource_without_both_tags_is_not_ours(tags: dict[str, str] | None) -> None:
    """Names prove nothing."""
    found = Found("resource-group", "/subscriptions/s/resourceGroups/rg-sample-x", {"tags": tags})

    assert not owned(found, Actual.of([found]), "sample")


def test_foreign_resource_is_in_no_step() -> None:
    """Neither deleted nor left alone: it is none of our business."""
    network = a_network("eastus")
    name = "/subscriptions/s/resourceGroups/theirs"

    plan = plan_removal_of_all(network, _with(network, Found("resource-group", name, {})))

    assert [step for step in plan.steps if step.resource.id == name] == []


# -- what it belongs to ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "region"),
    [
        ("virtual-network", "eastus"),
        ("peering", "eastus"),
        ("private-dns-link", "eastus"),
        ("static-member", "eastus"),
        ("routing-rule", "eastus"),
        ("firewall-policy", None),
        ("private-dns-zone", None),
        ("network-manager", None),
        ("connectivity-configuration", None),
    ],
)
def test_region_of_what_was_found_is_known(kind: str, region: str | None) -> None:
    """By its tag, its description, Azure's word, or what it stands in."""
    network = a_network("eastus")
    actual = as_deployed(network)
    found = [item for item in actual.resources.values() if item.kind == kind]

    assert {region_of(item, actual) for item in found} == {region}


@pytest.mark.parametrize("kind", RESOURCES, ids=lambda kind: str(kind.name))
def test_region_of_what_was_found_is_that_of_what_was_wanted(kind: Kind) -> None:
    """So a removal runs where the creation did."""
    network = a_network(egress=EGRESS)
    actual = as_deployed(network)
    steps = make_plan(network, actual).steps
    wanted = {s.resource.id: s.resource.region for s in steps if s.resource.kind == kind.name}

    assert wanted == {
        item.id: region_of(item, actual)
        for item in actual.resources.values()
        if item.kind == kind.name
    }


# -- order -------------------------------------------------------------------------------


def _titles(plan: Plan) -> list[str]:
    return [title(step) for step in plan.work]


def test_group_of_a_region_goes_last_in_it() -> None:
    """All that stands in it goes before."""
    plan = plan_removal_of_all(BEFORE, as_deployed(BEFORE))

    own = [name for name in _titles(plan) if name.startswith("westus: delete")]
    assert own[-1] == "westus: delete resource group rg-sample-westus"


def test_goal_states_are_emptied_before_anything_of_avnm_goes() -> None:
    """Azure keeps applying what is deployed; routes go first, the mesh last."""
    network = a_network("eastus")
    titles = _titles(plan_removal_of_all(network, as_deployed(network)))

    commits = [name for name in titles if "commit" in name]
    assert commits == [
        "eastus: commit routing",
        "eastus: commit security admin rules",
        "eastus: commit mesh",
    ]
    configuration = titles.index("global: delete connectivity configuration mesh-g1")
    assert titles.index(commits[-1]) < configuration


def test_firewall_goes_after_the_routes_that_lead_to_it() -> None:
    """Traffic is not sent to where nobody is."""
    plan = make_plan(a_network("eastus", egress=EGRESS), as_deployed(BEFORE))
    titles = _titles(plan)

    firewall = titles.index("westus: delete firewall afw-sample-westus")
    assert titles.index("eastus: change remote routes rt-sample-afw-eastus") < firewall
    assert titles.index("westus: commit routing") < firewall


def test_routes_to_a_region_go_before_the_rules_that_deny_it() -> None:
    """In the region that stays and in the one that leaves."""
    left = a_network("eastus", "uksouth")
    plan = make_plan(left, as_deployed(a_network("eastus", "uksouth", "westus")))
    routes = f"{left.names.route_table_id('eastus')}#remote-routes"

    last = {same_id(edge.step) for edge in plan.edges if same_id(edge.need) == same_id(routes)}

    for region in ("eastus", "westus"):
        assert same_id(left.names.commit_id("SecurityAdmin", region)) in last


def test_routes_that_come_wait_for_the_rules_of_their_region() -> None:
    """Also where the same write takes others away."""
    after = a_network("eastus", "uksouth")
    plan = make_plan(after, as_deployed(a_network("eastus", "westus")))
    routes = f"{after.names.route_table_id('eastus')}#remote-routes"

    first = {same_id(edge.need) for edge in plan.edges if same_id(edge.step) == same_id(routes)}

    assert same_id(after.names.commit_id("SecurityAdmin", "eastus")) in first


def test_generation_goes_after_the_commits_that_replace_it() -> None:
    """To delete what is deployed would undo it."""
    strict, one_way = a_network("eastus", isolation="strict"), a_network("eastus")
    titles = _titles(make_plan(one_way, as_deployed(strict)))

    commit = titles.index("eastus: commit security admin rules")
    assert titles.index("global: delete security admin rule deny-to-nonprod") > commit


def test_what_stays_is_told_with_its_reason() -> None:
    """And so is all that it needs."""
    network = a_network("eastus", spokes={})
    theirs = Found(
        "public-ip", network.names.network_id("eastus", "publicIPAddresses", "theirs"), {}
    )

    plan = plan_removal_of_all(network, _with(network, theirs))

    assert {s.resource.name: s.reason for s in plan.steps if isinstance(s, Nothing)} == {
        "rg-sample-eastus": "it holds theirs, which is not ours"
    }


def test_removal_holds_the_body_that_was_found() -> None:
    """So it can be made again."""
    network = a_network("eastus")
    actual = as_deployed(network)

    steps = [s for s in plan_removal_of_all(network, actual).steps if isinstance(s, Delete)]

    assert [s.resource.id for s in steps if s.resource.body != actual.get(s.resource.id).body] == []  # type: ignore[union-attr]


def test_resource_that_holds_nothing_foreign_is_not_held_back() -> None:
    """It may be made anew."""
    network = a_network("eastus")
    actual = as_deployed(network)
    group = actual.get(network.names.group_id(None))

    assert group is not None
    assert held_back(group, actual, "sample") is None


def test_who_uses_what_is_about_to_go_takes_no_part_in_what_goes_along() -> None:
    """Azure refuses to delete what is in use, so that is tried until its user has gone."""
    network = a_network("eastus")
    policy = as_deployed(network).get(network.names.policy_id)
    assert policy is not None
    user = {"id": f"{parent_id(policy.id)}/providers/Microsoft.Network/azureFirewalls/theirs"}
    used = Found(policy.kind, policy.id, {**policy.body, "properties": {"firewalls": [user]}})

    assert held_back(used, Actual.of([used]), "sample") == "it is used by theirs, which is not ours"
    assert taken_along(used, Actual.of([used]), "sample") is None


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        (f"{AVNM_PEERING}123", None),
        ("theirs", "it holds theirs, which is not ours"),
    ],
)
def test_what_azure_made_in_what_is_about_to_go_goes_with_it(name: str, reason: str | None) -> None:
    """As a peering of AVNM's; one that others made stays, with its network."""
    network = a_network("eastus")
    vnet = as_deployed(network).get(network.names.vnet_id("eastus", "prod"))
    assert vnet is not None
    peering = Found("peering", f"{vnet.id}/virtualNetworkPeerings/{name}", {})

    assert taken_along(vnet, Actual.of([vnet, peering]), "sample") == reason


def test_every_kind_has_a_place_in_these_tests() -> None:
    """A kind that is new has siblings too."""
    assert {kind.name for kind in RESOURCES} == {kind.name for kind in KINDS} - {
        "commit",
        "remote-routes",
    }


def test_region_that_goes_waits_for_no_commit_of_another_type() -> None:
    """Its rules of routing go before routing is committed elsewhere, whenever the mesh is."""
    dynamic = {"membership": "dynamic"}
    regions: dict[str, Any] = {"polandcentral": {"spokes": {}}, "brazilsouth": {}}
    before = a_network(*regions, regions=regions, home="polandcentral", groups=dynamic)
    after = a_network("brazilsouth", home="polandcentral", lock=allocate(before.topology))
    model = deployed(before)

    model.apply_all(make_plan(after, model.actual).steps)

    assert make_plan(after, model.actual).is_empty
