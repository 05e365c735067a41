"""What is under way when a run begins: operations, and deployments of ours."""

from __future__ import annotations

from dataclasses import replace

import pytest

from azure_api.in_flight import is_changing
from tests.builders import a_network, as_deployed
from topology.kind import same_id
from topology.planning.actual import Actual

NETWORK = a_network("eastus")
MANAGER = same_id(NETWORK.names.manager_id)


def deploying(actual: Actual) -> Actual:
    """Return the same with one goal state that AVNM is still at."""
    first, *others = actual.goal_states[MANAGER]
    return replace(actual, goal_states={MANAGER: (replace(first, status="Deploying"), *others)})


def test_a_network_that_is_deployed_is_settled() -> None:
    """Its goal states read Deployed."""
    assert not is_changing(as_deployed(NETWORK), "sample")


def test_a_deployment_of_ours_is_under_way() -> None:
    """A commit that was cut off goes on in Azure."""
    assert is_changing(deploying(as_deployed(NETWORK)), "sample")


def test_a_deployment_of_a_manager_of_others_is_not_waited_for() -> None:
    """It is theirs to end."""
    assert not is_changing(deploying(as_deployed(NETWORK)), "other")


@pytest.mark.parametrize("state", ["Updating", "Deleting", "Creating"])
def test_an_operation_on_a_resource_of_ours_is_under_way(state: str) -> None:
    """Whatever it does."""
    actual = as_deployed(NETWORK)
    key, found = next((k, f) for k, f in actual.resources.items() if f.kind == "virtual-network")
    properties = {**found.body["properties"], "provisioningState": state}
    changing = replace(found, body={**found.body, "properties": properties})

    assert is_changing(Actual({**actual.resources, key: changing}, {}), "sample")
