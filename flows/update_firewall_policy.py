"""The fast path for rules: the firewall policy alone, and nothing else that is pending."""

from __future__ import annotations

from prefect import flow, get_run_logger
from prefect.client.schemas.objects import FlowRun, State
from prefect.states import Completed, Failed

from azure_api.client import Azure
from flows.alone import alone
from flows.in_words import in_words
from flows.propose import carry_through, propose
from flows.when_cancelled import Left, when_cancelled
from tasks.read_actual import read_when_settled
from tasks.read_topology import read_topology
from tasks.save_plan import load_if_kept, moved_since
from topology.network import Network
from topology.planning.actual import Actual
from topology.planning.at_once import at_once, rules_only
from topology.planning.explain import pending
from topology.planning.plan import Plan
from topology.planning.planner import make_plan


async def _left(run: FlowRun, network: Network, actual: Actual) -> list[Left]:
    now = _rules(network, actual)
    return [Left(saved, now) for saved in await load_if_kept(str(run.id))]


@flow(
    name="update-firewall-policy",
    flow_run_name="update the rules of {topology}",
    on_cancellation=[when_cancelled(_left)],
)
@in_words
async def update_firewall_policy(
    topology: str = "examples/globojava.yaml", plan: str | None = None
) -> State:
    """Bring the firewall policy and its rules to what a topology file says.

    Args:
        topology: The path of the topology file, from the folder of the deployment.
        plan: The path of the plan that a person was shown. It is carried out only if the same
            steps are still what is to be done.

    Only rules of firewalls that are there are changed: what else the file asks for is
    named, and left to a rollout. They are changed only if what comes of them is proved to be as
    the topology means it. What all firewalls share is changed first and by itself, proved, and
    taken back if it is not good; a region's own rules go in the topology's waves.
    `roll-back-run` takes it back later.
    """
    network = read_topology(topology)
    return await alone(network, lambda azure: _update(azure, network, plan), _left)


async def _update(azure: Azure, network: Network, plan: str | None) -> State:
    actual = await read_when_settled(azure, network)
    whole = make_plan(network, actual)
    part = rules_only(whole)
    proposed = await propose(azure, network, part, actual)
    if moved := moved_since(plan, part):
        return Failed(name="StalePlan", message=moved)
    left = pending(whole, part)
    if left:
        get_run_logger().info("left alone: %s", left)
    if part.is_empty:
        return Completed(message=f"no rules to change{_but(left)}")
    return await carry_through(azure, network, proposed, _rules, _minutes(network, part))


def _rules(network: Network, actual: Actual) -> Plan:
    return rules_only(make_plan(network, actual))


def _but(left: str) -> str:
    return f"; left alone: {left}" if left else ""


def _minutes(network: Network, part: Plan) -> float | None:
    """Return how long a rollout waits; None where the policy's change is asked about by itself."""
    rollout = network.topology.rollout
    asked_later = rollout.policy_approval_minutes is not None and not at_once(part).is_empty
    return None if asked_later else rollout.approval_minutes
