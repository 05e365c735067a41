"""One write at a time: what the second one hears while the first still runs.

Which refusal belongs to which case was seen in recorded traffic (recordings.md section 8,
facts.md section 7): writes of two children of one resource meet the 429 that names the
operation and the seconds, with the same in Retry-After; a write below a resource that is
itself being written, and every write of the firewall services, the 409 that names the
operation's URL; a reference to what is being written a 429 without Retry-After, and from
a peering a 400. A whole resource that is written while a child is, is `assumed` to be
told what another child would be.
"""

from typing import Any

import pytest

from tests.simulator.azure import (
    NETWORK,
    Azure,
    a_network,
    a_peering,
    a_policy,
    a_rule_group,
    a_table,
)

_SUBNET = {"properties": {"addressPrefix": "10.0.9.0/24"}}
_SMALLER = {"properties": {"addressPrefix": "10.0.0.0/25"}}
_OTHER_ROUTE = {"properties": {"addressPrefix": "10.99.0.0/16", "nextHopType": "None"}}
_ROUTE = {"properties": {"addressPrefix": "10.9.0.0/16", "nextHopType": "None"}}
_RULE = {
    "properties": {
        "access": "Allow",
        "direction": "Inbound",
        "priority": 100,
        "protocol": "*",
        "sourceAddressPrefix": "*",
        "sourcePortRange": "*",
        "destinationAddressPrefix": "*",
        "destinationPortRange": "*",
    }
}
_WITH_TABLE = {
    "properties": {
        "addressPrefix": "10.0.9.0/24",
        "routeTable": {"id": f"{NETWORK}/routeTables/new"},
    }
}
_V, _W = "virtualNetworks/v", "virtualNetworks/w"
_T, _N, _P = "routeTables/t", "networkSecurityGroups/n", "firewallPolicies/p"

Write = tuple[str, str, Any]


def _put(path: str, body: Any) -> Write:
    return ("PUT", path, body)


def _delete(path: str) -> Write:
    return ("DELETE", path, None)


@pytest.fixture
async def network(azure: Azure) -> Azure:
    """Build something of everything that can be busy."""
    await azure.made(_V, a_network("10.0.0.0/16", a="10.0.0.0/24", b="10.0.1.0/24"))
    await azure.made(_W, a_network("10.1.0.0/16"))
    await azure.made(_T, a_table(("10.8.0.0/16", "None"), ("10.7.0.0/16", "None")))
    await azure.made(_N, {"location": "westeurope"})
    await azure.made(_P, a_policy())
    return azure


_CHILDREN = [
    (_put(f"{_V}/subnets/c", _SUBNET), _put(f"{_V}/subnets/a", _SMALLER), "PutSubnet", _V),
    (_put(f"{_V}/subnets/c", _SUBNET), _put(f"{_V}/subnets/c", _SUBNET), "PutSubnet", _V),
    (_delete(f"{_V}/subnets/a"), _put(f"{_V}/subnets/c", _SUBNET), "DeleteSubnet", _V),
    (_put(f"{_V}/subnets/c", _SUBNET), _delete(f"{_V}/subnets/a"), "PutSubnet", _V),
    (
        _put(f"{_V}/subnets/c", _SUBNET),
        _put(f"{_V}/virtualNetworkPeerings/p", a_peering("w")),
        "PutSubnet",
        _V,
    ),
    (
        _put(f"{_V}/virtualNetworkPeerings/p", a_peering("w")),
        _put(f"{_V}/subnets/c", _SUBNET),
        "PutVirtualNetworkPeering",
        _V,
    ),
    (_put(f"{_T}/routes/x", _ROUTE), _put(f"{_T}/routes/y", _OTHER_ROUTE), "PutRoute", _T),
    (_delete(f"{_T}/routes/r0"), _delete(f"{_T}/routes/r1"), "DeleteRoute", _T),
    (
        _put(f"{_N}/securityRules/x", _RULE),
        _put(f"{_N}/securityRules/y", {"properties": {**_RULE["properties"], "priority": 200}}),
        "PutSecurityRule",
        _N,
    ),
    (_put(f"{_V}/subnets/c", _SUBNET), _put(_V, a_network("10.0.0.0/15")), "PutSubnet", _V),
    (_put(f"{_V}/subnets/c", _SUBNET), _delete(_V), "PutSubnet", _V),
    (_put(f"{_T}/routes/x", _ROUTE), _delete(_T), "PutRoute", _T),
]


