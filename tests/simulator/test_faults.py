"""Faults are ordinary input."""

import pytest

from simulator.faults import ConnectionDroppedError, Faults
from tests.simulator.azure import GROUP, Azure, a_network, code_of

NETWORKS = "Microsoft.Network/virtualNetworks"


async def test_a_fault_hits_once_and_is_used_up(azure: Azure, faults: Faults) -> None:
    """The next request succeeds."""
    faults.add(method="PUT", type=NETWORKS, region="westeurope", code="Internal", status=500)
    assert (await azure.put("virtualNetworks/v", a_network())).status_code == 500
    assert (await azure.put("virtualNetworks/v", a_network())).status_code == 201


async def test_a_fault_of_another_region_does_not_hit(azure: Azure, faults: Faults) -> None:
    """A region can fail alone."""
    faults.add(method="PUT", type=NETWORKS, region="northeurope", times=None)
    assert (await azure.put("virtualNetworks/v", a_network())).status_code == 201


async def test_provisioning_can_fail_after_it_was_accepted(azure: Azure, faults: Faults) -> None:
    """The poll tells why, the resource reads Failed, and a new PUT repairs it."""
    faults.add(type=NETWORKS, when="provisioning", code="NoLuck", message="Try again.")
    response = await azure.put("virtualNetworks/v", a_network())
    assert response.status_code == 201
    azure.clock.advance(10)
    assert (await azure.poll(response)).json() == {
        "status": "Failed",
        "error": {"code": "NoLuck", "message": "Try again."},
    }
    assert (await azure.get("virtualNetworks/v"))["properties"]["provisioningState"] == "Failed"
    again = await azure.made("virtualNetworks/v", a_network())
    assert again["properties"]["provisioningState"] == "Succeeded"


@pytest.mark.parametrize(("drop", "happened"), [("before", False), ("after", True)])
async def test_a_dropped_connection_leaves_the_client_in_doubt(
    azure: Azure, faults: Faults, drop: str, *, happened: bool
) -> None:
    """The write happened, or it did not."""
    faults.add(method="PUT", type=NETWORKS, drop=drop)
    with pytest.raises(ConnectionDroppedError):
        await azure.put("virtualNetworks/v", a_network())
    found = await azure.ask("GET", "virtualNetworks/v")
    assert (found.status_code == 200) is happened


async def test_faults_are_set_listed_and_lifted_over_http(azure: Azure) -> None:
    """Operators rehearse failures on a running server."""
    fault = {"method": "GET", "type": "Microsoft.Resources/resourceGroups", "status": 503}
    await azure.ask("POST", "/_simulator/faults", [{**fault, "code": "Busy", "times": None}])
    assert code_of(await azure.ask("GET", GROUP)) == "Busy"
    assert (await azure.get("/_simulator/faults"))["value"][0]["status"] == 503
    await azure.ask("DELETE", "/_simulator/faults")
    assert (await azure.ask("GET", GROUP)).status_code == 200
