"""Flows run in this process, on whatever Prefect API is configured."""

from __future__ import annotations

import sys
from pathlib import Path

from prefect.client.schemas.objects import State

from azure_api.settings import AzureSettings
from tasks.read_topology import load
from tasks.save_plan import read_plan


def source_of(what: Path) -> tuple[Path, Path | None]:
    """Return the topology file, and the saved plan if that is what was given."""
    if what.suffix != ".json":
        return what, None
    source = read_plan(str(what)).source
    if not source:
        raise ValueError(f"{what} does not say which topology it is of; plan again with --out")
    return Path(source), what


async def run_apply(topology: Path, plan: Path | None) -> State:
    """Run the flow `apply-topology` and return its last state."""
    from flows.apply_topology import apply_topology  # noqa: PLC0415

    _say_where(topology)
    saved = None if plan is None else str(plan)
    state: State = await apply_topology(str(topology), saved, return_state=True)
    return state


async def run_destroy(topology: Path, name: str) -> State:
    """Run the flow `destroy-topology` and return its last state."""
    from flows.destroy_topology import destroy_topology  # noqa: PLC0415

    _say_where(topology)
    state: State = await destroy_topology(name, str(topology), return_state=True)
    return state


def _say_where(path: Path) -> None:
    network, _ = load(path)
    line = AzureSettings.from_environment().describe([network.topology.subscription])
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
