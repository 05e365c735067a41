"""`make bench`: a first rollout beside its critical path and its forecast, and planning.

Rollouts run on the simulator in process and in virtual time: the makespan is what a
rollout would take on Azure, as far as the simulator knows; processor time is ours.
"""

from __future__ import annotations

import asyncio
import sys
import time
from http import HTTPStatus
from itertools import islice

from tests.azure_api.in_process import simulated_azure
from tests.builders import a_network
from tests.carry_out import carry_out, read_network
from tests.virtual_time import run
from topology.forecast.forecast import forecast_of
from topology.graph import Graph, expected_seconds
from topology.network import Network
from topology.planning.actual import Actual
from topology.planning.planner import make_plan
from topology.regions import AZURE_REGIONS
from topology.resources import wanted

SIZES = (2, 6, 20, 58)


def main() -> None:
    """Print a row a size."""
    run(_warm_up())
    head = (
        "regions",
        "resources",
        "plan s",
        "ms each",
        "critical path s",
        "forecast s",
        "makespan s",
        "refused",
        "of the path",
        "foreseen",
        "cpu s",
    )
    _row(*head)
    for size in SIZES:
        network = a_network(*islice(AZURE_REGIONS, size))
        resources = wanted(network)
        started = time.process_time()
        plan = make_plan(network, Actual())
        planning = time.process_time() - started
        foreseen = forecast_of(network, plan, Actual()).seconds
        path = sum(expected_seconds(step) for step in Graph(resources).critical_path())
        started = time.process_time()
        makespan, refused = run(_makespan(network))
        _row(
            size,
            len(plan.work),
            f"{planning:.2f}",
            f"{1000 * planning / len(plan.work):.1f}",
            f"{path:.0f}",
            f"{foreseen:.0f}",
            f"{makespan:.0f}",
            refused,
            f"{makespan / path:.2f}",
            f"{foreseen / makespan:.2f}",
            f"{time.process_time() - started:.1f}",
        )


async def _makespan(network: Network) -> tuple[float, int]:
    """Return the virtual seconds of a first rollout, and how many calls were refused for pace.

    Raises RuntimeError for a rollout that fails.
    """
    async with simulated_azure() as (azure, _):
        plan = make_plan(network, await read_network(azure, network))
        clock = asyncio.get_running_loop()
        started = clock.time()
        if errors := await carry_out(azure, plan):
            raise RuntimeError(next(iter(errors.values())))
        counts = azure.transport.requests.summary()["counts"]
        refused = sum(
            row["count"] for row in counts if row["status"] == HTTPStatus.TOO_MANY_REQUESTS
        )
        return clock.time() - started, refused


async def _warm_up() -> None:
    """Import the SDK before anything is measured."""
    async with simulated_azure() as (azure, _):
        await read_network(azure, a_network())


def _row(*cells: object) -> None:
    sys.stdout.write("".join(f"{cell!s:>17}" for cell in cells) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
