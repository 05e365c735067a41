"""Every hour: whether Azure still is what the file says."""

from __future__ import annotations

from uuid import UUID

from prefect import flow, get_run_logger
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from prefect.states import Completed, Failed

from azure_api.client import connect
from azure_api.settings import AzureSettings
from flows.in_words import in_words
from tasks.close_dead_runs import close_dead_runs
from tasks.find_drift import find_drift
from tasks.publish import publish_map
from tasks.publish_findings import ask_for_remedy, publish_findings
from tasks.read_actual import read_actual
from tasks.read_topology import read_topology
from tasks.signs_of_life import signs_of_life
from topology.pictures.states import of_findings


@flow(name="check-compliance", flow_run_name="check {topology}")
@in_words
async def check_compliance(topology: str = "examples/globojava.yaml") -> State:
    """Compare Azure with a topology file; write nothing.

    Args:
        topology: The path of the topology file, from the folder of the deployment.

    Drift ends the run in a state of type FAILED named Drift. A table has every finding: what
    differs, how much it weighs, who is behind it and since when, what is exempted and what has
    cleared; each that is new or has cleared is an event of Prefect's, and one more asks for the
    deployment that remedies what `compliance.remediate` names. While a rollout is going
    on there is nothing to compare; a check never keeps a rollout from starting. Runs that dead
    processes have left Running are closed.
    """
    network = read_topology(topology)
    name, settings = network.topology.topology, AzureSettings.from_environment()
    get_run_logger().info(settings.describe(network.subscriptions))
    lives = signs_of_life(UUID(flow_run.get_id()))
    async with lives, connect(settings, network.subscriptions) as azure:
        if await close_dead_runs(name):
            return Completed(name="RolloutInProgress", message=_NOT_COMPARED)
        report = await find_drift(azure, network, await read_actual(azure, network))
        # What differs may be what a rollout has begun to change.
        if report.fails and await close_dead_runs(name):
            return Completed(name="RolloutInProgress", message=_NOT_COMPARED)
    for note in report.notes:
        get_run_logger().warning("%s", note)
    await publish_findings(report)
    await publish_map(network, of_findings(network, report.standing), "as the check found it")
    ask_for_remedy(network, report)
    if report.fails:
        return Failed(name="Drift", message=report.summary)
    return Completed(message=report.summary)


_NOT_COMPARED = "rollout in progress: not compared"
