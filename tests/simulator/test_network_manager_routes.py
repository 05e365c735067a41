"""Managed route tables: made, associated, repaired and taken away again."""

from typing import Any

import pytest

from tests.simulator.azure import A_WHILE, NETWORK, SUBSCRIPTION, Azure, a_network, a_table
from tests.simulator.manager import (
    MANAGED_GROUP,
    MANAGER,
    ROUTING,
    ROUTING_COLLECTION,
    a_group,
    a_member,
    a_routing_rule,
    commit,
    deployed,
    forced,
    network_id,
    put,
    routing,
)

TABLES = f"{SUBSCRIPTION}/resourceGroups/{MANAGED_GROUP}/providers/Microsoft.Network/routeTables"
TO_FIREWALL = a_routing_rule()


async def _spoke(azure: Azure, *rules: dict[str, Any], table: str | None = None) -> None:
    """Make a spoke with a subnet, perhaps with a table of its own, and deploy rules to it."""
    body = a_network(a="10.0.1.0/24")
    if table:
        subnet = body["properties"]["subnets"][0]["properties"]
        subnet["routeTable"] = {"id": f"{NETWORK}/routeTables/{table}"}
    await azure.made("virtualNetworks/v", body)
    await a_group(azure, "g", "v")
    await routing(azure, "g", *(rules or (TO_FIREWALL,)))
    await deployed(azure, "Routing", ROUTING)


async def _table(azure: Azure, subnet: str = "virtualNetworks/v/subnets/a") -> str | None:
    properties = (await azure.get(subnet))["properties"]
    found: dict[str, str] = properties.get("routeTable", {})
    return found.get("id")


async def _routes(azure: Azure) -> dict[str, str]:
    table = await _table(azure)
    assert table is not None
    routes = (await azure.get(table))["properties"]["routes"]
    return {
        item["properties"]["addressPrefix"]: item["properties"]["nextHopType"] for item in routes
    }


async def test_a_subnet_gets_a_managed_table(azure: Azure) -> None:
    """Its name and group are the service's."""
    await _spoke(azure)
    table = await _table(azure)
    assert table is not None
    group, name = table.split("/")[4], table.rsplit("/", 1)[-1]
    assert group == MANAGED_GROUP
    assert name.startswith("AVNM_Managed_")
    assert len(name) == len("AVNM_Managed_") + 32
    assert await _routes(azure) == {"0.0.0.0/0": "VirtualAppliance"}


async def test_the_managed_group_and_tables_are_visible(azure: Azure) -> None:
    """To lists of groups, of tables and of resources."""
    await _spoke(azure)
    groups = (await azure.get(f"{SUBSCRIPTION}/resourceGroups"))["value"]
    tables = (await azure.get(f"{SUBSCRIPTION}/providers/Microsoft.Network/routeTables"))["value"]
    listed = await azure.get(f"{SUBSCRIPTION}/resourceGroups/{MANAGED_GROUP}/resources")
    assert MANAGED_GROUP in [item["name"] for item in groups]
    assert [item["id"] for item in tables] == [item["id"] for item in listed["value"]]


async def test_subnets_with_the_same_rules_share_a_table(azure: Azure) -> None:
    """One table a region and rule set."""
    await azure.made("virtualNetworks/w", a_network("10.9.0.0/16", a="10.9.1.0/24"))
    await _spoke(azure)
    await a_member(azure, "g", network_id("w"))
    azure.clock.advance(A_WHILE)
    first = await _table(azure)
    assert first == await _table(azure, "virtualNetworks/w/subnets/a")


@pytest.mark.parametrize("name", ["AzureFirewallSubnet", "GatewaySubnet", "AzureBastionSubnet"])
async def test_subnets_of_services_are_left_alone(azure: Azure, name: str) -> None:
    """When the group is one of networks."""
    await azure.made("virtualNetworks/v", a_network(**{name: "10.0.1.0/24"}))
    await a_group(azure, "g", "v")
    await routing(azure, "g", TO_FIREWALL)
    await deployed(azure, "Routing", ROUTING)
    assert await _table(azure, f"virtualNetworks/v/subnets/{name}") is None


