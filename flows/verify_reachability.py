"""Every day: whether who reaches whom on Azure still is what the file means."""

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
from tasks.prove import prove_network
from tasks.publish import publish_unintended, publish_verdict
from tasks.read_actual import read_actual
from tasks.read_topology import read_topology
from tasks.signs_of_life import signs_of_life


@flow(name="verify-reachability", flow_run_name="verify who reaches whom in {topology}")
@in_words
async def verify_reachability(topology: str = "examples/globojava.yaml") -> State:
    """Prove what Azure holds against a topology file's intent; write nothing.

    Args:
        topology: The path of the topology file, from the folder of the deployment.

    Findings end the run in a state of type FAILED named NotAsIntended, with a table of all.
    Where Azure lists what is effective for a network, its word is held against the model's.
    While a rollout is going on there is nothing to prove: it proves what it does itself.
    """
    network = read_topology(topology)
    name, settings = network.topology.topology, AzureSettings.from_environment()
    get_run_logger().info(settings.describe(network.subscriptions))
    lives = signs_of_life(UUID(flow_run.get_id()))
    async with lives, connect(settings, network.subscriptions) as azure:
        if await close_dead_runs(name):
            return Completed(name="RolloutInProgress", message=_NOT_PROVED)
        actual = await read_actual(azure, network)
        verdict, differing = await prove_network(azure, network, actual)
        if not verdict.holds and await close_dead_runs(name):
            return Completed(name="RolloutInProgress", message=_NOT_PROVED)
    await publish_verdict(verdict, differing)
    await publish_unintended(name, verdict.findings)
    if verdict.holds:
        return Completed(message=verdict.summary)
    return Failed(name="NotAsIntended", message=f"{verdict.summary}: {verdict.findings[0].text}")


_NOT_PROVED = "rollout in progress: not proved"
