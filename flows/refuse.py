"""Why a plan that was made and looked at may not be carried out, or not now."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from prefect.client.schemas.objects import State
from prefect.states import Failed

from tasks.approval import is_approved
from topology.forecast.forecast import Forecast
from topology.forecast.refusals import refused
from topology.network import Network
from topology.planning.explain import difference
from topology.planning.plan import Plan
from topology.planning.protection import protected
from topology.planning.turns import out_of_turn
from topology.verification.outlook import Outlook


def refusal(network: Network, plan: Plan, outlook: Outlook, forecast: Forecast) -> State | None:
    """Return the state of a run whose plan may not be carried out; None where it may."""
    if lost := protected(network, plan):
        return Failed(name="Protected", message=lost)
    if outlook.refusal:
        return Failed(name="NotProved", message=outlook.refusal)
    if forbidden := out_of_turn(network, plan) or refused(network, forecast):
        return Failed(name="Refused", message=forbidden)
    return None


@dataclass(frozen=True)
class Question:
    """What a person is asked: whether to carry a plan out, which is shown as they will read it.

    `again` plans anew from what Azure then holds.
    """

    plan: Plan
    shown: str
    again: Callable[[], Awaitable[Plan]]


async def no_leave(network: Network, asked: Question, minutes: float | None) -> State | None:
    """Return the state of a run that may not write now, or that a person does not let; or None.

    Nobody is asked where there are no minutes to answer in, and in a freeze. Whoever is asked
    takes time: a plan whose world moved meanwhile is refused with the difference.
    """
    state = frozen(network)
    if minutes is None or state:
        return state
    if not await is_approved(asked.shown, minutes):
        return Failed(name="NotApproved", message="not approved: nothing was written")
    if moved := difference(asked.plan, await asked.again()):
        return Failed(name="StalePlan", message=moved)
    return frozen(network)


def frozen(network: Network) -> State | None:
    """Return the state of a run that was started in a freeze, or None."""
    reason = network.topology.rollout.frozen(datetime.now(UTC))
    return Failed(name="Stopped", message=f"nothing was written: {reason}") if reason else None