async def test_a_group_of_subnets_reaches_even_a_firewalls(azure: Azure) -> None:
    """If its default route goes to the internet."""
    await azure.made("virtualNetworks/v", a_network(AzureFirewallSubnet="10.0.1.0/24"))
    await a_group(azure, "none")
    subnets = {"properties": {"memberType": "Subnet"}}
    await put(azure, f"{MANAGER}/networkGroups/g", subnets)
    subnet = f"{network_id('v')}/subnets/AzureFirewallSubnet"
    await a_member(azure, "g", subnet)
    await routing(azure, "g", a_routing_rule("0.0.0.0/0", "Internet", ""))
    await deployed(azure, "Routing", ROUTING)
    assert await _table(azure, subnet) is not None


async def test_a_subnet_added_later_gets_the_table(azure: Azure) -> None:
    """In a while."""
    await _spoke(azure)
    await azure.made(
        "virtualNetworks/v/subnets/b", {"properties": {"addressPrefix": "10.0.2.0/24"}}
    )
    azure.clock.advance(A_WHILE)
    assert await _table(azure, "virtualNetworks/v/subnets/b") == await _table(azure)


async def test_a_put_without_the_table_undoes_the_association_for_a_while(azure: Azure) -> None:
    """Until the network manager repairs it."""
    await _spoke(azure)
    before = await _table(azure)
    await azure.put("virtualNetworks/v/subnets/a", {"properties": {"addressPrefix": "10.0.1.0/24"}})
    azure.clock.advance(5)
    assert await _table(azure) is None
    azure.clock.advance(60)
    assert await _table(azure) == before


async def test_an_own_tables_routes_are_taken_along(azure: Azure) -> None:
    """And the rule for a destination that it has is ignored."""
    await azure.made("routeTables/own", a_table(("10.5.0.0/16", "None"), ("10.6.0.0/16", "None")))
    await _spoke(azure, TO_FIREWALL, a_routing_rule("10.5.0.0/16"), table="own")
    assert await _routes(azure) == {
        "10.5.0.0/16": "None",
        "10.6.0.0/16": "None",
        "0.0.0.0/0": "VirtualAppliance",
    }


async def test_undeploying_restores_the_earlier_table(azure: Azure) -> None:
    """And deletes the managed one."""
    await azure.made("routeTables/own", a_table())
    await _spoke(azure, table="own")
    assert await _table(azure) != f"{NETWORK}/routeTables/own"
    await deployed(azure, "Routing")
    assert await _table(azure) == f"{NETWORK}/routeTables/own"
    assert (await azure.get(TABLES))["value"] == []


async def test_routes_that_others_put_in_survive(azure: Azure) -> None:
    """The table stays for them, without ours."""
    await _spoke(azure)
    table = await _table(azure)
    assert table is not None
    foreign = {"properties": {"addressPrefix": "10.7.0.0/16", "nextHopType": "None"}}
    await azure.made(f"{table}/routes/foreign", foreign)
    await deployed(azure, "Routing")
    assert [item["name"] for item in (await azure.get(f"{table}/routes"))["value"]] == ["foreign"]


async def test_an_edited_rule_changes_nothing_before_its_commit(azure: Azure) -> None:
    """Then it changes the routes in place."""
    await _spoke(azure)
    table = await _table(azure)
    await put(azure, f"{ROUTING_COLLECTION}/rules/r0", a_routing_rule("0.0.0.0/0", "NoNextHop", ""))
    azure.clock.advance(A_WHILE)
    assert await _routes(azure) == {"0.0.0.0/0": "VirtualAppliance"}
    await deployed(azure, "Routing", ROUTING)
    assert await _routes(azure) == {"0.0.0.0/0": "None"}
    assert await _table(azure) == table


