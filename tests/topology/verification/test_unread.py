"""What no list tells: gateways that may lead traffic elsewhere, and policies out of sight."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.builders import a_network, as_deployed
from tests.topology.verification.written import written
from topology.kind import same_id
from topology.planning.actual import Actual, Found
from topology.verification.model import Model
from topology.verification.proof import Proof
from topology.verification.question import put
from topology.verification.rules import Traffic
from topology.verification.unread import unread
from topology.verification.verdict import model_of, prove, told

ONE = a_network("eastus")
HUB, PROD = (ONE.names.vnet_id("eastus", name) for name in ("hub", "prod"))
GATEWAYS = HUB.rpartition("/virtualNetworks/")[0] + "/virtualNetworkGateways"


def _with_gateway(actual: Actual) -> Actual:
    """Return it with somebody's gateway in the hub, as Azure shows one."""
    user = {"id": f"{GATEWAYS}/VGW/ipConfigurations/IP"}
    properties = {"addressPrefix": "10.0.3.0/27", "ipConfigurations": [user]}
    subnets = _body(actual, HUB)["properties"]["subnets"]
    return _changed(actual, HUB, subnets=[*subnets, _named("GatewaySubnet", properties)])


def _named(name: str, properties: Any) -> dict[str, Any]:
    return {"name": name, "properties": properties}


def _changed(actual: Actual, name: str, **properties: Any) -> Actual:
    body = _body(actual, name)
    body = {**body, "properties": {**body["properties"], **properties}}
    found = replace(actual.resources[same_id(name)], body=body)
    return replace(actual, resources={**actual.resources, same_id(name): found})


def _body(actual: Actual, name: str) -> dict[str, Any]:
    return dict(actual.resources[same_id(name)].body)


def _unread(actual: Actual) -> tuple[str, ...]:
    return prove(Proof(ONE, model_of(ONE, actual))).unread


def test_a_gateway_in_a_hub_may_lead_what_the_firewall_sends_elsewhere() -> None:
    """The table of its subnet lets learned routes in; the verdict says so."""
    actual = _with_gateway(as_deployed(ONE))
    says = (
        "what VGW learned, which may lead traffic of vnet-sample-hub-eastus elsewhere "
        "(AzureFirewallSubnet)"
    )

    assert _unread(as_deployed(ONE)) == ()
    assert _unread(actual) == (says,)
    assert f"- not read: {says}" in told(prove(Proof(ONE, model_of(ONE, actual))))


def test_a_way_that_passes_it_says_so_too() -> None:
    """One that stays in its network does not."""
    model = model_of(ONE, _with_gateway(as_deployed(ONE)))
    far, near = (
        put(ONE, model, "eastus/prod", target, Traffic())
        for target in ("eastus/nonprod", "10.0.32.5")
    )

    assert [item.split(",")[0] for item in far.unread] == ["what VGW learned"]
    assert near.unread == ()


def test_a_table_keeps_out_what_gateways_learn() -> None:
    """DisableBgpRoutePropagation does."""
    table = ONE.names.route_table_id("eastus")
    actual = _changed(_with_gateway(as_deployed(ONE)), table, disableBgpRoutePropagation=True)

    assert _unread(actual) == ()


def test_a_spoke_that_uses_the_gateway_of_a_peer_follows_it() -> None:
    """Its peering says so, and names it."""
    peering = next(
        key for key in as_deployed(ONE).resources if key.startswith(f"{same_id(PROD)}/virtualn")
    )
    gateways = [{"id": f"{GATEWAYS}/vgw"}]
    actual = _changed(as_deployed(ONE), peering, useRemoteGateways=True, remoteGateways=gateways)

    [found] = _unread(actual)

    assert found.startswith("what vgw learned, which may lead traffic of vnet-sample-prod-eastus")


