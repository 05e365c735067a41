"""What reaches all regions at once: before the first wave, by itself, and proved or taken back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from prefect import flow, get_run_logger
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from prefect.states import Completed, Failed

from azure_api.client import Azure
from azure_api.errors import AzureError
from flows.refuse import Question, frozen, no_leave
from flows.roll_back_policy import roll_back_policy
from flows.run_steps import run_steps
from tasks.look_ahead import look_ahead
from tasks.prove import prove_outcome
from tasks.publish import live_status
from tasks.read_actual import read_actual, read_when_settled
from tasks.rollout import Rollout, current_rollout
from tasks.save_plan import save_plan
from topology.forecast.duration import POLICY_PART
from topology.forecast.outcome import Done
from topology.network import Network
from topology.planning import explain
from topology.planning.actual import Actual
from topology.planning.at_once import at_once, not_proved_at_once
from topology.planning.plan import Plan
from topology.planning.planner import InTheWayError, make_plan
from topology.planning.schedule import Progress
from topology.planning.status import region_rows
from topology.verification.outlook import markdown


@dataclass(frozen=True)
class Changed:
    """What came of it: the state that the rollout must end in, or None; the result's rows.

    `done` is what was carried out when.
    """

    ended: State | None
    rows: list[dict[str, Any]] = field(default_factory=list)
    done: tuple[Done, ...] = ()


@flow(name="apply-policy", flow_run_name="firewall policy", log_prints=False)
async def apply_policy() -> State:
    """Change the rules that all firewalls share; it runs within a rollout."""
    rollout = current_rollout()
    await run_steps(lambda _step: True)
    if error := rollout.first_error(lambda _step: True):
        return Failed(message=error)
    return Completed(message=f"{rollout.count(lambda _step: True)[Progress.DONE]} steps done")


async def change_policy(azure: Azure, network: Network, part: Plan, found: Actual) -> Changed:
    """Carry out the part of a plan that waits for no wave, and say what came of it.

    If Azure does not hold what is wanted afterwards, one who follows it is not well, or
    traffic goes otherwise than was foreseen of it, it is taken back by itself. The part is
    saved under the run's id. `found` is what Azure held before.
    """
    if refused := await _no_leave(azure, network, part, found):
        refused.message = f"{_CHANGE} did not start: {refused.message}"
        return Changed(refused)
    for note in part.notes:
        get_run_logger().info("%s", note)
    await save_plan(part, f"{flow_run.get_id()}-policy")
    changing = Rollout.of(azure, part)
    with changing.active():
        async with live_status(changing):
            state = await apply_policy(return_state=True)
        wrong = state.message or str(state.name)
        if state.is_completed():
            wrong = await _try_to_prove(azure, network, part, found)
        if not wrong:
            done = changing.carried_out(POLICY_PART)
            return Changed(None, _rows(changing), (done,))
        back = await roll_back_policy(network, return_state=True)
    word = "rolled back" if back.is_completed() else "left in part"
    message = f"{_CHANGE} is {word}, no wave has started: {wrong}"
    return Changed(Failed(name="RolledBack", message=message), _rows(changing, word))


async def _no_leave(azure: Azure, network: Network, part: Plan, found: Actual) -> State | None:
    """Return the state of a run in which the change may not be made now, or None."""
    minutes = network.topology.rollout.policy_approval_minutes
    if minutes is None:
        return frozen(network)
    outlook = await look_ahead(network, part, found)

    async def again() -> Plan:
        return at_once(make_plan(network, await read_when_settled(azure, network)))

    shown = explain.markdown(part, consequences=markdown(outlook))
    return await no_leave(network, Question(part, shown, again), minutes)


def _rows(changing: Rollout, word: str | None = None) -> list[dict[str, Any]]:
    words = {"global": word} if word else {}
    return region_rows(changing.plan, changing.schedule, changing.errors, words)


async def _try_to_prove(azure: Azure, network: Network, part: Plan, found: Actual) -> str:
    """Return what keeps the change from being proved good; what cannot be planned on is not."""
    try:
        return await _not_proved(azure, network, part, found)
    except (AzureError, InTheWayError) as error:
        return str(error)


async def _not_proved(azure: Azure, network: Network, part: Plan, found: Actual) -> str:
    """Return what keeps the change from being proved good; nothing if it is."""
    actual = await read_actual(azure, network)
    wrong = not_proved_at_once(part, make_plan(network, actual), actual)
    if not wrong:
        findings = await prove_outcome(azure, network, found, part, (), _CHANGE)
        wrong = [item.text for item in findings]
    return "; ".join(wrong[:_MOST_TOLD])


_CHANGE = "the change of the firewall policy"
_MOST_TOLD = 5
