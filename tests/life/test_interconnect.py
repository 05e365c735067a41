"""Hubs that are joined by peerings live as those of a mesh do, and go from one to the other."""

from __future__ import annotations

from tests.azure_api.in_process import simulated_azure
from tests.builders import a_network
from tests.carry_out import apply_network, carry_out, read_network
from topology.addressing import allocate
from topology.planning.planner import make_plan, plan_removal_of_all
from topology.verification.verdict import findings_of, model_of

REGIONS = ("eastus", "polandcentral", "westus")
LOCK = allocate(a_network(*REGIONS).topology)
MESH = a_network(*REGIONS, lock=LOCK)
PEERED = a_network(*REGIONS, lock=LOCK, interconnect="peering")


async def test_a_network_goes_from_mesh_to_peerings_and_back_and_is_as_meant_each_time() -> None:
    """Each plan of what was applied is empty, and what Azure then holds is proved."""
    async with simulated_azure() as (azure, _):
        for network in (MESH, PEERED, MESH):
            errors = await apply_network(azure, network)
            actual = await read_network(azure, network)
            found = findings_of(network, model_of(network, actual, as_read=True))

            assert (errors, make_plan(network, actual).work, found) == ({}, (), [])
        assert await carry_out(azure, plan_removal_of_all(MESH, actual)) == {}
