"""Routes that interfaces tell, in Azure's words, beside those of the model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.topology.verification.written import network_id, written
from topology.planning.actual import Actual, Found
from topology.verification.disagreement import FAULT, LAG, Disagreement, settled
from topology.verification.effective import Heard
from topology.verification.model import Model
from topology.verification.told_routes import ToldRoutes, differing_routes, interfaces

# As the table of `az network nic show-effective-route-table` has them: of a machine without a
# table (Microsoft Learn's exercise on peerings), and of one behind a firewall.
PLAIN = """\
Default Active 10.1.0.0/16 VnetLocal
Default Active 10.2.0.0/16 VNetPeering
Default Active 0.0.0.0/0 Internet
Default Active 10.0.0.0/8 None
Default Active 127.0.0.0/8 None
Default Active 100.64.0.0/10 None
Default Active 172.16.0.0/12 None
Default Active 25.48.0.0/12 None
Default Active 198.18.0.0/15 None
Default Active 192.168.0.0/16 None
Default Active 20.35.252.0/22 None
"""
BEHIND = """\
Default Active 10.1.0.0/16 VnetLocal
Default Active 10.2.0.0/16 VNetGlobalPeering
Default Invalid 0.0.0.0/0 Internet
User Active 0.0.0.0/0 VirtualAppliance 10.2.0.4
"""
CASE: dict[str, Any] = {
    "networks": {
        "spoke": {
            "space": "10.1.0.0/16",
            "subnets": {
                "plain": "10.1.1.0/24",
                "behind": {"prefix": "10.1.2.0/24", "routes": {"0.0.0.0/0": "10.2.0.4"}},
            },
        },
        "hub": {"space": "10.2.0.0/16", "subnets": {"AzureFirewallSubnet": "10.2.0.0/26"}},
    },
    "peerings": ["spoke - hub"],
}
ACTUAL = written(CASE)


def _told(printed: str, subnet: str, **more: Any) -> ToldRoutes:
    """Return what an interface tells, from a table as az prints it."""
    return ToldRoutes(
        f"{network_id('spoke')}/subnets/{subnet}",
        "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/networkInterfaces/nic",
        tuple(_rows(printed)),
        **more,
    )


def _rows(printed: str) -> Iterator[dict[str, Any]]:
    for line in printed.splitlines():
        source, state, prefix, hop, *addresses = line.split()
        yield {
            "source": source,
            "state": state,
            "addressPrefix": [prefix],
            "nextHopType": hop,
            "nextHopIpAddress": addresses,
        }


def _differing(printed: str, subnet: str, actual: Actual = ACTUAL) -> list[Disagreement]:
    return list(differing_routes(Model.of(actual), [_told(printed, subnet)]))


@pytest.mark.parametrize(("printed", "subnet"), [(PLAIN, "plain"), (BEHIND, "behind")])
def test_what_azure_was_seen_to_tell_is_what_the_model_says(printed: str, subnet: str) -> None:
    """Azure's own prefixes that it drops are nobody's; a peering has three names."""
    assert _differing(printed, subnet) == []


@pytest.mark.parametrize(
    ("line", "azure"),
    [
        ("User Active 198.51.100.0/24 None", "198.51.100.0/24 to nowhere"),
        ("Default Active 10.3.0.0/16 ConnectedGroup", "10.3.0.0/16 to mesh"),
        ("Default Active 10.3.0.4/32 InterfaceEndpoint", "10.3.0.4/32 to InterfaceEndpoint"),
        (
            "VirtualNetworkGateway Active 10.9.0.0/16 VirtualNetworkGateway 10.2.1.4",
            "10.9.0.0/16 to gateway",
        ),
    ],
)
def test_a_route_that_the_model_lacks_is_its_fault(line: str, azure: str) -> None:
    """It is told by prefix and hop."""
    [found] = _differing(f"{BEHIND}{line}\n", "behind")

    assert (found.network, found.what) == ("spoke/behind", "routes of nic")
    assert (found.azure, found.model, found.whose) == ((azure,), (), FAULT)


@pytest.mark.parametrize(
    "line",
    [
        "User Invalid 10.2.0.0/16 VirtualAppliance 10.2.0.4",  # overridden
        "User Active Storage.WestEurope Internet",  # a service tag
        "Default Active fd00::/8 None",
        "Default Active 10.1.2.9/32 InterfaceEndpoint",  # reached in its network anyway
    ],
)
def test_a_route_that_changes_no_way_of_the_models_is_no_difference(line: str) -> None:
    """Whatever it says."""
    assert _differing(f"{BEHIND}{line}\n", "behind") == []


def test_another_hop_is_told_from_both_sides() -> None:
    """What only Azure says, and what only the model does."""
    [found] = _differing(BEHIND.replace("10.2.0.4", "10.2.0.5"), "behind")

    assert str(found) == (
        "spoke/behind: routes of nic: only Azure says 0.0.0.0/0 to appliance 10.2.0.5; only the "
        "model says 0.0.0.0/0 to appliance 10.2.0.4: the model's fault"
    )


def test_many_routes_with_one_hop_are_counted() -> None:
    """A gateway may have learned hundreds."""
    lines = (f"Default Active 20.{n}.0.0/16 VirtualNetworkServiceEndpoint\n" for n in range(40))

    [found] = _differing("".join([BEHIND, *lines]), "behind")

    assert found.azure == ("40 prefixes to VirtualNetworkServiceEndpoint",)


def test_while_its_table_is_written_a_difference_is_azures_lag() -> None:
    """Its provisioning state says so."""
    key = next(key for key in ACTUAL.resources if key.endswith("/routetables/spoke-behind"))
    table = ACTUAL.resources[key]
    body = {**table.body, "properties": {**table.body["properties"], "provisioningState": "U"}}
    moving = Actual({**ACTUAL.resources, key: Found("", table.id, body)}, ACTUAL.goal_states)

    [found] = _differing(PLAIN, "behind", moving)

    assert found.whose == LAG


def test_a_difference_that_is_gone_at_another_look_was_azures_lag() -> None:
    """One that stays is whose it was."""
    [one] = _differing(BEHIND, "plain")
    [other] = _differing(PLAIN, "behind")

    assert [item.whose for item in settled([one, other], [other])] == [LAG, FAULT]


def test_only_interfaces_are_asked() -> None:
    """Not those of scale sets, nor what else has an address in a subnet."""
    group, nic = (
        "/subscriptions/s/resourceGroups/RG/providers",
        "networkInterfaces/n/ipConfigurations/a",
    )
    users = [
        f"{group}/Microsoft.Network/networkInterfaces/NIC/ipConfigurations/a",
        f"{group}/Microsoft.Network/networkInterfaces/NIC/ipConfigurations/b",
        f"{group}/Microsoft.Compute/virtualMachineScaleSets/s/virtualMachines/0/{nic}",
        f"{group}/Microsoft.Network/loadBalancers/lb/frontendIPConfigurations/a",
    ]
    subnet = {"name": "a", "properties": {"ipConfigurations": [{"id": name} for name in users]}}
    empty = {"name": "b", "properties": {}}
    name = network_id("v")
    actual = Actual.of([Found("", name, {"properties": {"subnets": [subnet, empty]}})])

    assert interfaces(actual, [name, network_id("not-there")]) == {
        f"{name}/subnets/a": (f"{group}/Microsoft.Network/networkInterfaces/NIC",)
    }


def test_who_was_refused_is_told_once_for_each_reason() -> None:
    """With the first as an example."""
    no, off = "AuthorizationFailed: no.", "NotRunning: it is off."
    told = [_told("", "plain", refused=text) for text in (no, no, off)]

    first, *refused = Heard(2, (), (*told, _told(PLAIN, "plain"))).lines()

    assert first == (
        "Held against the model: admin rules and meshes of 2 networks, routes of machines in 1 "
        "subnet; no differences."
    )
    assert refused == [
        f"Not told: routes of spoke/plain (nic) and 1 more: {no}",
        f"Not told: routes of spoke/plain (nic): {off}",
    ]


def test_where_no_machine_stands_it_is_said_that_nobody_told_routes() -> None:
    """Rules and meshes are compared all the same."""
    [line] = Heard(1, (), ()).lines()

    assert line.endswith("of 1 network, no routes, for no machine stands in them; no differences.")
