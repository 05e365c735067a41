"""What of drift is taken back: chosen kinds, and nothing that is not drift."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.topology.azure_model import AzureModel
from tests.topology.planning.plan_case import actual_of, networks_of
from topology.compliance.drift import drift
from topology.compliance.last_state import LastState
from topology.compliance.owners import Witnesses
from topology.compliance.remedy import Asked, Remedy, remedy
from topology.network import Network
from topology.planning.actual import Actual
from topology.planning.explain import title
from topology.planning.roll_back.planner import plan_roll_back

TODAY = date(2026, 11, 26)
TAG = {"resource": "virtualNetworks/vnet-sample-prod-eastus", "set": {"tags/region": None}}
DNS = {
    "resource": "virtualNetworks/vnet-sample-prod-eastus",
    "set": {"properties/dhcpOptions": {"dnsServers": ["10.9.9.9"]}},
}
ROUTE = {
    "resource": "rt-sample-afw-eastus",
    "set": {"properties/routes/to-westus/properties/nextHopType": "Internet"},
}
EAST = {
    "resource": "spokes-eastus/rules/default-to-firewall",
    "set": {"properties/nextHop": {"nextHopType": "NoNextHop"}},
}
EAST_GONE = {"resource": "spokes-eastus/rules/default-to-firewall", "gone": True}
WEST_GONE = {"resource": "spokes-westus/rules/default-to-firewall", "gone": True}
_PEERING = "virtualNetworkPeerings/peer-sample-prod-to-hub"
PEERING = {
    "resource": f"vnet-sample-prod-eastus/{_PEERING}",
    "gone": True,
}
_ADMIN = "security-admin-configuration"
_PERIMETER = (
    "resourceGroups/rg-sample-global/providers/Microsoft.Network/networkManagers/vnm-sample/"
    "securityAdminConfigurations/perimeter"
)
DENY = {
    "resource": "to-prod/rules/deny-from-nonprod",
    "set": {"properties/access": "Allow"},
}


def _world(*edits: Any, **topology: Any) -> tuple[Network, Actual, Witnesses]:
    """Return a network, what Azure holds with these edits, and what our last run left."""
    case = {"topology": topology, "deployed": {}, "actual": edits}
    deployed, network = networks_of(case)
    left = actual_of(case | {"actual": ()}, deployed)
    return network, actual_of(case, deployed), Witnesses(last=LastState(left))


def _remedy(
    world: tuple[Network, Actual, Witnesses], *kinds: str, by_policy: bool = True
) -> Remedy:
    return remedy(*world, Asked(frozenset(kinds), by_policy, TODAY))


def _steps(made: Remedy) -> list[str]:
    return [title(step) for step in made.plan.work]


def _exempting(**fields: Any) -> dict[str, Any]:
    who = {"owner": "a team", "reason": "known", "until": TODAY}
    return {"compliance": {"exemptions": [{**fields, **who}]}}


def test_only_chosen_kinds_are_taken_back() -> None:
    """The rest is left to people, whatever it weighs."""
    world = _world(TAG, ROUTE)

    assert _steps(_remedy(world)) == []
    assert _steps(_remedy(world, "remote-routes")) == [
        "eastus: change remote routes rt-sample-afw-eastus"
    ]


@pytest.mark.parametrize("by_policy", [True, False])
def test_what_is_exempted_is_never_taken_back(*, by_policy: bool) -> None:
    """A step writes the whole resource, so what differs beside it waits too."""
    world = _world(TAG, DNS, **_exempting(kind="virtual-network", property="tags.*"))
    made = _remedy(world, "virtual-network", by_policy=by_policy)

    assert _steps(made) == []
    assert made.left == ("eastus: virtual-network vnet-sample-prod-eastus: it is exempted",)


@pytest.mark.parametrize("by_policy", [True, False])
def test_what_the_file_has_moved_on_to_is_not_rolled_out(*, by_policy: bool) -> None:
    """That is a rollout's, with its waves and its approval."""
    world = _world(firewall={"intrusion_detection": "Deny"})
    made = _remedy(world, "firewall-policy", by_policy=by_policy)

    assert _steps(made) == []
    assert made.left[0].endswith(": the file has moved on, which a rollout writes")


