"""A plan made here and now, without Prefect's engine."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TextIO

from azure_api.client import connect
from azure_api.read import read_actual
from azure_api.settings import AzureSettings
from tasks.read_topology import load
from topology.planning.plan import Plan
from topology.planning.planner import make_plan
from topology.resources import KINDS, wanted


async def plan_of(path: Path, tell: TextIO = sys.stdout) -> Plan:
    """Return the plan for a topology file against Azure as it is; first say which Azure."""
    network, _ = load(path)
    settings = AzureSettings.from_environment()
    tell.write(settings.describe(network.subscriptions) + "\n")
    tell.flush()
    ids = [resource.id for resource in wanted(network)]
    async with connect(settings, network.subscriptions) as azure:
        actual = await read_actual(azure, KINDS, network.topology.topology, ids)
    return replace(make_plan(network, actual), source=str(path))
