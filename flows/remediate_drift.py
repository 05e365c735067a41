"""Drift of chosen kinds taken back, and nothing else that differs."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

from prefect import flow, get_run_logger
from prefect.client.schemas.objects import FlowRun, State
from prefect.states import Completed, Failed

from azure_api.client import Azure
from flows.alone import alone
from flows.in_words import in_words
from flows.propose import carry_through, propose
from flows.when_cancelled import Left, when_cancelled
from tasks.find_drift import find_witnesses
from tasks.read_actual import read_when_settled
from tasks.read_topology import read_topology
from tasks.save_plan import load_if_kept, moved_since
from topology.compliance.owners import Witnesses
from topology.compliance.remedy import Asked, remedy
from topology.network import Network
from topology.planning.actual import Actual
from topology.planning.plan import Plan
from topology.planning.planner import make_plan


async def _left(run: FlowRun, network: Network, actual: Actual) -> list[Left]:
    now = make_plan(network, actual)
    return [Left(saved, now) for saved in await load_if_kept(str(run.id))]


@flow(
    name="remediate-drift",
    flow_run_name="remediate drift of {topology}",
    on_cancellation=[when_cancelled(_left)],
)
@in_words
async def remediate_drift(
    topology: str = "examples/globojava.yaml",
    kinds: list[str] | None = None,
    plan: str | None = None,
) -> State:
    """Take back what others have changed, in resources of chosen kinds.

    Args:
        topology: The path of the topology file, from the folder of the deployment.
        kinds: The kinds of resources, as a check names them. If it is left out they are those
            of `compliance.remediate` in the file, and only that is taken back which someone
            else, or AVNM, is known to have changed.
        plan: The path of the plan that a person was shown. It is carried out only if the same
            steps are still what is to be done.

    What is exempted stays, and so does what the file has moved on to: a rollout writes that.
    The plan is saved and carried out as any other: `roll-back-run` takes it back.
    """
    network = read_topology(topology)
    asked = Asked.of(network, kinds, datetime.now(UTC).date())
    return await alone(network, lambda azure: _remediate(azure, network, asked, plan), _left)


async def _remediate(azure: Azure, network: Network, asked: Asked, plan: str | None) -> State:
    witnesses = await find_witnesses(azure, network)
    actual = await read_when_settled(azure, network)
    found = remedy(network, actual, witnesses, asked)
    proposed = await propose(azure, network, found.plan, actual)
    for sentence in found.left:
        get_run_logger().warning("left alone: %s", sentence)
    if moved := moved_since(plan, found.plan):
        return Failed(name="StalePlan", message=moved)
    if found.plan.is_empty:
        return Completed(message=f"nothing is to be remedied; left alone: {len(found.left)}")
    minutes = network.topology.rollout.approval_minutes
    planned = partial(_planned, witnesses, asked)
    return await carry_through(azure, network, proposed, planned, minutes)


def _planned(witnesses: Witnesses, asked: Asked, network: Network, actual: Actual) -> Plan:
    return remedy(network, actual, witnesses, asked).plan
