"""A rollout taken back later, from the plans that it saved."""

from __future__ import annotations

from functools import partial

from prefect import flow
from prefect.client.schemas.objects import FlowRun, State
from prefect.runtime import flow_run
from prefect.states import Completed, Failed

from azure_api.client import Azure
from azure_api.errors import AzureError
from flows.alone import alone
from flows.in_words import in_words
from flows.run_plan import run_plan
from flows.when_cancelled import Left, when_cancelled
from tasks.foresee import foresee
from tasks.last_state import read_and_keep
from tasks.publish import publish_plan
from tasks.read_actual import read_when_settled
from tasks.read_topology import keep_names, read_topology
from tasks.report_roll_back import report_roll_back
from tasks.save_plan import load_numbered, load_plans, moved_since, save_plan
from topology.network import Network
from topology.planning.actual import Actual
from topology.planning.plan import Plan
from topology.planning.protection import protected
from topology.planning.rollback import plan_roll_back
from topology.planning.taken_back import TakenBack, not_tried


async def _left(back: FlowRun, _network: Network, actual: Actual) -> list[Left]:
    taken_back, region = await load_plans(back.parameters["run"]), back.parameters.get("region")
    saved = await load_numbered(f"{back.id}-back")
    return [
        Left(plan, plan_roll_back(whole, region, actual))
        for plan, whole in zip(saved, reversed(taken_back), strict=False)
    ]


@flow(
    name="roll-back-run",
    flow_run_name="take back {run}",
    on_cancellation=[when_cancelled(_left)],
)
@in_words
async def roll_back_run(
    run: str,
    region: str | None = None,
    topology: str = "examples/globojava.yaml",
    plan: str | None = None,
) -> State:
    """Take back what a rollout did, in one region or in all.

    Args:
        run: The id of the rollout's flow run.
        region: The region to take back; all, and what belongs to none, if it is left out.
        topology: The path of the topology file, from the folder of the deployment.
        plan: The path of the plan that a person was shown, of several the first. Nothing is
            written unless the same steps are still what is to be done first. Those after it
            are planned when their turn comes.

    What the rollout created is deleted, what it changed has its old values, what it deleted
    comes back, and goal states are what they were. The topology file is not changed: the
    next rollout does what it says again.
    """
    network = read_topology(topology)
    name = network.topology.topology
    plans = await load_plans(run)
    if other := {plan.topology for plan in plans} - {name}:
        return Failed(message=f"run {run} was of {other.pop()}, not of {name}: nothing was done")
    work = partial(_take_all_back, network=network, plans=plans, region=region, shown=plan)
    return await alone(network, work, _left)


async def _take_all_back(
    azure: Azure, network: Network, plans: list[Plan], region: str | None, shown: str | None
) -> State:
    actual = await read_when_settled(azure, network)
    backs = [plan_roll_back(plan, region, actual, network.policies) for plan in reversed(plans)]
    if refused := next(filter(None, (protected(network, back) for back in backs)), None):
        return Failed(name="Protected", message=refused)
    first = next((back for back in backs if not back.is_empty), backs[0])
    if moved := moved_since(shown, first):
        return Failed(name="StalePlan", message=moved)
    report = TakenBack()
    for number, plan in enumerate(reversed(plans), start=1):
        try:
            report = report.and_then(await _take_back(azure, network, plan, region, number))
        except AzureError as error:
            report = report.and_then(TakenBack(left=((f"plan {number} of the run", str(error)),)))
    await read_and_keep(azure, network)
    if report.left:
        return Failed(message=str(report))
    return Completed(message=str(report) if report.done else "nothing is to be taken back")


async def _take_back(
    azure: Azure, network: Network, plan: Plan, region: str | None, number: int
) -> TakenBack:
    """Take back one saved plan."""
    actual = await read_when_settled(azure, network)
    back = plan_roll_back(plan, region, actual, network.policies)
    forecast = await foresee(network, back, actual, azure.settings, whole=True)
    await publish_plan(network, back, forecast)
    await save_plan(back, f"{flow_run.get_id()}-back-{number}")
    if back.is_empty:
        return TakenBack(left=not_tried(back))
    keep_names(network, back)
    return await report_roll_back(network, plan, await run_plan(azure, network, back))
