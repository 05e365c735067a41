"""A plan shown with all that is known of it, and carried out if nothing speaks against it."""

from __future__ import annotations

from dataclasses import dataclass

from prefect.client.schemas.objects import State

from azure_api.client import Azure
from flows.refuse import Question, no_leave, refusal
from flows.roll_out import roll_out
from rollout.executor import Planned
from tasks.check_before_writing import check_before_writing
from tasks.foresee import foresee
from tasks.look_ahead import look_ahead
from tasks.publish import publish_plan
from tasks.read_actual import read_when_settled
from topology.forecast.forecast import Forecast
from topology.network import Network
from topology.planning.actual import Actual
from topology.planning.plan import Plan
from topology.verification.outlook import Outlook


@dataclass(frozen=True)
class Proposal:
    """A plan, what Azure held when it was made, and what is foreseen of it.

    `shown` is how people read it.
    """

    plan: Plan
    found: Actual
    outlook: Outlook
    forecast: Forecast
    shown: str


async def propose(azure: Azure, network: Network, plan: Plan, found: Actual) -> Proposal:
    """Look ahead at a plan, and show it."""
    outlook = await look_ahead(network, plan, found)
    forecast = await foresee(network, plan, found, azure.settings)
    shown = await publish_plan(network, plan, forecast, outlook)
    return Proposal(plan, found, outlook, forecast, shown)


async def carry_through(
    azure: Azure, network: Network, proposed: Proposal, planned: Planned, minutes: float | None
) -> State:
    """Carry a plan out, unless something refuses it before the first write; say what came of it.

    `planned` plans anew: after a person's yes, who has so many minutes for it, and for each wave.
    """
    plan = proposed.plan
    if refused := refusal(network, plan, proposed.outlook, proposed.forecast):
        return refused
    await check_before_writing(azure, plan)

    async def again() -> Plan:
        return planned(network, await read_when_settled(azure, network))

    if refused := await no_leave(network, Question(plan, proposed.shown, again), minutes):
        return refused
    return await roll_out(azure, network, plan, proposed.found, planned)
