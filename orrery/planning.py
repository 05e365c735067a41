"""A plan, a proof or a check made here and now, without Prefect's engine."""

from __future__ import annotations

import contextlib
import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
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
from tasks.read_actual import read_actual, read_to_adopt
from tasks.read_topology import load, prices_for
from tasks.save_plan import read_plan
from topology.compliance.report import Report
from topology.forecast.duration import History
from topology.forecast.forecast import Forecast, forecast_of
from topology.forecast.prices import PriceTable
from topology.forecast.refusals import refused
from topology.network import Network
from topology.planning.actual import Actual
from topology.planning.adoption import Adoption, plan_adoption
from topology.planning.explain import difference
from topology.planning.plan import Plan
from topology.planning.planner import make_plan
from topology.planning.protection import protected
from topology.verification.foreseen import foresee
from topology.verification.model import Model
from topology.verification.outlook import Outlook, look_ahead
from topology.verification.proof import Proof
from topology.verification.verdict import as_wanted, model_of


@dataclass(frozen=True)
class Planned:
    """A plan, the network of its topology file, and what Azure holds; past runs, and prices."""

    network: Network
    plan: Plan
    actual: Actual
    history: History
    prices: PriceTable

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
        return forecast_of(self.network, self.plan, self.actual, self.history, self.prices)

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
        return self.outlook.refusal or refused(self.network, self.forecast)


async def plan_of(path: Path, prices: Path | None = None, tell: TextIO = sys.stdout) -> Planned:
    """Return the plan for a topology file against Azure as it is; first say which Azure.

    Past runs are asked for where a Prefect server is configured: none is started for that.
    """
    network, _ = load(path)
    table = prices_for(path, prices)
    async with _azure_of(network, tell) as azure:
        actual = await read_actual.fn(azure, network)
    plan = replace(make_plan(network, actual), source=str(path))
    return Planned(network, plan, actual, await _history(plan.topology), table)


async def _history(topology: str) -> History:
    if not PREFECT_API_URL.value():
        return {}
    with contextlib.suppress(httpx.HTTPError):
        return await read_history(topology, AzureSettings.from_environment())
    return {}


async def state_of(
    path: Path, *, azure: bool = False, tell: TextIO = sys.stdout
) -> tuple[Network, Model]:
    """Return the network of a topology file, and the model of the state that it asks for.

    Nobody is asked for that. With `azure` it is the state that Azure holds.
    """
    network, _ = load(path)
    if not azure:
        return network, model_of(network, as_wanted(network))
    async with _azure_of(network, tell) as there:
        actual = await read_actual.fn(there, network)
    return network, model_of(network, actual, as_read=True)


async def plan_to_ask_about(path: Path, saved: Path | None) -> Planned:
    """Return the plan for a topology file, as `plan_of` does.

    Raises ValueError, with the difference, where that is not the plan that was saved.
    """
    kept_before = None if saved is None else read_plan(str(saved))
    planned = await plan_of(path)
    if kept_before is not None and (moved := difference(kept_before, planned.plan)):
        raise ValueError(moved)
    return planned


@contextmanager
def kept(plan: Plan) -> Iterator[Path]:
    """Keep a plan in a file, for a run in this process to carry out as it was shown."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "plan.json"
        path.write_bytes(plan.to_json())
        yield path


async def adoption_of(path: Path) -> Adoption:
    """Return what takes a topology's network over; first say which Azure."""
    network, _ = load(path)
    async with _azure_of(network, sys.stdout) as azure:
        return plan_adoption(network, await read_to_adopt.fn(azure, network))


async def report_of(path: Path, tell: TextIO = sys.stdout) -> tuple[Network, Report]:
    """Return a file's network, and what Azure holds otherwise than that; first say which Azure."""
    network, _ = load(path)
    async with _azure_of(network, tell) as azure:
        return network, await find_drift.fn(azure, network, await read_actual.fn(azure, network))


def _azure_of(network: Network, tell: TextIO) -> AbstractAsyncContextManager[Azure]:
    settings = AzureSettings.from_environment()
    tell.write(settings.describe(network.subscriptions) + "\n")
    tell.flush()
    return connect(settings, network.subscriptions)
