"""Artifacts: what people see of a run in Prefect's UI."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from prefect import get_client
from prefect.artifacts import (
    acreate_markdown_artifact,
    acreate_progress_artifact,
    acreate_table_artifact,
    aupdate_progress_artifact,
)
from prefect.client.schemas.actions import ArtifactCreate, ArtifactUpdate

from rollout.rollout import Rollout
from tasks.beside import beside
from tasks.in_passing import AWAY, in_passing
from topology.forecast import telling
from topology.forecast.forecast import Forecast
from topology.kind import firewall_address, late_in
from topology.network import Network
from topology.pictures.cells import Matrix
from topology.pictures.matrix import matrix
from topology.pictures.states import States, of_plan, of_rows
from topology.pictures.svg import Picture
from topology.pictures.world import world
from topology.planning import explain, late
from topology.planning.actual import Actual
from topology.planning.adoption import Adoption, rows
from topology.planning.assigned import Reassigned
from topology.planning.plan import Plan
from topology.planning.roll_back.outcome import TakenBack
from topology.planning.status import region_rows, share_done
from topology.verification.effective import Heard
from topology.verification.finding import Finding
from topology.verification.outlook import Outlook, markdown
from topology.verification.question import Told
from topology.verification.verdict import Verdict, told

_EVERY = 2.0  # seconds between updates of what is shown while a run goes on


async def publish_plan(
    network: Network, plan: Plan, forecast: Forecast, outlook: Outlook | None = None
) -> str:
    """Show the plan: counts by region, consequences, steps, what it will take; and on a map.

    Returns what was shown of it, without the map.
    """
    told = explain.markdown(plan, consequences=markdown(outlook) if outlook else "")
    told += telling.markdown(forecast)
    await acreate_markdown_artifact(told, key=f"{plan.topology}-plan")
    await publish_map(network, of_plan(network, plan), "what the plan makes of it")
    return told


@in_passing("the map")
async def publish_map(network: Network, states: States, told: str) -> None:
    """Show the topology on a map, as an image that needs nothing else to be drawn.

    `told` says what the states of its regions are of.
    """
    name = network.topology.topology
    await acreate_markdown_artifact(world(network, states, told).markdown, key=f"{name}-topology")


@in_passing("the matrix of pairs")
async def publish_pairs(pairs: Matrix) -> None:
    """Show who reaches whom as a matrix, an image too."""
    image = matrix(pairs, told=False).markdown
    await acreate_markdown_artifact(image, key=f"{pairs.topology}-pairs")


async def publish_way(topology: str, answer: Told, way: Picture) -> None:
    """Show the way of a question, there and back, with what the answer stands on."""
    lines = [way.markdown, "", *(f"- {note}" for note in answer.notes)]
    await acreate_markdown_artifact("\n".join(lines), key=f"{topology}-way")


@in_passing("the table of addresses")
async def publish_addresses(network: Network, actual: Actual) -> None:
    """Show the addresses of every region, with those that Azure gave to the firewalls."""
    rows = [
        {
            "region": hub.region,
            "block": str(hub.block),
            "hub": str(hub.prefix),
            "firewall": _address(network, actual, hub.region) or "",
            **{spoke.name: str(spoke.prefix) for spoke in hub.spokes},
        }
        for hub in network.hubs
    ]
    await acreate_table_artifact(rows, key=f"{network.topology.topology}-addresses")


@in_passing("the table of what happened where")
async def publish_result(network: Network, plan: Plan, rows: list[dict[str, Any]]) -> None:
    """Show what happened where: the last state of each region, and its error; and on a map."""
    await acreate_table_artifact(rows, key=f"{plan.topology}-result")
    await publish_map(network, of_rows(of_plan(network, plan), rows), "after the run")


@in_passing("the table of what happened where")
async def publish_result_of(
    run: UUID, network: Network, plans: Iterable[Plan], rows: list[dict[str, Any]]
) -> None:
    """Show the same on the page of another run, as a hook does for the one that it is of."""
    name, states = network.topology.topology, of_rows(of_plan(network, *plans), rows)
    shown = {
        "result": ("table", json.dumps(rows)),
        "topology": ("markdown", world(network, states, "when it was cancelled").markdown),
    }
    async with get_client() as client:
        for key, (sort, data) in shown.items():
            await client.create_artifact(
                ArtifactCreate(key=f"{name}-{key}", type=sort, data=data, flow_run_id=run)
            )


@in_passing("the table of what is left")
async def publish_left(topology: str, report: TakenBack) -> None:
    """Show what a roll-back has left, a row a step; nothing if nothing is left."""
    if rows := report.rows():
        await acreate_table_artifact(rows, key=f"{topology}-left")


@in_passing("the table of what Azure assigned anew")
async def publish_reassigned(topology: str, moved: Iterable[Reassigned]) -> None:
    """Show what Azure assigned otherwise than before, and who follows; nothing if nothing."""
    if rows := [item.row() for item in moved]:
        await acreate_table_artifact(rows, key=f"{topology}-reassigned")


@in_passing("the table of what is not as it must be")
async def publish_unintended(topology: str, found: Iterable[Finding]) -> None:
    """Show what is not as it must be, a row a finding; nothing if all is."""
    rows = [
        {"rule": item.rule, "between": item.between, "what": item.text, "decided by": item.by}
        for item in found
    ]
    if rows:
        await acreate_table_artifact(rows, key=f"{topology}-not-as-intended")


async def publish_verdict(verdict: Verdict, heard: Heard) -> None:
    """Show a verdict: who reaches whom, what it stands on, where Azure's own word is another."""
    own_word = (f"- {line}" for line in heard.lines())
    text = "\n".join([told(verdict), "## Azure's own word", "", *own_word, ""])
    await acreate_markdown_artifact(text, key=f"{verdict.topology}-reachability")
    if rows_of_differences := [item.row() for item in heard.differing]:
        await acreate_table_artifact(rows_of_differences, key=f"{verdict.topology}-effective")


