"""What past runs took: artifacts that each run leaves, read back for the next forecast."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from prefect import get_client
from prefect.artifacts import acreate_table_artifact
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey
from prefect.client.schemas.sorting import ArtifactSort

from azure_api.settings import AzureSettings
from tasks.in_passing import in_passing
from topology.forecast.duration import History
from topology.forecast.outcome import Done, history_of, learned_rows, stage_rows
from topology.network import Network

_RUNS = 20  # the last so many are learned from: Azure changes


async def read_history(topology: str, settings: AzureSettings) -> History:
    """Return what the steps of past runs of a topology took, at the same Azure."""
    async with get_client() as client:
        found = await client.read_artifacts(
            artifact_filter=ArtifactFilter(key=ArtifactFilterKey(any_=[_key(topology)])),
            sort=ArtifactSort.ID_DESC,
            limit=_RUNS,
        )
    return history_of((_rows(item.data) for item in found), settings.endpoint)


@in_passing("the forecast against what happened")
async def publish_history(network: Network, parts: Sequence[Done], settings: AzureSettings) -> None:
    """Show the forecast against what happened: by stage, and by sort of step to learn from."""
    topology, parallel = network.topology.topology, network.topology.rollout.parallel
    history = await read_history(topology, settings)
    if rows := stage_rows(parts, history, parallel):
        await acreate_table_artifact(rows, key=f"{topology}-forecast")
    if rows := learned_rows(parts, history, settings.endpoint):
        await acreate_table_artifact(rows, key=_key(topology))


def _key(topology: str) -> str:
    return f"{topology}-durations"


def _rows(data: Any) -> list[dict[str, Any]]:
    rows = json.loads(data) if isinstance(data, str) else data
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
