"""Every day and after each run that wrote: whether who reaches whom is what the file means."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from prefect import flow, get_run_logger
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from prefect.states import Completed, Failed

from azure_api.client import connect
from azure_api.settings import AzureSettings
from flows.in_words import in_words
from tasks.close_dead_runs import close_dead_runs
from tasks.prove import answer, prove_network
from tasks.publish import publish_map, publish_pairs, publish_verdict, publish_way
from tasks.publish_findings import publish_findings
from tasks.read_actual import read_actual
from tasks.read_topology import read_topology
from tasks.signs_of_life import signs_of_life
from topology.compliance.reachability import report_of_proof
from topology.network import Network
from topology.pictures.states import of_proof
from topology.planning.actual import Actual
from topology.verification.question import Question


@flow(name="verify-reachability", flow_run_name="verify who reaches whom in {topology}")
@in_words
async def verify_reachability(
    topology: str = "examples/globojava.yaml", question: Question | None = None
) -> State:
    """Prove what Azure holds against a topology file's intent; write nothing.

    Args:
        topology: The path of the topology file, from the folder of the deployment.
        question: Answer this alone, and draw its way: who asks whom for what.

    Findings end the run in a state of type FAILED named NotAsIntended, with a table of all: how
    much each weighs, since when it stands, what is exempted and what has cleared. Each that is
    new or has cleared is an event of Prefect's.
    Where Azure tells what is effective, its word is held against the model's: its lists for a
    network, where a difference is a finding, as of a network manager out of sight; and the routes
    of a machine's interface in each subnet that has one, where it is told in the run's message.
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
        if question is not None:
            return await _answer(network, actual, question)
        proved = await prove_network(azure, network, actual)
        if not proved.verdict.holds and await close_dead_runs(name):
            return Completed(name="RolloutInProgress", message=_NOT_PROVED)
    await publish_verdict(proved.verdict, proved.heard)
    await publish_pairs(proved.pairs)
    report = report_of_proof(network, proved.verdict.findings, datetime.now(UTC).date())
    await publish_findings(report)
    regions = of_proof(network, report.standing, actual)
    await publish_map(network, regions, "as the proof found it")
    for note in (*report.notes, *map(str, proved.heard.differing)):
        get_run_logger().warning("%s", note)
    said = proved.heard.told_otherwise
    if report.fails:
        message = f"{report.summary}{said}: {report.standing[0].found}"
        return Failed(name="NotAsIntended", message=message)
    return Completed(message=f"{proved.verdict.summary_if(0)}{report.exempted_told}{said}")


async def _answer(network: Network, actual: Actual, question: Question) -> State:
    found = await answer(network, actual, question)
    await publish_way(network.topology.topology, found.told, found.way)
    return Completed(message=found.told.said)


_NOT_PROVED = "rollout in progress: not proved"
