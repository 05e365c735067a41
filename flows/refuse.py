"""Why a plan that was made and looked at may not be carried out."""

from __future__ import annotations

from prefect.client.schemas.objects import State
from prefect.states import Failed

from topology.forecast.forecast import Forecast
from topology.forecast.refusals import refused
from topology.network import Network
from topology.planning.plan import Plan
from topology.planning.protection import protected
from topology.verification.outlook import Outlook


def refusal(network: Network, plan: Plan, outlook: Outlook, forecast: Forecast) -> State | None:
    """Return the state of a run whose plan may not be carried out; None where it may."""
    if lost := protected(network, plan):
        return Failed(name="Protected", message=lost)
    if outlook.refusal:
        return Failed(name="NotProved", message=outlook.refusal)
    if forbidden := refused(network, forecast):
        return Failed(name="Refused", message=forbidden)
    return None
