"""A deployment run and followed in the terminal, by what Prefect's API says of it."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from prefect import get_client
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import (
    ArtifactFilter,
    ArtifactFilterFlowRunId,
    ArtifactFilterKey,
)
from prefect.client.schemas.objects import FlowRun
from prefect.client.schemas.sorting import ArtifactSort
from prefect.deployments import arun_deployment
from rich.console import Console
from rich.live import Live
from rich.table import Table

from tasks.read_topology import load
from topology.graph import Graph, expected_seconds
from topology.resources import wanted

_EVERY = 1.0  # seconds between looks at Prefect's API

# What Prefect takes beside Azure's time, on two cores that have little else to do: until
# a worker's run has read and planned, and for each step.
_START = 15.0
_STEP = 0.08


def follow(deployment: str, topology: Path, speed: float) -> bool:
    """Run a deployment, show its regions until it ends, and say whether it ended well."""
    return asyncio.run(_follow(deployment, topology, speed))


@dataclass
class _Screen:
    """What is shown: on a terminal one table that changes, else a line for each change."""

    console: Console
    name: str
    expected: float
    started: float = field(default_factory=time.monotonic)
    told: dict[str, str] = field(default_factory=dict)

    def table(self, rows: list[dict[str, Any]], state: str) -> Table:
        """Return the regions as a table."""
        elapsed = time.monotonic() - self.started
        title = f"{self.name}: {state}, {elapsed:.0f} s of about {self.expected:.0f} s"
        table = Table(title=title, title_justify="left", box=None, pad_edge=False, expand=True)
        for column in ("region", "state", "steps"):
            table.add_column(column, no_wrap=True)
        table.add_column("now", ratio=1, no_wrap=True, overflow="ellipsis")
        for row in rows:
            colour = _COLOURS.get(row["state"], "default")
            now = row["error"] or row["now"]
            table.add_row(row["region"], f"[{colour}]{row['state']}[/]", row["steps"], now)
        return table

    def lines(self, rows: list[dict[str, Any]]) -> None:
        """Print a line for each region whose state has changed."""
        elapsed = time.monotonic() - self.started
        for row in rows:
            if self.told.get(row["region"]) != row["state"]:
                self.told[row["region"]] = row["state"]
                told = f"{elapsed:4.0f} s  {row['region']:<16} {row['state']}, {row['steps']} steps"
                self.console.print(f"{told} {row['error']}".rstrip(), soft_wrap=True)


_COLOURS = {"done": "green", "running": "cyan", "failed": "red", "rolled back": "red"}


async def _follow(deployment: str, topology: Path, speed: float) -> bool:
    network, _ = load(topology)
    name = network.topology.topology
    graph = Graph(wanted(network))
    azure = sum(expected_seconds(step) for step in graph.critical_path()) / speed
    expected = azure + _START + _STEP * len(graph.digraph)
    console = Console(highlight=False)
    async with get_client() as client:
        run = await arun_deployment(deployment, timeout=0)
        screen = _Screen(console, name, expected)
        console.print(
            f"run {run.name}; expected: about {expected:.0f} s, {azure:.0f} s of it Azure's"
        )
        last = await _watch(client, run.id, screen)
        rows = await table_rows(client, run.id, f"{name}-result")
    console.print(screen.table(rows, _word(last)))
    return bool(last.state and last.state.is_completed())


async def _watch(client: PrefectClient, run_id: UUID, screen: _Screen) -> FlowRun:
    """Show the run until it has ended; return it as it ended."""
    live = Live(console=screen.console, refresh_per_second=4, transient=True)
    on_terminal = sys.stdout.isatty()
    with live if on_terminal else nullcontext():
        while True:
            run = await client.read_flow_run(run_id)
            rows = await table_rows(client, run_id, f"{screen.name}-regions")
            if on_terminal:
                live.update(screen.table(rows, _word(run)))
            else:
                screen.lines(rows)
            if run.state is not None and run.state.is_final():
                return run
            await asyncio.sleep(_EVERY)


async def table_rows(client: PrefectClient, run_id: UUID, key: str) -> list[dict[str, Any]]:
    """Return the rows of a run's table artifact by its key, or none while it is not there."""
    found = await client.read_artifacts(
        artifact_filter=ArtifactFilter(
            flow_run_id=ArtifactFilterFlowRunId(any_=[run_id]), key=ArtifactFilterKey(any_=[key])
        ),
        sort=ArtifactSort.ID_DESC,
        limit=1,
    )
    if not found or found[0].data is None:
        return []
    rows: list[dict[str, Any]] = json.loads(found[0].data)  # type: ignore[arg-type]
    return rows


def _word(run: FlowRun) -> str:
    return run.state.name or "" if run.state else "Scheduled"
