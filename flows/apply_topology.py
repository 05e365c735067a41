"""The rollout: regions side by side, then what joins them."""

from __future__ import annotations

from prefect import flow
from prefect.client.schemas.objects import FlowRun, State
from prefect.states import Completed, Failed

from azure_api.client import Azure
from flows.alone import alone
from flows.in_words import in_words
from flows.propose import carry_through, propose
from flows.when_cancelled import Left, when_cancelled
from tasks.last_state import keep_as_wanted
from tasks.look_ahead import pairs_after
from tasks.publish import publish_pairs
from tasks.read_actual import read_when_settled
from tasks.read_topology import read_topology
from tasks.save_plan import load_if_kept, moved_since
from topology.network import Network
from topology.planning.actual import Actual
from topology.planning.planner import make_plan


async def _left(run: FlowRun, network: Network, actual: Actual) -> list[Left]:
    now = make_plan(network, actual)
    return [Left(saved, now) for saved in await load_if_kept(str(run.id))]


@flow(
    name="apply-topology",
    flow_run_name="apply {topology}",
    on_cancellation=[when_cancelled(_left)],
)
@in_words
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
    happened where. A plan is carried out only if what comes of it is proved to be as the
    topology means it, and so is every moment on the way.
    """
    network = read_topology(topology)
    return await alone(network, lambda azure: _apply(azure, network, plan), _left)


async def _apply(azure: Azure, network: Network, plan: str | None) -> State:
    actual = await read_when_settled(azure, network)
    now = make_plan(network, actual)
    proposed = await propose(azure, network, now, actual)
    if moved := moved_since(plan, now):
        return Failed(name="StalePlan", message=moved)
    if now.is_empty:
        await keep_as_wanted(now.topology, actual)
        return Completed(message="no changes")
    await publish_pairs(await pairs_after(network, now, actual, proposed.outlook))
    minutes = network.topology.rollout.approval_minutes
    return await carry_through(azure, network, proposed, make_plan, minutes)
