"""The cases of policy_conditions.yaml, asked about two networks."""

import json
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.simulator.azure import GROUP, Azure
from tests.simulator.manager import A_MANAGER, MANAGER, put

CASES: list[dict[str, Any]] = YAML(typ="safe").load(
    Path(__file__).parent / "cases" / "policy_conditions.yaml"
)

HUB: dict[str, Any] = {
    "location": "West Europe",
    "tags": {"environment": "Production", "Cost.Center": "42", "O'Brien": "yes"},
    "properties": {
        "addressSpace": {"addressPrefixes": ["10.0.0.0/16"]},
        "subnets": [{"name": "a", "properties": {"addressPrefix": "10.0.0.0/24"}}],
    },
}
SPOKE: dict[str, Any] = {
    "location": "eastus2",
    "properties": {"addressSpace": {"addressPrefixes": ["10.1.0.0/16", "10.2.0.0/16"]}},
}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])
async def test_a_condition_selects_networks(azure: Azure, case: dict[str, Any]) -> None:
    """Asked by the manager's own preview of a policy."""
    await azure.put(GROUP, {"location": "westeurope", "tags": {"owner": "Network"}})
    await azure.made("virtualNetworks/hub-WestEurope", HUB)
    await azure.made("virtualNetworks/spoke-eastus", SPOKE)
    await put(azure, MANAGER, A_MANAGER)
    body = {"conditionalMembers": json.dumps(case["condition"])}
    response = await azure.ask("POST", f"{MANAGER}/listEffectiveVirtualNetworks", body)
    assert response.status_code == 200, response.text
    names = [item["id"].rsplit("/", 1)[-1] for item in response.json()["value"]]
    assert names == case["selects"]
