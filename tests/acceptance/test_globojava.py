"""GloboJava by its deployment: a region that fails, then all six, looked at over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from deployments.local_stack import local_stack
from tests.acceptance.over_http import AzureOverHttp, PrefectOverHttp

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

REGIONS = {"eastus", "westus", "northeurope", "westeurope", "australiaeast", "southeastasia"}
BAD = "westeurope"
SUBSCRIPTION = "/subscriptions/00000000-0000-4000-8000-000000000001"
NETWORK = f"{SUBSCRIPTION}/providers/Microsoft.Network"
MANAGER = (
    f"{SUBSCRIPTION}/resourceGroups/rg-globojava-global/providers/Microsoft.Network"
    "/networkManagers/vnm-globojava"
)


@dataclass(frozen=True)
class Rollouts:
    """Two runs of the deployment: one with a firewall that fails for good, one without."""

    prefect: PrefectOverHttp
    azure: AzureOverHttp
    failed: dict[str, Any]
    left: list[dict[str, Any]]
    good: dict[str, Any]


@pytest.fixture(scope="module")
def rollouts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rollouts]:
    """Start the stack of the demo, let a region fail, then let it pass."""
    folder: Path = tmp_path_factory.mktemp("stack")
    with local_stack(folder, speed=120, tell=lambda _text: None) as stack:
        prefect = PrefectOverHttp(stack.client_environment["PREFECT_API_URL"])
        prefect.start_no_proofs()
        azure = AzureOverHttp(stack.azure_environment)
        azure.control("POST", "faults", [_FAULT])
        failed = prefect.run("apply-topology/globojava")
        left = azure.get(f"{NETWORK}/virtualNetworks")["value"]
        azure.control("DELETE", "faults")
        good = prefect.run("apply-topology/globojava")
        yield Rollouts(prefect, azure, failed, left, good)


_FAULT = {
    "method": "PUT",
    "type": "Microsoft.Network/azureFirewalls",
    "region": BAD,
    "status": 400,
    "code": "AzureFirewallSubnetNotFound",
    "message": "It fails for good.",
    "times": None,
}


def test_a_region_that_fails_disturbs_no_other(rollouts: Rollouts) -> None:
    """Five regional runs are Completed, the sixth Failed and was taken back, visibly."""
    expected = dict.fromkeys(REGIONS, "Completed") | {BAD: "Failed"}
    children = rollouts.prefect.children(rollouts.failed)

    assert children == expected | {f"take back {BAD}": "Completed"}
    assert (rollouts.failed["state_type"], rollouts.failed["state_name"]) == (
        "FAILED",
        "RolledBack",
    )


def test_the_failed_region_is_what_it_was(rollouts: Rollouts) -> None:
    """Nothing of it is left; the networks of the others are there."""
    assert {network["location"] for network in rollouts.left} == REGIONS - {BAD}


def test_the_table_says_what_happened_where(rollouts: Rollouts) -> None:
    """The failed region's row says rolled back, and why."""
    rows = {
        row["region"]: row for row in rollouts.prefect.table(rollouts.failed, "globojava-result")
    }

    assert rows[BAD]["state"] == "rolled back"
    assert "It fails for good." in rows[BAD]["error"]
    assert {rows[region]["state"] for region in REGIONS - {BAD}} == {"done"}


def test_the_next_run_completes_the_region(rollouts: Rollouts) -> None:
    """It plans from what is there, and ends Completed."""
    assert rollouts.good["state_name"] == "Completed"


def test_there_are_six_hubs_and_twelve_spokes(rollouts: Rollouts) -> None:
    """Told apart by their names."""
    names = [
        network["name"] for network in rollouts.azure.get(f"{NETWORK}/virtualNetworks")["value"]
    ]

    assert sorted(name for name in names if "-hub-" in name) == sorted(
        f"vnet-globojava-hub-{region}" for region in REGIONS
    )
    assert len(names) == 18


def test_there_are_six_premium_firewalls(rollouts: Rollouts) -> None:
    """One a region, in the zones that the region has."""
    found = rollouts.azure.get(f"{NETWORK}/azureFirewalls")["value"]

    assert {(item["location"], item["properties"]["sku"]["tier"]) for item in found} == {
        (region, "Premium") for region in REGIONS
    }
    assert {item["location"] for item in found if not item.get("zones")} == {"westus"}


def test_twenty_four_peerings_are_connected(rollouts: Rollouts) -> None:
    """Each spoke to its hub and back."""
    networks = rollouts.azure.get(f"{NETWORK}/virtualNetworks")["value"]
    states = [
        peering["properties"]["peeringState"]
        for network in networks
        for peering in network["properties"]["virtualNetworkPeerings"]
    ]

    assert states == ["Connected"] * 24


@pytest.mark.parametrize("kind", ["Connectivity", "SecurityAdmin", "Routing"])
def test_every_commit_is_deployed_in_six_regions(rollouts: Rollouts, kind: str) -> None:
    """Mesh, security admin rules and routing."""
    asked = {"regions": sorted(REGIONS), "deploymentTypes": [kind]}
    found = rollouts.azure.post(f"{MANAGER}/listDeploymentStatus", asked)["value"]

    assert {(item["region"], item["deploymentStatus"]) for item in found} == {
        (region, "Deployed") for region in REGIONS
    }


def test_admin_rules_are_effective_on_every_spoke(rollouts: Rollouts) -> None:
    """Each spoke's network has one: outbound at nonprod, inbound at prod."""
    networks = rollouts.azure.get(f"{NETWORK}/virtualNetworks")["value"]
    spokes = [network for network in networks if "-hub-" not in network["name"]]
    for spoke in spokes:
        asked = f"{spoke['id']}/listNetworkManagerEffectiveSecurityAdminRules"
        rules = rollouts.azure.post(asked)["value"]
        directions = {rule["properties"]["direction"] for rule in rules}

        assert directions == {"Outbound" if "-nonprod-" in spoke["name"] else "Inbound"}


def test_every_spoke_is_routed_to_its_own_firewall(rollouts: Rollouts) -> None:
    """The table that AVNM gave each workload subnet sends all to the region's firewall."""
    azure = rollouts.azure
    firewalls = {
        item["location"]: item["properties"]["ipConfigurations"][0]["properties"][
            "privateIPAddress"
        ]
        for item in azure.get(f"{NETWORK}/azureFirewalls")["value"]
    }
    for network in azure.get(f"{NETWORK}/virtualNetworks")["value"]:
        if "-hub-" in network["name"]:
            continue
        (subnet,) = network["properties"]["subnets"]
        (route,) = azure.get(subnet["properties"]["routeTable"]["id"])["properties"]["routes"]

        assert route["properties"]["addressPrefix"] == "0.0.0.0/0"
        assert route["properties"]["nextHopIpAddress"] == firewalls[network["location"]]
