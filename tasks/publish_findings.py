"""What a check found, in Prefect: a table, whose versions are its history, and events."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from prefect.artifacts import Artifact, acreate_table_artifact
from prefect.events import emit_event

from topology.compliance.finding import DRIFT, REACHABILITY
from topology.compliance.history import CLEARED, NEW, History, compare, key_of
from topology.compliance.remedy import Asked
from topology.compliance.report import Report
from topology.network import Network

_TABLES = {DRIFT: "drift", REACHABILITY: "reachability-findings"}


async def publish_findings(report: Report) -> History:
    """Show all findings, and send an event for each that is new or has cleared.

    The table of the check before says what was known.
    """
    key = f"{report.topology}-{_TABLES[report.about]}"
    history = compare(report, await _rows(key), datetime.now(UTC))
    await acreate_table_artifact([dict(row) for row in history.rows], key=key)
    for state in (NEW, CLEARED):
        for row in history.of_state(state):
            _emit(report.topology, state, row)
    return history


def ask_for_remedy(network: Network, report: Report) -> None:
    """Send one event, `orrery.drift.to-remediate`, where the file wants some of it taken back.

    A deployment that is triggered by it starts once a check, however much is found; the label
    `orrery.file` is the topology file, as the check was given it.
    """
    asked = Asked.of(network, None, datetime.now(UTC).date())
    exemptions = network.topology.compliance.exemptions
    found = [item for item in report.standing if asked.refusal(item, exemptions) is None]
    if found:
        emit_event(
            event="orrery.drift.to-remediate",
            resource={
                "prefect.resource.id": f"orrery.topology.{report.topology}",
                "prefect.resource.name": report.topology,
                "orrery.file": network.source,
            },
            payload={"findings": [item.row() for item in found]},
        )


async def _rows(key: str) -> list[dict[str, str]]:
    last = await Artifact.aget(key)
    rows: list[dict[str, str]] = json.loads(str(last.data)) if last and last.data else []
    return [row for row in rows if "state" in row]  # earlier tables had none


def _emit(topology: str, state: str, row: dict[str, Any]) -> None:
    """Send `orrery.finding.new` or `.cleared`, of one resource as long as it is one finding."""
    digest = hashlib.sha256(key_of(row).encode()).hexdigest()[:12]
    emit_event(
        event=f"orrery.finding.{state}",
        resource={
            "prefect.resource.id": f"orrery.finding.{topology}.{digest}",
            "prefect.resource.name": f"{row['resource']} {row['property']}".strip(),
            "orrery.topology": topology,
            **{f"orrery.{name}": row[name] for name in ("severity", "owner", "region", "rule")},
        },
        payload=row,
    )
