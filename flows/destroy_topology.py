"""The end of a network, or of one region: all that is ours goes, and nothing else."""

from __future__ import annotations

from functools import partial

from prefect import flow
from prefect.client.schemas.objects import FlowRun, State
from prefect.runtime import flow_run
from prefect.states import Completed, Failed

from azure_api.client import Azure
from flows.alone import alone
from flows.in_words import in_words
from flows.refuse import frozen
from flows.run_plan import run_plan
from flows.when_cancelled import Left, when_cancelled
from tasks.check_before_writing import check_before_deleting
from tasks.foresee import foresee
from tasks.last_state import read_and_keep
from tasks.publish import publish_plan
from tasks.read_actual import read_when_settled
from tasks.read_topology import keep_names, read_topology
from tasks.save_plan import load_if_kept, moved_since, save_plan
from topology.network import Network
from topology.planning.actual import Actual
from topology.planning.destroy import foreign_in, plan_destroy, refusal, what_stays
from topology.planning.plan import Plan


async def _left(run: FlowRun, network: Network, actual: Actual) -> list[Left]:
    now = plan_destroy(network, run.parameters.get("region"), actual)
    return [Left(saved, now) for saved in await load_if_kept(str(run.id))]


@flow(
    name="destroy-topology",
    flow_run_name="destroy {topology}",
    on_cancellation=[when_cancelled(_left)],
)
@in_words
async def destroy_topology(
    name: str,
    topology: str = "examples/globojava.yaml",
    region: str | None = None,
    keep_foreign: bool = False,  # noqa: FBT001, FBT002  a parameter in Prefect's UI
    plan: str | None = None,
) -> State:
    """Delete all that Orrery made for a topology, or for one region of it.

    Args:
        name: What goes, typed by a person who means it: the topology's name, or the region's
            where one is given.
        topology: The path of the topology file, from the folder of the deployment.
        region: This region alone. It leaves the mesh first; other regions lose their routes
            and rules for it, and nothing else. The file keeps it: the next rollout makes it
            again, with the same addresses.
        keep_foreign: Where others have put something into the network, or use it, let that
            stay with what it needs, and delete the rest. Without it nothing is deleted then.
        plan: The path of the plan that a person was shown. It is carried out only if the same
            steps are still what is to be done.

    A network that is gone whole ends the run in a state of type COMPLETED named Destroyed.
    """
    network = read_topology(topology)
    if refused := refusal(network, name, region):
        return Failed(message=f"{refused}: nothing was deleted")
    work = partial(_destroy, network=network, region=region, plan=plan, keep_foreign=keep_foreign)
    return await alone(network, work, _left)


async def _destroy(
    azure: Azure, network: Network, region: str | None, plan: str | None, *, keep_foreign: bool
) -> State:
    actual = await read_when_settled(azure, network, what_stays(network, region))
    now = plan_destroy(network, region, actual)
    forecast = await foresee(network, now, actual, azure.settings, whole=True)
    await publish_plan(network, now, forecast)
    if moved := moved_since(plan, now):
        return Failed(name="StalePlan", message=moved)
    if not keep_foreign and (foreign := foreign_in(now)):
        return Failed(name="HoldsForeign", message=f"nothing was deleted: {foreign}")
    if now.is_empty:
        return _gone(now, region)
    if refused := frozen(network):
        return refused
    await check_before_deleting(azure, now)
    saved = await save_plan(now, str(flow_run.get_id()))
    keep_names(network, now)
    rollout = await run_plan(azure, network, saved)
    await read_and_keep(azure, network)
    if error := rollout.first_error(lambda _step: True):
        return Failed(message=error)
    return _gone(now, region)


def _gone(plan: Plan, region: str | None) -> State:
    """Say what stays; a network that is gone whole has an end of its own: none is to be proved."""
    stays = [step.resource.name for step in plan.held]
    told = f"stays: {', '.join(stays)}" if stays else "nothing is left"
    if region is None:
        return Completed(name="Destroyed", message=told)
    return Completed(message=told)
