"""A plan, a proof or a check made here and now, without Prefect's engine."""

from __future__ import annotations

import contextlib
import json
import sys
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, TextIO

import httpx
from prefect.settings import PREFECT_API_URL

from azure_api.client import Azure, connect
from azure_api.settings import AzureSettings
from tasks.find_drift import find_drift
from tasks.history import read_history
from tasks.prove import listen
from tasks.read_actual import read_actual
from tasks.read_topology import load, prices_for
from topology.compliance.report import Report
from topology.forecast.duration import History
from topology.forecast.forecast import Forecast, forecast_of
from topology.forecast.prices import PriceTable
from topology.forecast.refusals import refused
from topology.network import Network
from topology.planning.actual import Actual
from topology.planning.plan import Plan
from topology.planning.planner import make_plan
from topology.planning.protection import protected
from topology.planning.turns import out_of_turn
from topology.verification.effective import Heard
from topology.verification.foreseen import foresee
from topology.verification.model import Model
from topology.verification.outlook import Outlook, look_ahead
from topology.verification.proof import Proof
from topology.verification.verdict import as_wanted, model_of


@dataclass(frozen=True)
class Planned:
    """A plan, the network of its topology file, and what Azure holds; past runs, and prices.

    It goes in waves as a rollout does, or `whole`.
    """

    network: Network
    plan: Plan
    actual: Actual
    history: History
    prices: PriceTable
    whole: bool = False

    @cached_property
    def outlook(self) -> Outlook:
        """What comes of the plan for traffic."""
        return look_ahead(self.network, self.plan, self.actual)

    @cached_property
    def after(self) -> Proof:
        """The proof of what comes of the plan."""
        found = foresee(self.actual, self.plan.steps, self.plan.topology)
        return Proof(self.network, model_of(self.network, found))

    @cached_property
    def forecast(self) -> Forecast:
        """What the plan will take."""
        known = self.history, self.prices
        return forecast_of(self.network, self.plan, self.actual, *known, whole=self.whole)

    def as_json(self) -> dict[str, Any]:
        """Return the plan as it is saved, why it is refused, what comes of it and what it takes."""
        return {
            "refusal": self.refusal,
            "plan": json.loads(self.plan.to_json()),
            "consequences": self.outlook.as_json(),
            "forecast": self.forecast.as_json(),
        }

    @property
    def refusal(self) -> str | None:
        """Return why the plan is not carried out, or None."""
        if lost := protected(self.network, self.plan):
            return lost
        if not self.plan.work:
            return None
        early = None if self.whole else out_of_turn(self.network, self.plan)
        return self.outlook.refusal or early or refused(self.network, self.forecast)


async def plan_of(path: Path, prices: Path | None = None, tell: TextIO = sys.stdout) -> Planned:
    """Return the plan for a topology file against Azure as it is; first say which Azure."""
    network, _ = load(path)
    table = prices_for(path, prices)
    actual = await read_now(network, tell)
    plan = replace(make_plan(network, actual), source=str(path))
    return Planned(network, plan, actual, await _history(plan.topology), table)


async def read_now(network: Network, tell: TextIO = sys.stdout) -> Actual:
    """Return what Azure holds of a network; first say which Azure."""
    async with azure_of(network, tell) as azure:
        return await read_actual.fn(azure, network)


async def planned_of(
    network: Network, plan: Plan, actual: Actual, *, whole: bool = False
) -> Planned:
    """Return a plan that was made of what Azure holds, with what is known of past runs.

    These are asked for where a Prefect server is configured: none is started for that.
    """
    known = await _history(plan.topology), prices_for(Path(network.source))
    return Planned(network, plan, actual, *known, whole=whole)


async def _history(topology: str) -> History:
    if not PREFECT_API_URL.value():
        return {}
    with contextlib.suppress(httpx.HTTPError):
        return await read_history(topology, AzureSettings.from_environment())
    return {}


def state_of(path: Path) -> tuple[Network, Model]:
    """Return the network of a topology file, and the model of what it asks for: nobody is asked."""
    network, _ = load(path)
    return network, model_of(network, as_wanted(network))


async def state_on_azure(
    path: Path, *, listens: bool, tell: TextIO = sys.stdout
) -> tuple[Network, Model, Heard | None]:
    """Return a file's network, and the model of what Azure holds; first say which Azure.

    Where it `listens`, Azure's own word on what is effective has been held against that model.
    """
    network, _ = load(path)
    async with azure_of(network, tell) as azure:
        actual = await read_actual.fn(azure, network)
        heard = await listen(azure, network, actual) if listens else None
    return network, model_of(network, actual, as_read=True), heard


async def report_of(path: Path, tell: TextIO = sys.stdout) -> tuple[Network, Report]:
    """Return a file's network, and what Azure holds otherwise than that; first say which Azure."""
    network, _ = load(path)
    async with azure_of(network, tell) as azure:
        return network, await find_drift.fn(azure, network, await read_actual.fn(azure, network))


def azure_of(network: Network, tell: TextIO) -> AbstractAsyncContextManager[Azure]:
    """Connect to the Azure that the environment says; first tell which that is."""
    settings = AzureSettings.from_environment()
    tell.write(settings.describe(network.subscriptions) + "\n")
    tell.flush()
    return connect(settings, network.subscriptions)