async def publish_adoption(adoption: Adoption) -> None:
    """Show what keeps a network from being taken over as it is, a row for each field."""
    await acreate_table_artifact(rows(adoption), key=f"{adoption.plan.topology}-adoption")


@asynccontextmanager
async def live_status(rollout: Rollout) -> AsyncIterator[None]:
    """Show regions and progress while the rollout goes on, and their last state at its end.

    While Prefect does not answer it goes on unseen.
    """
    shown = _Shown(rollout)
    await shown.update()
    try:
        async with beside(shown.keep_updating()):
            yield
    finally:
        await shown.update()


@dataclass
class _Shown:
    """How a rollout is shown: by two artifacts, as soon as Prefect has taken them."""

    rollout: Rollout
    table: UUID | None = None
    progress: UUID | None = None

    async def keep_updating(self) -> None:
        while True:
            await asyncio.sleep(_EVERY)
            await self.update()

    async def update(self) -> None:
        with contextlib.suppress(*AWAY):
            await self._show_table()
            await self._show_progress()

    async def _show_table(self) -> None:
        of = self.rollout
        rows = region_rows(of.plan, of.schedule, of.errors)
        if self.table is None:
            self.table = await acreate_table_artifact(rows, key=f"{of.plan.topology}-regions")
        else:
            async with get_client() as client:
                await client.update_artifact(self.table, ArtifactUpdate(data=json.dumps(rows)))

    async def _show_progress(self) -> None:
        of = self.rollout
        done = share_done(of.plan, of.schedule) * 100
        if self.progress is None:
            key = f"{of.plan.topology}-progress"
            self.progress = await acreate_progress_artifact(done, key=key)
        else:
            await aupdate_progress_artifact(self.progress, done)


def _address(network: Network, actual: Actual, region: str) -> str | None:
    wanted = late_in(firewall_address(network.names.firewall_id(region)))
    value = late.known(actual)(wanted) if wanted else None
    return None if value is None else str(value)
