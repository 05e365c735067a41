"""The end of a network: all that is ours goes, and nothing else."""

from __future__ import annotations

from prefect import flow, get_run_logger
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from prefect.states import Completed, Failed

from azure_api.client import connect
from azure_api.settings import AzureSettings
from flows.run_plan import run_plan
from tasks.hold_topology import hold_topology
from tasks.publish import publish_plan
from tasks.read_actual import read_when_settled
from tasks.read_topology import read_topology
from tasks.save_plan import save_plan
from topology.planning.planner import plan_removal_of_all


@flow(name="destroy-topology", flow_run_name="destroy {topology}")
async def destroy_topology(name: str, topology: str = "examples/globojava.yaml") -> State:
    """Delete all that Orrery made for a topology.

    Args:
        name: The topology's name, typed by a person who means it.
        topology: The path of the topology file, from the folder of the deployment.

    What others put into the network stays, with what it stands in; the run says so.
    """
    network = read_topology(topology)
    wanted, settings = network.topology.topology, AzureSettings.from_environment()
    if name != wanted:
        return Failed(message=f'the topology is "{wanted}", not "{name}": nothing was deleted')
    get_run_logger().info(settings.describe(network.subscriptions))
    async with connect(settings, network.subscriptions) as azure, hold_topology(wanted):
        plan = plan_removal_of_all(network, await read_when_settled(azure, network))
        await publish_plan(plan)
        if plan.is_empty:
            return Completed(message="nothing is left")
        rollout = await run_plan(azure, await save_plan(plan, str(flow_run.get_id())))
        if error := rollout.first_error(lambda _step: True):
            return Failed(message=error)
        stays = [step.resource.name for step in plan.steps if step.does == "nothing"]
        return Completed(message=f"stays: {', '.join(stays)}" if stays else "nothing is left")
