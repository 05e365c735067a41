"""Properties of generated topologies on the simulator: the plan of what was applied is empty."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, given, settings

from tests.azure_api.in_process import simulated_azure
from tests.carry_out import apply_network, carry_out, read_network
from tests.strategies import topologies
from tests.topology.mangling import mangled
from tests.virtual_time import run
from topology.addressing import allocate, resolve
from topology.network import Network
from topology.planning.planner import make_plan, plan_removal_of_all
from topology.spec import Topology

# A sample in every run; `make soak` asks for more.
_EXAMPLES = int(os.environ.get("ORRERY_EXAMPLES", "5"))


@given(topologies())
@settings(
    max_examples=_EXAMPLES,
    deadline=None,
    derandomize="ORRERY_EXAMPLES" not in os.environ,
    suppress_health_check=list(HealthCheck),
)
def test_what_was_applied_is_what_is_wanted(topology: Topology) -> None:
    """However Azure spells it: defaults, capitals, orders, booleans as text. Then it goes."""
    network = resolve(topology, allocate(topology))

    assert run(_life(network)) == ({}, (), (), {}, {})


async def _life(network: Network) -> tuple[object, ...]:
    """Apply and destroy; return the errors, what two plans in between would do, what is left."""
    async with simulated_azure() as (azure, _):
        errors = await apply_network(azure, network)
        actual = await read_network(azure, network)
        again, otherwise = make_plan(network, actual), make_plan(network, mangled(actual))
        failed = await carry_out(azure, plan_removal_of_all(network, actual))
        left = dict((await read_network(azure, network)).resources)
    return errors, again.work, otherwise.work, failed, left
