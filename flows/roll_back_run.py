"""A rollout taken back later, from the plans that it saved."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from uuid import UUID

from prefect import flow
from prefect.client.schemas.objects import FlowRun, State
from prefect.runtime import flow_run
from prefect.states import Completed, Failed

from azure_api.client import Azure
from flows.alone import alone
from flows.in_words import in_words
from flows.run_plan import run_plan
from flows.when_cancelled import Left, when_cancelled
from rollout.take_back_run import newest_first, take_back_run
from tasks.foresee import foresee
from tasks.in_passing import in_passing
from tasks.last_state import read_and_keep
from tasks.later_runs import load_run
from tasks.publish import publish_plan
from tasks.read_actual import read_when_settled
from tasks.read_topology import keep_names, read_topology
from tasks.report_roll_back import report_roll_back
from tasks.save_plan import load_if_kept, moved_since, save_plan
from tasks.told import told
from topology.network import Network
from topology.planning.actual import Actual
from topology.planning.plan import Plan
from topology.planning.protection import protected
from topology.planning.roll_back.later_runs import Later, built_on
from topology.planning.roll_back.outcome import TakenBack
from topology.planning.roll_back.planner import plan_roll_back


async def _left(back: FlowRun, network: Network, actual: Actual) -> list[Left]:
    plans, _ = await load_run(back.parameters["run"], network.topology.topology)
    region = back.parameters.get("region")
    return [
        Left(saved, plan_roll_back(plan, region, actual, network.policies))
        for number, plan in newest_first(plans)
        for saved in await load_if_kept(_name(back.id, number))
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
    comes back, and goal states are what they were. What a later run has written stays. Nothing
    is done where one has built on what this run created: it goes first. The topology file is not
    changed: the next rollout does what it says again.
    """
    network = read_topology(topology)
    plans, later = await load_run(run, network.topology.topology)
    work = partial(
        _take_all_back, network=network, plans=plans, later=later, region=region, shown=plan
    )
    return await alone(network, work, _left)


async def _take_all_back(  # noqa: PLR0913  what is asked for, and what is known of it
    azure: Azure,
    network: Network,
    plans: list[Plan],
    later: Later,
    region: str | None,
    shown: str | None,
) -> State:
    actual = await read_when_settled(azure, network)
    if built := built_on(plans, region, actual, later):
        return Failed(name="BuiltOn", message=built)
    backs = [plan_roll_back(plan, region, actual, network.policies) for plan in reversed(plans)]
    if refused := next(filter(None, (protected(network, back) for back in backs)), None):
        return Failed(name="Protected", message=refused)
    first = next((back for back in backs if not back.is_empty), backs[0])
    if moved := moved_since(shown, first):
        return Failed(name="StalePlan", message=moved)
    report, after = await take_back_run(_ByTasks(azure), network, plans, region)
    await read_and_keep(azure, after)
    if report.left:
        return Failed(message=str(report))
    return Completed(message=str(report) if report.done else "nothing is to be taken back")


@dataclass(frozen=True)
class _ByTasks:
    """Does what rollout/take_back_run.py orders, within the flow."""

    azure: Azure

    async def read(self, network: Network) -> Actual:
        return await read_when_settled(self.azure, network)

    async def keep(self, network: Network, back: Plan, found: Actual, number: int) -> None:
        await save_plan(back, _name(str(flow_run.get_id()), number))
        # Whoever was asked has seen it before: here it only shows.
        async with in_passing("the plan that takes it back"):
            forecast = await foresee(network, back, found, self.azure.settings, whole=True)
            await publish_plan(network, back, forecast)

    def keep_names(self, network: Network, back: Plan) -> Network:
        return keep_names(network, back)

    async def carry_out(self, network: Network, part: Plan, back: Plan) -> TakenBack:
        return await report_roll_back(network, part, await run_plan(self.azure, network, back))

    def told(self, error: Exception) -> str | None:
        return told(error)


def _name(run: UUID | str, number: int) -> str:
    """Return the name under which a plan of this run is kept."""
    return f"{run}-back-{number}"
