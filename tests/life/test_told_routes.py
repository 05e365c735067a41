"""What interfaces of other people's machines tell of their routes, beside the model's."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable
from dataclasses import replace

import httpx
import pytest

from azure_api.client import Azure
from azure_api.interfaces import ask_for_routes
from simulator.access.roles import READER
from simulator.arm.world import World
from simulator.fault import Fault
from simulator.principals import Principal
from simulator.settings import Settings
from tasks.prove import listen, listen_to_machines
from tests.azure_api.in_process import connected_by, simulated_azure, tenant_of
from tests.builders import a_network
from tests.carry_out import apply_network, read_network
from tests.life import by_hand
from tests.life.outsider import outsider
from tests.topology.examples import NAMES, example
from topology.planning.actual import Actual
from topology.verification.disagreement import FAULT, LAG
from topology.verification.told_routes import interfaces

QUESTION = "Microsoft.Network/networkInterfaces/effectiveRouteTable"
ONE = a_network("eastus")
PROD = ONE.names.vnet_id("eastus", "prod")


@pytest.mark.parametrize("name", NAMES if "ORRERY_EXAMPLES" in os.environ else ["branch"])
async def test_interfaces_in_all_spokes_of_an_example_tell_the_routes_of_the_model(
    name: str,
) -> None:
    """Nor do AVNM's lists differ; `make soak` asks of all examples."""
    network = example(name)
    async with simulated_azure(settings=tenant_of(network)) as (azure, world):
        assert await apply_network(azure, network) == {}
        async with outsider(azure, world) as client:
            for spoke in network.spokes:
                vnet = network.names.vnet_id(spoke.region, spoke.name)
                await _stand(client, vnet, ["nic"])
        heard = await listen(azure, network, await read_network(azure, network))

    assert len({item.interface for item in heard.routes}) == len(list(network.spokes))
    assert all(len(item.routes) > 2 for item in heard.routes)
    assert [str(item) for item in heard.differing] == []


async def test_a_route_that_others_add_after_the_look_is_a_difference_until_the_next() -> None:
    """It is told by prefix and hop, whoever listens."""
    async with simulated_azure() as (azure, world):
        before = await _with_machines(azure, world, ["nic"])
        (table,) = _tables(before)
        async with outsider(azure, world) as client:
            body = {"addressPrefix": "198.51.100.0/24", "nextHopType": "Internet"}
            await by_hand.write(client, f"{table}/routes/theirs", {"properties": body})
        everywhere = await listen(azure, ONE, before)
        after_a_wave = await listen_to_machines(azure, ONE, before, {"eastus", None})
        elsewhere = await listen_to_machines(azure, ONE, before, {"westus"})

    [found] = everywhere.differing
    assert (found.network, found.azure, found.model, found.whose) == (
        f"{PROD.rsplit('/', 1)[-1]}/snet-sample-workload",
        ("198.51.100.0/24 to internet",),
        (),
        LAG,
    )
    assert (after_a_wave.differing, elsewhere.routes) == ((found,), ())


async def test_an_assumption_that_azure_does_not_share_is_the_models_fault() -> None:
    """It stands at two looks: a default route to the internet frees no private addresses there."""
    assumed = {"assumptions": {"internet_route_frees_private": True}}
    network = a_network("eastus", verify=assumed)
    hub = network.names.vnet_id("eastus", "hub")
    prefix = str(list(network.hubs[0].prefix.subnets(new_prefix=28))[-1])
    table = {"routeTable": {"id": network.names.route_table_id("eastus")}}
    async with simulated_azure() as (azure, world):
        assert await apply_network(azure, network) == {}
        async with outsider(azure, world) as client:
            body = {"properties": {"addressPrefix": prefix, **table}}
            await by_hand.write(client, f"{hub}/subnets/theirs", body)
            await _stand(client, hub, ["nic"], "theirs")
        heard = await listen(azure, network, await read_network(azure, network))

    [found] = heard.differing
    assert (found.whose, found.model) == (FAULT, ())
    assert "192.168.0.0/16 to nowhere" in found.azure


