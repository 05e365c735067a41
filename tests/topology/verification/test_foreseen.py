"""What a plan leads to is foreseen: nothing is left to do in it, and nothing else is forgotten."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace

import pytest

from tests.builders import a_network, as_deployed
from tests.topology.examples import NAMES, example
from topology.kind import Resource, Stage, same_id
from topology.network import Network
from topology.planning.actual import Actual, Found
from topology.planning.plan import Change, Commit
from topology.planning.planner import make_plan
from topology.verification.foreseen import foresee
from topology.verification.outlook import look_ahead
from topology.verification.verdict import as_wanted, findings_of, model_of
from topology.verify_spec import Assumptions


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_left_to_do_in_what_a_first_plan_leads_to(name: str) -> None:
    """With the addresses that firewalls will likely get."""
    network = example(name)
    state = foresee(Actual(), make_plan(network, Actual()).steps, network.topology.topology)

    assert make_plan(network, state).work == ()


def test_what_no_step_writes_is_as_it_was_read() -> None:
    """Networks of others and members of groups are still known."""
    theirs = Found("virtual-network", "/subscriptions/s/virtualNetworks/theirs", {})
    deployed = as_deployed(a_network("eastus"))
    actual = replace(deployed, others=(theirs,), members={"group": frozenset({"theirs"})})

    assert foresee(actual, (), "sample") == actual


def test_a_peering_that_waits_for_its_other_side_is_connected_by_it() -> None:
    """As a run leaves it that was cut between the two; the firewall, in the midst of its making."""
    network = a_network("eastus")
    whole, firewall = as_deployed(network), same_id(network.names.firewall_id("eastus"))
    to_hub, to_spoke = (
        next(key for key in whole.resources if key.endswith(f"/peer-sample-{name}"))
        for name in ("prod-to-hub", "hub-to-prod")
    )
    found = {key: item for key, item in whole.resources.items() if key != to_spoke}
    found[to_hub] = _with(found[to_hub], peeringState="Initiated")
    found[firewall] = _with(found[firewall], provisioningState="Failed")
    actual = replace(whole, resources=found)

    outlook = look_ahead(network, make_plan(network, actual), actual)

    assert outlook.refusal is None
    assert any(item.gained for item in outlook.differences)


def test_an_edit_of_what_is_deployed_holds_when_it_is_committed() -> None:
    """Until then the region has what was committed; one that gets the rest has it at once."""
    network = a_network("eastus", "westus")
    actual = as_deployed(network)
    rule = next(key for key in actual.resources if "/securityadminconf" in key and "/rules/" in key)
    body = dict(actual.resources[rule].body)
    resource = Resource(
        "security-admin-rule",
        actual.resources[rule].id,
        None,
        Stage.SECURITY,
        {**body, "properties": {**body["properties"], "access": "Allow"}},
    )
    east = next(
        step
        for step in make_plan(network, Actual()).steps
        if isinstance(step, Commit) and step.resource.id.endswith("SecurityAdmin-eastus")
    )

    edited = foresee(actual, [Change(resource, ())], "sample")
    committed = foresee(edited, [east], "sample")

    assert _access(network, edited, rule) == {"eastus": "Deny", "westus": "Deny"}
    assert _access(network, committed, rule) == {"eastus": "Allow", "westus": "Deny"}


def _access(network: Network, actual: Actual, rule: str) -> dict[str, str]:
    """Return what a rule does in each region that it reaches."""
    model = model_of(network, actual)
    return {
        model.fabric.networks[key].region: found.access
        for key, rules in model.effects.rules.items()
        for found in rules
        if same_id(found.id) == rule
    }


def _with(item: Found, **properties: str) -> Found:
    return replace(
        item, body={**item.body, "properties": {**item.body["properties"], **properties}}
    )


def test_a_firewall_that_is_yet_to_be_made_is_proved_at_either_address() -> None:
    """Routes follow it to the address that it gets."""
    network = a_network("eastus", "westus")
    first = model_of(network, as_wanted(network))
    next_one = first.assuming(Assumptions(firewall_takes_first_address=False))

    for model, nth in ((first, 4), (next_one, 5)):
        wanted = {int(hub.firewall_prefix[nth]) for hub in network.hubs}
        assert set(model.fabric.address_of.values()) == wanted
        assert findings_of(network, model) == []


def test_whether_a_peering_that_avnm_makes_takes_forwarded_traffic_is_assumed() -> None:
    """Its body tells only when it is there."""
    network = a_network("eastus")
    actual = as_deployed(network)
    key = next(key for key in actual.resources if key.endswith("/peer-sample-prod-to-hub"))
    body = deepcopy(dict(actual.resources[key].body))
    del body["properties"]["allowForwardedTraffic"]
    yet = replace(
        actual, resources={**actual.resources, key: replace(actual.resources[key], body=body)}
    )
    model = model_of(network, yet)
    otherwise = findings_of(network, model.assuming(Assumptions(avnm_peerings_forward=False)))

    assert findings_of(network, model) == []
    assert "reach" in {item.rule for item in otherwise}