@pytest.mark.parametrize(("first", "second", "operation", "busy"), _CHILDREN)
async def test_children_of_one_resource_wait_for_each_other(
    network: Azure, first: Write, second: Write, operation: str, busy: str
) -> None:
    """And may come again after as long as they are told."""
    assert (await network.ask(*first)).status_code in (201, 202)
    refused = await network.ask(*second)
    error = refused.json()["error"]
    assert (refused.status_code, error["code"]) == (429, "RetryableError")
    [detail] = error["details"]
    wait = refused.headers["retry-after"]
    assert detail["code"] == "RetryableErrorDueToAnotherOperation"
    assert detail["message"].startswith(f"Operation {operation}Operation (")
    assert detail["message"].endswith(
        f") is updating resource {NETWORK}/{busy}. The call can be retried in {wait} seconds."
    )
    assert 11 <= int(wait) <= 14
    assert "x-ms-failure-cause" not in refused.headers
    network.clock.advance(int(wait))
    assert (await network.ask(*second)).status_code in (200, 201, 202)


_WHOLE = [
    (_put(_V, a_network("10.0.0.0/15", a="10.0.0.0/24")), _put(f"{_V}/subnets/c", _SUBNET)),
    (_put(_V, a_network("10.0.0.0/15", a="10.0.0.0/24")), _delete(_V)),
    (_delete(_V), _put(f"{_V}/subnets/c", _SUBNET)),
    (_put(_T, a_table()), _put(f"{_T}/routes/x", _ROUTE)),
    (_put("routeTables/new", a_table()), _put("routeTables/new/routes/x", _ROUTE)),
    (_put(f"{_P}/ruleCollectionGroups/x", a_rule_group(200)), _put(_P, a_policy())),
    (
        _put(f"{_P}/ruleCollectionGroups/x", a_rule_group(200)),
        _put(f"{_P}/ruleCollectionGroups/y", a_rule_group(300)),
    ),
    (_put(_P, a_policy()), _put(f"{_P}/ruleCollectionGroups/x", a_rule_group(200))),
]


@pytest.mark.parametrize(("first", "second"), _WHOLE)
async def test_what_is_written_as_a_whole_is_in_progress(
    network: Azure, first: Write, second: Write
) -> None:
    """The refusal names the operation, and no wait."""
    running = await network.ask(*first)
    assert running.status_code in (200, 201, 202)
    refused = await network.ask(*second)
    error = refused.json()["error"]
    assert (refused.status_code, error["code"]) == (409, "AnotherOperationInProgress")
    url = running.headers["azure-asyncoperation"]
    assert error["message"] == (
        "Another operation on this or dependent resource is in progress. To retrieve status of "
        f"the operation use uri: {url}."
    )
    assert error["details"] == []
    assert "retry-after" not in refused.headers


async def test_a_reference_to_what_is_being_made_is_passing(network: Azure) -> None:
    """A 429 without a wait."""
    await network.put("routeTables/new", a_table())
    refused = await network.put(f"{_V}/subnets/c", _WITH_TABLE)
    [detail] = refused.json()["error"]["details"]
    assert (refused.status_code, detail["code"]) == (429, "ReferencedResourceNotProvisioned")
    assert "retry-after" not in refused.headers


@pytest.mark.parametrize(
    ("first", "operation", "near", "far"),
    [
        (
            _put(f"{_W}/subnets/c", {"properties": {"addressPrefix": "10.1.9.0/24"}}),
            "PutSubnet",
            "v",
            "w",
        ),
        (
            _put(f"{_V}/virtualNetworkPeerings/p", a_peering("w")),
            "PutVirtualNetworkPeering",
            "w",
            "v",
        ),
    ],
)
async def test_a_peering_with_a_busy_network_is_a_passing_400(
    network: Azure, first: Write, operation: str, near: str, far: str
) -> None:
    """Also where it is the peering from there that makes it busy."""
    await network.ask(*first)
    refused = await network.put(
        f"virtualNetworks/{near}/virtualNetworkPeerings/back", a_peering(far)
    )
    error = refused.json()["error"]
    assert (refused.status_code, error["code"]) == (400, "ReferencedResourceNotProvisioned")
    assert error["message"].endswith(
        f"is not in Succeeded state. Resource is in Updating state and the last operation that "
        f"updated/is updating the resource is {operation}Operation."
    )
    assert "retry-after" not in refused.headers


async def test_reads_and_other_resources_never_wait(network: Azure) -> None:
    """Busy is one resource, with what is below it."""
    await network.put(f"{_V}/subnets/c", _SUBNET)
    assert (await network.get(_V))["properties"]["provisioningState"] == "Updating"
    assert (await network.get(f"{_V}/subnets/a"))["name"] == "a"
    other = {"properties": {"addressPrefix": "10.1.9.0/24"}}
    assert (await network.put(f"{_W}/subnets/c", other)).status_code == 201
