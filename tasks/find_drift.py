"""Drift by property, with who is behind it and what of it is exempted."""

from __future__ import annotations

from datetime import UTC, datetime

from prefect import task
from prefect.cache_policies import NO_CACHE

from azure_api.client import Azure
from azure_api.identity import names_of_us
from tasks.last_state import load_last_state
from topology.compliance.drift import drift
from topology.compliance.limits import limits
from topology.compliance.owners import Witnesses
from topology.compliance.report import Report
from topology.network import Network
from topology.planning.actual import Actual


@task(task_run_name="compare with what is wanted", cache_policy=NO_CACHE)
async def find_drift(azure: Azure, network: Network, actual: Actual) -> Report:
    """Return what differs in what was read, and what is nearly full, today's exemptions applied."""
    found = drift(network, actual, await find_witnesses(azure, network))
    return Report.of(network, [*found, *limits(network, actual)], datetime.now(UTC).date())


async def find_witnesses(azure: Azure, network: Network) -> Witnesses:
    """Return who we are to Azure, and what our last run left there."""
    last = await load_last_state(network.topology.topology)
    return Witnesses(await names_of_us(azure), last)
