"""Where things stand: hubs in the connectivity subscription, spokes in their own."""

from __future__ import annotations

from collections.abc import Iterable

from tests.builders import NONPROD, PROD, SUBSCRIPTION, a_network, a_topology
from topology.addressing import AddressLock, allocate, resolve
from topology.kind import Resource
from topology.network import Network
from topology.resources import (
    network_manager,
    network_security_group,
    peering,
    private_dns_link,
    resource_group,
    static_member,
    wanted,
)

ZONES = {"prod": PROD, "nonprod": NONPROD}
OWN = "00000000-0000-4000-8000-000000000009"


def _subscription(resource: Resource) -> str:
    return resource.id.split("/")[2]


def _kinds_by_subscription(network: Network) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for item in wanted(network):
        found.setdefault(_subscription(item), set()).add(item.kind)
    return found


def _pairs(resources: Iterable[Resource]) -> list[tuple[str, str]]:
    return [(_subscription(item), item.name) for item in resources]


def test_without_further_keys_all_stands_in_one_subscription() -> None:
    """As before there were any others."""
    assert set(_kinds_by_subscription(a_network())) == {SUBSCRIPTION}


def test_a_spokes_subscription_holds_its_network_its_security_group_and_their_group() -> None:
    """What joins it to others stands where those do; its own side of a peering with it."""
    kinds = _kinds_by_subscription(a_network(subscriptions=ZONES))

    spoke = {"network-security-group", "peering", "resource-group", "virtual-network"}
    assert (kinds[PROD], kinds[NONPROD]) == (spoke, spoke)
    assert kinds[SUBSCRIPTION] == {item.kind for item in wanted(a_network())} - {
        "network-security-group"
    }


def test_region_has_a_group_in_each_subscription_in_which_something_of_it_stands() -> None:
    """They have one name; the global group is in the connectivity subscription alone."""
    network = a_network("eastus", subscriptions={"prod": PROD})

    assert _pairs(resource_group.expand(network)) == [
        (SUBSCRIPTION, "rg-sample-global"),
        (SUBSCRIPTION, "rg-sample-eastus"),
        (PROD, "rg-sample-eastus"),
    ]


def test_a_spokes_own_subscription_counts_before_its_environments() -> None:
    """And the environment's before the connectivity subscription."""
    spokes = {"prod": {}, "pay": {"environment": "prod", "subscription": OWN}, "nonprod": {}}
    network = a_network("eastus", subscriptions={"prod": PROD}, spokes=spokes)

    assert _pairs(network_security_group.expand(network)) == [
        (SUBSCRIPTION, "nsg-sample-nonprod-eastus"),
        (OWN, "nsg-sample-pay-eastus"),
        (PROD, "nsg-sample-prod-eastus"),
    ]


def test_each_side_of_a_peering_stands_with_its_network_and_names_the_other() -> None:
    """Two subscriptions, two writes."""
    network = a_network("eastus", subscriptions=ZONES, spokes={"prod": {}})
    hub, spoke = network.names.vnet_id("eastus", "hub"), network.names.vnet_id("eastus", "prod")

    sides = {
        item.id.split("/virtualNetworkPeerings/")[0]: item.body["properties"][
            "remoteVirtualNetwork"
        ]["id"]
        for item in peering.expand(network)
    }
    assert sides == {hub: spoke, spoke: hub}
    assert (hub.split("/")[2], spoke.split("/")[2]) == (SUBSCRIPTION, PROD)


def test_links_and_members_name_networks_in_their_own_subscriptions() -> None:
    """The zone and the manager stand in the connectivity subscription and reach all."""
    network = a_network("eastus", subscriptions=ZONES)
    networks = {network.names.vnet_id("eastus", role) for role in ("hub", "prod", "nonprod")}
    linked = [item.body["properties"] for item in private_dns_link.expand(network)]
    joined = [item.body["properties"] for item in static_member.expand(network)]

    assert {item["virtualNetwork"]["id"] for item in linked} == networks
    assert {item["resourceId"] for item in joined} == networks


def _scopes(network: Network) -> object:
    [manager] = network_manager.expand(network)
    return manager.body["properties"]["networkManagerScopes"]


def test_scope_of_the_manager_is_every_subscription_that_is_used() -> None:
    """A network outside of it silently gets nothing (facts.md section 1)."""
    assert _scopes(a_network(subscriptions=ZONES)) == {
        "managementGroups": [],
        "subscriptions": [f"/subscriptions/{item}" for item in (SUBSCRIPTION, PROD, NONPROD)],
    }


def test_management_group_is_the_scope_in_place_of_the_subscriptions() -> None:
    """New subscriptions below it are in the scope from their first day."""
    assert _scopes(a_network(subscriptions=ZONES, management_group="contoso")) == {
        "managementGroups": ["/providers/Microsoft.Management/managementGroups/contoso"],
        "subscriptions": [],
    }


def test_subscription_that_no_spoke_stands_in_is_not_used() -> None:
    """An environment may have no spokes."""
    network = a_network(subscriptions=ZONES, spokes={"prod": {}})

    assert network.subscriptions == (SUBSCRIPTION, PROD)


def test_subscriptions_are_compared_without_case() -> None:
    """Azure ignores it; two spellings would be two resource groups."""
    capitals = "ABCDEFAB-0000-4000-8000-000000000001"
    network = a_network("eastus", subscription=capitals, subscriptions={"prod": capitals.lower()})

    assert network.subscriptions == (capitals.lower(),)


# -- what the lock file keeps ------------------------------------------------------------


def _locks(**fields: object) -> tuple[AddressLock, Network]:
    """Return the lock of a network with prod in its own subscription, and the network after."""
    first = allocate(a_topology("eastus", subscriptions={"prod": PROD}))
    second = a_topology("eastus", **fields)
    return first, resolve(second, allocate(second, first))


def test_lock_file_keeps_every_subscription_in_which_a_spoke_ever_stood() -> None:
    """The topology that no longer names one cannot say where to look for what is left."""
    lock, after = _locks(subscriptions={"prod": NONPROD})

    assert (lock.subscription, lock.other_subscriptions) == (SUBSCRIPTION, (PROD,))
    assert after.subscriptions == (SUBSCRIPTION, NONPROD, PROD)


def test_former_subscription_is_read_and_is_not_in_the_wanted_scope() -> None:
    """The planner keeps it there while something of ours stands in it."""
    _, after = _locks()

    assert (after.used_subscriptions, after.subscriptions) == (
        (SUBSCRIPTION,),
        (SUBSCRIPTION, PROD),
    )


def test_lock_of_one_subscription_says_nothing_of_others() -> None:
    """What is empty is not written."""
    written = allocate(a_topology("eastus")).model_dump(mode="json")

    assert list(written) == ["version", "topology", "subscription", "regions"]


def test_lock_that_was_written_before_takes_the_subscription_of_the_topology() -> None:
    """Older locks name none."""
    old = allocate(a_topology("eastus")).model_copy(update={"subscription": None})

    assert allocate(a_topology("eastus"), old).subscription == SUBSCRIPTION