async def test_of_several_interfaces_in_a_subnet_the_first_of_a_running_machine_is_asked() -> None:
    """The others are refused, each once."""
    async with simulated_azure() as (azure, world):
        actual = await _with_machines(azure, world, ["off", "on", "spare"])
        world.faults.extend([Fault(type=QUESTION, status=400, code="NotRunning", name="off")])
        (told,) = await ask_for_routes(azure, interfaces(actual, [PROD]))
        asked = [path for path in azure.transport.paths("POST") if "effectiveRoute" in path]

    assert (told.interface.rsplit("/", 1)[-1].lower(), told.refused) == ("on", "")
    assert len(asked) == 2


async def test_machines_that_are_off_stop_nothing_and_are_told() -> None:
    """With what Azure said."""
    off = Fault(type=QUESTION, status=400, code="NotRunning", message="It is off.", times=None)
    async with simulated_azure() as (azure, world):
        actual = await _with_machines(azure, world, ["nic"])
        world.faults.extend([off])
        heard = await listen(azure, ONE, actual)

    *_, line = heard.lines()
    assert heard.differing == ()
    assert line.lower().endswith("prod-eastus/snet-sample-workload (nic): notrunning: it is off.")


async def test_nobody_waits_for_an_azure_that_does_not_answer() -> None:
    """After a quarter of an hour of Azure's."""
    silent = Fault(type=QUESTION, hang="before", times=None)
    async with simulated_azure() as (azure, world):
        actual = await _with_machines(azure, world, ["nic", "other"])
        world.faults.extend([silent])
        began = asyncio.get_running_loop().time()
        (told,) = await ask_for_routes(azure, interfaces(actual, [PROD]))
        took = asyncio.get_running_loop().time() - began

    assert (told.refused[:9], took) == ("TimedOut:", 900)


async def test_who_may_only_read_is_told_that_routes_were_not() -> None:
    """The question is an action, which a reader may not take."""
    reader = Principal("reader", "00000000-0000-4000-8000-00000000ee02", "s", role=READER.name)
    settings = Settings(principals=(reader,))
    async with simulated_azure(settings=settings) as (azure, world):
        actual = await _with_machines(azure, world, ["nic"])
        theirs = replace(settings, client_id=reader.client_id, client_secret=reader.secret)
        async with connected_by(azure.transport, theirs) as connection:
            (told,) = await ask_for_routes(connection, interfaces(actual, [PROD]))

    assert told.routes == ()
    assert told.refused.startswith("AuthorizationFailed: ")
    assert QUESTION in told.refused


# -- other people's machines -------------------------------------------------------------


async def _with_machines(azure: Azure, world: World, names: Iterable[str]) -> Actual:
    """Build a network, let machines of others stand in its prod spoke, and read it."""
    assert await apply_network(azure, ONE) == {}
    async with outsider(azure, world) as client:
        await _stand(client, PROD, names)
    return await read_network(azure, ONE)


async def _stand(
    client: httpx.AsyncClient, vnet: str, names: Iterable[str], subnet: str | None = None
) -> None:
    """Put interfaces into a subnet of a network, by default the first; in a group of their own."""
    there = await by_hand.read(client, vnet)
    group = f"{vnet.partition('/resourceGroups/')[0]}/resourceGroups/rg-{there['name']}-machines"
    await by_hand.write(client, group, {"location": there["location"]})
    chosen = f"{vnet}/subnets/{subnet or there['properties']['subnets'][0]['name']}"
    where = {"subnet": {"id": chosen}}
    body = {"ipConfigurations": [{"name": "ip", "properties": where}]}
    for name in names:
        await by_hand.write(
            client,
            f"{group}/providers/Microsoft.Network/networkInterfaces/{name}",
            {"location": there["location"], "properties": body},
        )


def _tables(actual: Actual) -> set[str]:
    found = actual.get(PROD)
    assert found is not None
    return {item["properties"]["routeTable"]["id"] for item in found.body["properties"]["subnets"]}