def test_a_policy_that_was_not_read_is_told() -> None:
    """With the firewall that it decides for."""
    actual = as_deployed(ONE)
    firewall = _body(actual, ONE.names.firewall_id("eastus"))
    elsewhere = "/subscriptions/x/resourceGroups/y/providers/Microsoft.Network/firewallPolicies/p"
    properties = {**firewall["properties"], "firewallPolicy": {"id": elsewhere}}
    theirs = f"{ONE.names.firewall_id('eastus')}-partner"
    around = {same_id(theirs): Found("firewall", theirs, {**firewall, "properties": properties})}

    [found] = _unread(replace(actual, around=around))

    assert found == f"the whole of policy p, by which {theirs.rsplit('/', 1)[-1]} decides"


@pytest.mark.parametrize(
    ("state", "rules", "unread"),
    [
        ("Updating", set(), ()),
        (
            "Failed",
            {"not-ready", "reach"},
            ("whether afw-sample-eastus serves, whose last operation failed",),
        ),
    ],
)
def test_of_a_firewall_with_an_address_only_a_failed_one_is_told(
    state: str, rules: set[str], unread: tuple[str, ...]
) -> None:
    """While its rules are edited it serves; of what passes one that failed nothing is known."""
    firewall = ONE.names.firewall_id("eastus")
    good = as_deployed(ONE)
    [inner] = _body(good, firewall)["properties"]["ipConfigurations"]
    address = {**inner["properties"], "privateIPAddress": "10.0.0.4"}
    actual = _changed(
        good,
        firewall,
        ipConfigurations=[{**inner, "properties": address}],
        provisioningState=state,
    )

    verdict = prove(Proof(ONE, model_of(ONE, actual)))

    assert ({item.rule for item in verdict.findings}, verdict.unread) == (rules, unread)


@pytest.mark.parametrize(
    ("part", "state"),
    [
        ("firewallPolicies/parent", "Failed"),
        ("firewallPolicies/child/ruleCollectionGroups/g", "Failed"),
        ("firewallPolicies/parent/ruleCollectionGroups/g", "Updating"),
        ("ipGroups/offices", "Failed"),
    ],
)
def test_rules_that_a_firewall_may_not_follow_are_told(part: str, state: str) -> None:
    """It goes by those before where their write has failed, and until it has succeeded."""
    subnets = {"AzureFirewallSubnet": "10.0.0.0/26"}
    hub = {"space": "10.0.0.0/16", "subnets": subnets, "firewall": "10.0.0.4", "policy": "child"}
    policies = {
        "child": {"rules": ["allow any * from * to *"], "parent": "parent"},
        "parent": {"rules": ["deny tcp 22 from @offices to *"]},
    }
    offices = {"offices": ["10.9.0.0/16"]}
    good = written({"networks": {"hub": hub}, "policies": policies, "ip_groups": offices})
    [changed] = [item.id for item in good.resources.values() if item.id.endswith(f"/{part}")]
    told = [
        list(unread(model, model.fabric.networks))
        for model in map(Model.of, (good, _changed(good, changed, provisioningState=state)))
    ]

    says = f"by which rules traffic passes afw-hub: {part.rpartition('/')[2]} reads {state}, "
    assert told == [[], [f"{says}and those before may still be followed"]]


def test_a_firewall_of_others_that_publishes_a_network_of_ours_is_told() -> None:
    """What it does is not the file's to say, so it is no finding."""
    subnets = {"AzureFirewallSubnet": "172.16.0.0/26"}
    rules = {"rules": ["dnat tcp 443 from * to 203.0.113.4 on 10.0.32.4:443"]}
    theirs = {"space": "172.16.0.0/16", "subnets": subnets, "firewall": None, "classic": rules}
    actual = as_deployed(ONE)
    around = written({"networks": {"theirs": theirs}}).resources
    verdict = prove(Proof(ONE, model_of(ONE, replace(actual, around=around))))

    assert (verdict.findings, len(verdict.unread)) == ((), 1)
    assert verdict.unread[0] == (
        "what becomes of what DNAT rules of afw-theirs translate: afw-theirs/c0/r0 (tcp 443 from "
        "anybody to 203.0.113.4 goes on to 10.0.32.4:443)"
    )
