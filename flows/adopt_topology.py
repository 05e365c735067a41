"""A network that exists already, taken over as it is."""

from __future__ import annotations

from functools import partial

from prefect import flow
from prefect.client.schemas.objects import FlowRun, State
from prefect.runtime import flow_run
from prefect.states import Completed, Failed

from azure_api.client import Azure
from flows.alone import alone
from flows.in_words import in_words
from flows.refuse import Question, no_leave
from flows.run_plan import run_plan
from flows.when_cancelled import Left, when_cancelled
from tasks.check_before_writing import check_before_writing
from tasks.foresee import foresee
from tasks.last_state import read_and_keep
from tasks.publish import publish_adoption, publish_plan
from tasks.read_actual import read_to_adopt
from tasks.read_topology import read_topology
from tasks.save_plan import load_if_kept, moved_since, save_plan
from topology.network import Network
from topology.planning.actual import Actual
from topology.planning.adoption import Adoption, plan_adoption, summary
from topology.planning.plan import Plan


async def _left(run: FlowRun, network: Network, actual: Actual) -> list[Left]:
    now = plan_adoption(network, actual).plan
    return [Left(saved, now) for saved in await load_if_kept(str(run.id))]


@flow(
    name="adopt-topology",
    flow_run_name="adopt {topology}",
    on_cancellation=[when_cancelled(_left)],
)
@in_words
async def adopt_topology(
    topology: str = "examples/globojava.yaml",
    accept_differences: bool = False,  # noqa: FBT001, FBT002  a run has its parameters by name
    plan: str | None = None,
) -> State:
    """Take over a network that was made by hand or by another tool.

    Args:
        topology: The path of the topology file, from the folder of the deployment.
        accept_differences: Take over also what differs from the topology in fields that the
            next apply can change; never what it would have to take away or make anew.
        plan: The path of the plan that a person was shown. It is carried out only if the same
            steps are still what is to be done.

    What stands where the topology's own should gets the marks of ownership and no other
    change, and the plan after that is empty. Where something else differs nothing is
    written, and the run ends Failed with a table of every difference.
    """
    network = read_topology(topology)
    work = partial(_adopt, network=network, plan=plan, accept_differences=accept_differences)
    return await alone(network, work, _left)


async def _adopt(
    azure: Azure, network: Network, plan: str | None, *, accept_differences: bool
) -> State:
    actual = await read_to_adopt(azure, network)
    adoption = plan_adoption(network, actual)
    forecast = await foresee(network, adoption.plan, actual, azure.settings, whole=True)
    shown = await publish_plan(network, adoption.plan, forecast)
    await publish_adoption(adoption)
    if moved := moved_since(plan, adoption.plan):
        return Failed(name="StalePlan", message=moved)
    if refusal := adoption.refusal(accept_differences=accept_differences):
        return Failed(name="NotAdopted", message=refusal)
    if adoption.plan.is_empty:
        return Completed(message=summary(adoption))
    await check_before_writing(azure, adoption.plan)

    async def again() -> Plan:
        return plan_adoption(network, await read_to_adopt(azure, network)).plan

    asked = Question(adoption.plan, shown, again)
    if refused := await no_leave(network, asked, network.topology.rollout.approval_minutes):
        return refused
    return await _take_over(azure, network, adoption)


async def _take_over(azure: Azure, network: Network, adoption: Adoption) -> State:
    saved = await save_plan(adoption.plan, str(flow_run.get_id()))
    rollout = await run_plan(azure, network, saved)
    await read_and_keep(azure, network)
    if error := rollout.first_error(lambda _step: True):
        return Failed(message=f"taken over in part, adopt again: {error}")
    return Completed(message=summary(adoption))
