"""Plans that a command shows before it asks, each kept for the run that carries it out."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from orrery.planning import Planned, azure_of, plan_of, planned_of, read_now
from tasks.find_drift import find_witnesses
from tasks.later_runs import load_run
from tasks.read_actual import read_actual, read_to_adopt
from tasks.read_topology import load
from tasks.save_plan import moved_since
from topology.compliance.remedy import Asked, remedy
from topology.planning.adoption import Adoption, plan_adoption
from topology.planning.at_once import rules_only
from topology.planning.destroy import plan_destroy, refusal
from topology.planning.plan import Plan
from topology.planning.protection import protected
from topology.planning.roll_back.later_runs import built_on
from topology.planning.roll_back.planner import plan_roll_back
from topology.verification.foreseen import foresee


async def plan_to_ask_about(path: Path, saved: Path | None) -> Planned:
    """Return the plan for a topology file, as `plan_of` does.

    Raises ValueError, with the difference, where that is not the plan that was saved.
    """
    planned = await plan_of(path)
    if moved := moved_since(None if saved is None else str(saved), planned.plan):
        raise ValueError(moved)
    return planned


async def rules_of(path: Path) -> Planned:
    """Return the part of that plan which changes rules of the firewall policy."""
    planned = await plan_of(path)
    return replace(planned, plan=rules_only(planned.plan))


async def remedy_of(path: Path, kinds: Sequence[str]) -> tuple[Planned, tuple[str, ...]]:
    """Return the plan that takes drift of these kinds back, and what it leaves, with why."""
    network, _ = load(path)
    asked = Asked.of(network, [*kinds] or None, datetime.now(UTC).date())
    async with azure_of(network, sys.stdout) as azure:
        witnesses = await find_witnesses(azure, network)
        actual = await read_actual.fn(azure, network)
    found = remedy(network, actual, witnesses, asked)
    return await planned_of(network, found.plan, actual), found.left


async def destroy_of(path: Path, region: str | None) -> Planned:
    """Return the plan that leaves nothing of a network, or nothing of one region.

    Raises ValueError for what is protected, and for a region that is not there.
    """
    network, _ = load(path)
    if refused := refusal(network, region or network.topology.topology, region):
        raise ValueError(f"{refused}: nothing was deleted")
    actual = await read_now(network)
    return await planned_of(network, plan_destroy(network, region, actual), actual, whole=True)


async def roll_backs_of(path: Path, run: str, region: str | None) -> list[Planned]:
    """Return the plans that take a run back, in their order, each after what the last leads to.

    It is none where nothing is to be taken back.

    Raises ValueError for what is protected or built on, and where no plan of the run was kept.
    """
    network, _ = load(path)
    saved, later = await load_run(run, network.topology.topology)
    actual, found = await read_now(network), []
    if built := built_on(saved, region, actual, later):
        raise ValueError(built)
    for plan in reversed(saved):
        back = plan_roll_back(plan, region, actual, network.policies)
        if refused := protected(network, back):
            raise ValueError(refused)
        if back.is_empty:
            continue
        found.append(await planned_of(network, back, actual, whole=True))
        actual = foresee(actual, back.steps, back.topology)
    return found


async def adoption_of(path: Path) -> tuple[Adoption, Planned]:
    """Return what takes a topology's network over, and its plan; first say which Azure."""
    network, _ = load(path)
    async with azure_of(network, sys.stdout) as azure:
        actual = await read_to_adopt.fn(azure, network)
    adoption = plan_adoption(network, actual)
    return adoption, await planned_of(network, adoption.plan, actual, whole=True)


@contextmanager
def kept(plan: Plan) -> Iterator[Path]:
    """Keep a plan in a file, for a run in this process to carry out as it was shown."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "plan.json"
        path.write_bytes(plan.to_json())
        yield path
