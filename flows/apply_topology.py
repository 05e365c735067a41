"""The rollout: regions side by side, then what joins them."""

from __future__ import annotations

import asyncio

from prefect import flow, get_run_logger
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from prefect.states import Completed, Failed

from azure_api.client import Azure, connect
from azure_api.settings import AzureSettings
from flows.apply_region import apply_region
from flows.roll_back_region import roll_back_region
from flows.run_steps import run_steps
from tasks.check_before_writing import check_before_writing
from tasks.hold_topology import hold_topology
from tasks.publish import (
    live_status,
    publish_addresses,
    publish_picture,
    publish_plan,
    publish_result,
)
from tasks.read_actual import read_actual
from tasks.read_topology import read_topology
from tasks.rollout import Rollout
from tasks.save_plan import read_plan, save_plan
from topology.network import Network
from topology.planning.explain import difference, summary
from topology.planning.places import GLOBAL, LAST
from topology.planning.plan import Plan
from topology.planning.planner import make_plan


@flow(name="apply-topology", flow_run_name="apply {topology}")
async def apply_topology(
    topology: str = "examples/globojava.yaml", plan: str | None = None
) -> State:
    """Bring Azure to what a topology file says.

    Args:
        topology: The path of the topology file, from the folder of the deployment.
        plan: The path of a plan saved by `orrery plan --out`. It is carried out only if
            the same steps are still what is to be done.

    Regions are rolled out side by side, each as a run of its own; then routes, mesh,
    security admin rules and routing join them. A region that fails for good is taken
    back alone, the others finish, and this run ends Failed with a table of what
    happened where.
    """
    network = read_topology(topology)
    name, settings = network.topology.topology, AzureSettings.from_environment()
    subscription = network.topology.subscription
    get_run_logger().info(settings.describe([subscription]))
    async with connect(settings, [subscription]) as azure, hold_topology(name):
        now = make_plan(network, await read_actual(azure, network))
        await publish_plan(now)
        await publish_picture(network)
        if plan is not None and (moved := difference(read_plan(plan), now)):
            return Failed(name="StalePlan", message=moved)
        if now.is_empty:
            return Completed(message="no changes")
        await check_before_writing(azure, now)
        kept = await save_plan(now, str(flow_run.get_id()))
        return await roll_out(azure, network, kept)


async def roll_out(azure: Azure, network: Network, plan: Plan) -> State:
    """Carry a saved plan out, and say what came of it."""
    rollout = Rollout.of(azure, plan)
    with rollout.active():
        async with live_status(rollout):
            async with asyncio.TaskGroup() as side_by_side:
                running = await _start(rollout, network, side_by_side)
                side_by_side.create_task(run_steps(rollout.belongs_to(GLOBAL)))
            await run_steps(rollout.belongs_to(LAST))
        words = {region: task.result() for region, task in running.items()}
        await publish_result(rollout, {key: word for key, word in words.items() if word})
        await publish_addresses(network, await read_actual(azure, network))
    return _verdict(rollout, words)


async def _start(
    rollout: Rollout, network: Network, side_by_side: asyncio.TaskGroup
) -> dict[str, asyncio.Task[str | None]]:
    """Start the regions' own runs, one after the other, then let all go on side by side.

    While tasks report, Prefect's server on SQLite refuses new runs with 503 (database is
    locked), and its client tries again only after seconds: measured, the last of six
    regions began 15 s after the first.
    """
    running = {}
    for region in rollout.regions:
        running[region] = side_by_side.create_task(_region(rollout, region, network))
        await rollout.has_begun(region)
    rollout.open()
    return running


async def _region(rollout: Rollout, region: str, network: Network) -> str | None:
    """Roll a region out, and take it back if it fails; return a word on a failure."""
    state = await apply_region(region, return_state=True)
    if state.is_completed():
        return None
    rollout.give_up(lambda step: step.resource.region == region)
    back = await roll_back_region(region, network, return_state=True)
    return "rolled back" if back.is_completed() else "left in part"


def _verdict(rollout: Rollout, words: dict[str, str | None]) -> State:
    bad = {region: word for region, word in words.items() if word}
    good = len(words) - len(bad)
    if bad:
        told = ", ".join(f"{region} {word}" for region, word in bad.items())
        return Failed(name="RolledBack", message=f"{told}; {good} other regions in place")
    if error := rollout.first_error(lambda _step: True):
        return Failed(message=f"regions are in place, what joins them is not: {error}")
    return Completed(message=f"{summary(rollout.plan)}; done")
