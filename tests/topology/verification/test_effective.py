"""Azure's own word on what is effective, beside the model's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.builders import a_network, as_deployed
from topology.kind import same_id
from topology.planning.actual import Actual
from topology.verification.effective import disagreements
from topology.verification.model import Model

TWO = a_network("eastus", "westus")
PROD = TWO.names.vnet_id("eastus", "prod")


def test_rules_that_azure_does_not_list_are_the_models_fault_unless_it_is_deploying() -> None:
    """The names are told that only one of them has."""
    actual = as_deployed(TWO)
    model = Model.of(actual)
    rules = [rule.id for rule in model.effects.rules[same_id(PROD)]]
    same, less = ({"SecurityAdmin": {PROD: ids}} for ids in (rules, []))

    [fault] = disagreements(model, less)
    [lag] = disagreements(Model.of(_moving(actual, "Deploying")), less)

    assert list(disagreements(model, same)) == []
    assert (fault.network, fault.azure, fault.whose) == (
        "vnet-sample-prod-eastus",
        (),
        "the model's fault",
    )
    assert fault.row()["only the model says"] == ", ".join(fault.model) != ""
    assert lag.whose == "Azure's lag"


def test_a_hub_follows_the_configurations_that_name_it_and_a_mesh_of_its_own() -> None:
    """Azure lists both for it, also where nobody has joined yet."""
    network = a_network("eastus", groups={"membership": "dynamic"})
    names = network.names
    hub, mesh = names.vnet_id("eastus", "hub"), names.configuration_id("connectivityConfigurations")
    joined = f"{names.manager_id}/connectivityConfigurations/join-eastus"

    model = Model.of(as_deployed(network))

    assert list(disagreements(model, {"Connectivity": {hub: [mesh, joined]}})) == []
    [missing] = disagreements(model, {"Connectivity": {hub: [mesh]}})
    assert missing.model == ("vnm-sample/join-eastus",)


@pytest.mark.parametrize(
    "failed",
    [
        lambda actual: _moving(actual, "Failed"),
        lambda actual: _in_state(actual, "Failed"),
    ],
    ids=["deployment", "network"],
)
def test_what_has_failed_explains_no_difference(failed: Callable[[Actual], Actual]) -> None:
    """It is not on its way, so waiting would not make it another."""
    listed: dict[str, dict[str, list[str]]] = {"SecurityAdmin": {PROD: []}}
    differences = [
        list(disagreements(Model.of(state), listed))
        for state in (failed(as_deployed(TWO)), _in_state(as_deployed(TWO), "Updating"))
    ]

    assert [item.whose for [item] in differences] == ["the model's fault", "Azure's lag"]


def _in_state(actual: Actual, state: str) -> Actual:
    """Return it with prod of eastus in a provisioning state."""
    found = actual.resources[same_id(PROD)]
    properties = {**found.body["properties"], "provisioningState": state}
    changed = replace(found, body={**found.body, "properties": properties})
    return replace(actual, resources={**actual.resources, same_id(PROD): changed})


def _moving(actual: Actual, status: str) -> Actual:
    """Return a state in which rules of eastus are on their way: a second goal state beside it."""
    manager = same_id(TWO.names.manager_id)
    states = actual.goal_states[manager]
    moving = [
        replace(state, status=status, configuration_ids=())
        for state in states
        if (state.region, state.commit_type) == ("eastus", "SecurityAdmin")
    ]
    return replace(actual, goal_states={manager: (*states, *moving)})