async def test_a_member_taken_out_gets_its_association_back(azure: Azure) -> None:
    """Membership needs no commit."""
    await _spoke(azure)
    await azure.delete(f"{MANAGER}/networkGroups/g/staticMembers/v")
    azure.clock.advance(A_WHILE)
    assert await _table(azure) is None


async def test_of_two_next_hops_for_one_destination_one_is_chosen(azure: Azure) -> None:
    """The other rule is ignored."""
    other = a_routing_rule("0.0.0.0/0", "Internet", "")
    await _spoke(azure, TO_FIREWALL, other)
    assert len(await _routes(azure)) == 1


async def test_a_network_in_a_region_without_the_commit_gets_nothing(azure: Azure) -> None:
    """A goal state is one region's."""
    await azure.made("virtualNetworks/v", a_network(a="10.0.1.0/24"))
    await a_group(azure, "g", "v")
    await routing(azure, "g", TO_FIREWALL)
    await deployed(azure, "Routing", ROUTING, regions=("eastus",))
    assert await _table(azure) is None


async def test_a_busy_network_is_served_when_it_is_done(azure: Azure) -> None:
    """The association waits for the operation."""
    await azure.made("virtualNetworks/v", a_network(a="10.0.1.0/24"))
    await a_group(azure, "g", "v")
    await routing(azure, "g", TO_FIREWALL)
    await commit(azure, "Routing", ROUTING)
    azure.clock.advance(59)
    for _ in range(300):
        await azure.put("virtualNetworks/v", a_network(a="10.0.1.0/24"))
        azure.clock.advance(1)
        if await _table(azure) is not None:
            break
    azure.clock.advance(A_WHILE)
    assert await _table(azure) is not None


async def test_a_deleted_manager_leaves_no_tables(azure: Azure) -> None:
    """Everything is undeployed."""
    await _spoke(azure)
    await forced(azure, MANAGER)
    azure.clock.advance(A_WHILE)
    assert await _table(azure) is None
    assert (await azure.get(TABLES))["value"] == []


USE_EXISTING = {"properties": {"routeTableUsageMode": "UseExisting"}}


async def _lent(azure: Azure) -> None:
    """Give the spoke a table of its own and let rules use it."""
    await azure.made("routeTables/own", a_table(("10.7.0.0/16", "None")))
    await _spoke(azure, TO_FIREWALL, a_routing_rule("10.7.0.0/16"), table="own")
    await put(azure, ROUTING, USE_EXISTING)
    await deployed(azure, "Routing", ROUTING)


async def test_rules_may_go_into_the_table_that_is_there(azure: Azure) -> None:
    """Its own routes win; the association stays."""
    await _lent(azure)
    assert await _table(azure) == f"{NETWORK}/routeTables/own"
    assert await _routes(azure) == {"10.7.0.0/16": "None", "0.0.0.0/0": "VirtualAppliance"}


async def test_undeploying_takes_the_rules_out_of_the_table_that_was_there(azure: Azure) -> None:
    """What was there before is there still."""
    await _lent(azure)
    await deployed(azure, "Routing")
    assert await _table(azure) == f"{NETWORK}/routeTables/own"
    assert await _routes(azure) == {"10.7.0.0/16": "None"}


async def test_a_subnet_without_a_table_gets_a_managed_one(azure: Azure) -> None:
    """Although the configuration would use what is there."""
    await _spoke(azure)
    await put(azure, ROUTING, USE_EXISTING)
    await deployed(azure, "Routing", ROUTING)
    assert await _routes(azure) == {"0.0.0.0/0": "VirtualAppliance"}


async def test_a_route_taken_out_by_hand_comes_back(azure: Azure) -> None:
    """After a while."""
    await _lent(azure)
    routes = (await azure.get("routeTables/own"))["properties"]["routes"]
    rule = next(item for item in routes if item["properties"]["addressPrefix"] == "0.0.0.0/0")
    await azure.gone(rule["id"])
    azure.clock.advance(A_WHILE)
    assert (await _routes(azure))["0.0.0.0/0"] == "VirtualAppliance"
