"""A firewall that Azure gives another address: who led to it follows, by the real client."""

from __future__ import annotations

from typing import Any

from azure_api.client import Azure
from simulator.settings import Settings
from tests.azure_api.in_process import simulated_azure
from tests.builders import a_network
from tests.carry_out import apply_network, carry_out, read_network
from topology.addressing import allocate
from topology.kind import address_in, at
from topology.planning.assigned import reassigned
from topology.planning.planner import make_plan
from topology.planning.roll_back.planner import plan_roll_back

BEFORE = a_network(spokes={"prod": {}})
ZONES = a_network(
    lock=allocate(BEFORE.topology),
    spokes={"prod": {}},
    regions={"eastus": {"zones": ["1"]}, "westus": {}},
)
NAMES = BEFORE.names


async def _leads(azure: Azure) -> tuple[str, set[Any]]:
    """Return a firewall's address, and where a route, a resolver and a rule lead that name it."""
    actual = await read_network(azure, BEFORE)
    firewall = actual.get(NAMES.firewall_id("eastus"))
    table = actual.get(NAMES.route_table_id("westus"))
    spoke = actual.get(NAMES.vnet_id("eastus", "prod"))
    assert firewall is not None
    assert table is not None
    assert spoke is not None
    routes = {item["name"]: item["properties"] for item in at(table.body, "properties.routes")}
    rules = [
        at(item.body, "properties.nextHop.nextHopAddress")
        for item in actual.resources.values()
        if item.kind == "routing-rule" and "spokes-eastus" in item.id
    ]
    resolver = at(spoke.body, "properties.dhcpOptions.dnsServers.0")
    found = {routes["to-eastus"]["nextHopIpAddress"], resolver, rules[-1]}
    return str(address_in(firewall.body)), found


async def test_who_leads_to_a_firewall_follows_it_when_it_is_made_again_and_taken_back() -> None:
    """Each time it has another address, and each time the report says so."""
    async with simulated_azure(settings=Settings(firewall_addresses_move=True)) as (azure, _):
        assert await apply_network(azure, BEFORE) == {}
        first, _ = await _leads(azure)
        plan = make_plan(ZONES, await read_network(azure, ZONES))

        assert await carry_out(azure, plan) == {}
        second, led_to = await _leads(azure)
        assert (led_to, second != first) == ({second}, True)

        back = plan_roll_back(plan, "eastus", await read_network(azure, BEFORE))
        assert await carry_out(azure, back) == {}
        third, led_to = await _leads(azure)
        assert (led_to, third in {first, second}) == ({third}, False)

        told = [str(m) for m in reassigned(plan.found, await read_network(azure, BEFORE))]
        assert any(f"has {third} instead of {first}" in text for text in told)
        assert any(text.startswith("public-ip pip-sample-afw-eastus has ") for text in told)
