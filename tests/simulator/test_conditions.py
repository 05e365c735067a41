"""If-Match on writes of the network provider: no recording has it, so all of it is assumed."""

from typing import Any

import pytest

from tests.simulator.azure import Azure, a_network, a_policy, a_rule_group, code_of

HERE: dict[str, Any] = {"location": "westeurope"}
GROUP = "firewallPolicies/policy/ruleCollectionGroups/base"
WRITES = [
    ("virtualNetworks/v", a_network()),
    ("routeTables/t", HERE),
    ("networkSecurityGroups/n", HERE),
    ("publicIPAddresses/p", {**HERE, "properties": {}}),
    ("ipGroups/g", HERE),
    ("firewallPolicies/policy", a_policy()),
]


@pytest.mark.parametrize(("path", "body"), WRITES)
@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
async def test_a_write_for_another_etag_is_refused(
    azure: Azure, path: str, body: Any, method: str
) -> None:
    """412, and nothing has changed; with the etag that a GET showed it is accepted."""
    before = await azure.made(path, body)
    sent = {"PUT": body, "PATCH": {"tags": {"a": "b"}}, "DELETE": None}[method]
    refused = await azure.ask(method, path, sent, {"If-Match": 'W/"another"'})
    assert (refused.status_code, code_of(refused)) == (412, "PreconditionFailed")
    assert (await azure.get(path))["etag"] == before["etag"]
    etag = (await azure.ask("GET", path)).headers["etag"]
    accepted = await azure.ask(method, path, sent, {"If-Match": etag})
    assert accepted.status_code in (200, 202)


async def test_any_etag_will_do_when_the_resource_must_only_exist(azure: Azure) -> None:
    """A star matches what is there, and not what is not."""
    star = {"If-Match": "*"}
    assert (await azure.ask("PUT", "routeTables/t", HERE, star)).status_code == 412
    await azure.made("routeTables/t", HERE)
    assert (await azure.ask("PUT", "routeTables/t", HERE, star)).status_code == 200


async def test_a_child_is_matched_by_the_etag_it_shows(azure: Azure) -> None:
    """Subnets show their network's, rule collection groups their own."""
    await azure.made("virtualNetworks/v", a_network(s="10.0.0.0/24"))
    subnet = await azure.get("virtualNetworks/v/subnets/s")
    headers = {"If-Match": subnet["etag"]}
    assert (await azure.ask("PUT", "virtualNetworks/v/subnets/s", subnet, headers)).is_success
    await azure.made("firewallPolicies/policy", a_policy())
    group = await azure.made(GROUP, a_rule_group())
    for etag in (group["etag"], f'"{group["etag"]}"'):
        azure.clock.advance(60)
        current = (await azure.get(GROUP))["etag"]
        headers = {"If-Match": etag.replace(group["etag"], current)}
        assert (await azure.ask("PUT", GROUP, a_rule_group(), headers)).status_code == 200