def test_by_policy_only_what_another_is_known_to_have_changed_is_taken_back() -> None:
    """A person who asks may judge."""
    network, actual, _ = _world(ROUTE)
    world = network, actual, Witnesses()

    assert _steps(_remedy(world, "remote-routes")) == []
    assert _remedy(world, "remote-routes").left[0].endswith("it was changed by not known")
    assert len(_steps(_remedy(world, "remote-routes", by_policy=False))) == 1


def test_rules_of_others_in_one_region_keep_no_other_from_being_remedied() -> None:
    """Nor anything else in that region; they stay, and that is said to whoever asks for commits."""
    theirs = {"goal": "SecurityAdmin-eastus", "gone": True}, {"add": _ADMIN, "id": _PERIMETER}
    world = _world(*theirs, {"goal": "SecurityAdmin-eastus", "and": [_PERIMETER]}, TAG, ROUTE)
    made = _remedy(world, "remote-routes", "commit")

    assert _steps(made) == ["eastus: change remote routes rt-sample-afw-eastus"]
    assert made.left == ("eastus: commit SecurityAdmin-eastus: perimeter of others stays",)


def test_a_rule_goes_with_the_commit_that_deploys_it() -> None:
    """It is edited in place where others have rules beside it."""
    manager = (
        "resourceGroups/rg-sample-global/providers/Microsoft.Network/networkManagers/vnm-sample"
    )
    theirs = f"{manager}/routingConfigurations/routing-g1/ruleCollections/theirs"
    world = _world(EAST, {"add": "routing-collection", "id": theirs})

    assert _steps(_remedy(world, "routing-rule")) == [
        "eastus: change routing rule default-to-firewall",
        "eastus: commit routing",
    ]


def test_a_rule_that_is_deployed_comes_back_as_the_next_generation_of_all_beside_it() -> None:
    """What is deployed is never edited."""
    done = _steps(_remedy(_world(DENY), "security-admin-rule"))

    assert "global: create security admin configuration security-g2" in done
    assert "eastus: commit security admin rules" in done
    assert "global: delete security admin configuration security-g1" in done


def test_a_configuration_goes_as_a_whole_or_not_at_all() -> None:
    """Its next generation would undo what is exempted in it, or leave it out."""
    exempted = _exempting(kind="routing-rule", region="westus")
    made = _remedy(_world(EAST_GONE, WEST_GONE, **exempted), "routing-rule")

    assert _steps(made) == []
    assert made.left == (
        "eastus: routing-rule spokes-eastus/default-to-firewall: it is exempted",
        "westus: routing-rule spokes-westus/default-to-firewall: it is exempted",
    )


def test_a_commit_of_others_is_left_where_commits_are_not_chosen() -> None:
    """It deploys what stands in a configuration, so it is a kind of its own."""
    world = _world({"goal": "Routing-eastus", "gone": True})

    assert _steps(_remedy(world, "routing-rule")) == []
    assert _steps(_remedy(world, "commit")) == ["eastus: commit routing"]


@pytest.mark.parametrize(
    ("edit", "kind"),
    [
        (ROUTE, "remote-routes"),
        (EAST, "routing-rule"),
        (EAST_GONE, "routing-rule"),
        (DENY, "security-admin-rule"),
        ({"goal": "Routing-eastus", "gone": True}, "commit"),
        (PEERING, "peering"),
    ],
    ids=["route", "rule", "rule-gone", "rule-of-all", "goal-state", "peering"],
)
def test_when_it_is_done_nothing_is_found_and_it_can_be_taken_back(edit: Any, kind: str) -> None:
    """On a model of Azure, which refuses what Azure refuses."""
    network, actual, witnesses = _world(edit)
    made = _remedy((network, actual, witnesses), kind)
    azure = AzureModel(actual)
    before = azure.bodies
    azure.apply_all(made.plan.work)

    assert drift(network, azure.actual, witnesses) == ()
    azure.apply_all(plan_roll_back(made.plan, None, azure.actual).work)
    assert azure.bodies == before
