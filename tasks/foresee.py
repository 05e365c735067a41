"""What a plan will take, by prices and by past runs."""

from __future__ import annotations

from pathlib import Path

from prefect import task
from prefect.cache_policies import NO_CACHE

from azure_api.settings import AzureSettings
from tasks.history import read_history
from tasks.read_topology import prices_for
from topology.forecast.forecast import Forecast, forecast_of
from topology.network import Network
from topology.planning.actual import Actual
from topology.planning.plan import Plan


@task(task_run_name="forecast what the plan takes", cache_policy=NO_CACHE)
async def foresee(
    network: Network, plan: Plan, actual: Actual, settings: AzureSettings, *, whole: bool = False
) -> Forecast:
    """Return what a plan will take; past runs are those that this Prefect knows.

    It goes in waves, or `whole` where no rollout carries it out.
    """
    history = await read_history(plan.topology, settings)
    prices = prices_for(Path(network.source))
    return forecast_of(network, plan, actual, history, prices, whole=whole)
