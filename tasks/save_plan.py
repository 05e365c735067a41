"""Saved plans: in Prefect's result storage, written and read back before the first write."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.results import aget_default_result_storage

from tasks.last_state import begin_to_write
from topology.planning.explain import difference
from topology.planning.plan import Plan


@task(task_run_name="save the plan", cache_policy=NO_CACHE)
async def save_plan(plan: Plan, run: str) -> Plan:
    """Keep the plan of a run, with what was found, and return it as it was kept.

    How what it writes was left is no longer known: from here on this run may write.

    Raises ValueError if what is read back is not what was saved, ConnectionError for a
    storage that does not answer.
    """
    with _answers():
        await begin_to_write(plan)
        storage = await aget_default_result_storage()
        await storage.write_path(_key(run), content=plan.to_json())
    kept = await load_plan(run)
    if kept != plan:
        raise ValueError(f"the plan of run {run} was not kept as it is; check the result storage")
    return kept


def read_plan(path: str) -> Plan:
    """Read a plan from a file. Raises ValueError, with the path, for what is no plan."""
    try:
        return Plan.from_json(Path(path).read_bytes())
    except (OSError, ValueError) as error:
        raise ValueError(f"{path} is no plan that can be carried out: {error}") from None


def moved_since(plan: str | None, now: Plan) -> str | None:
    """Return how the world has moved since this file kept a plan; None if not, or without one."""
    return None if plan is None else difference(read_plan(plan), now)


async def load_plan(run: str) -> Plan:
    """Return the plan of an earlier run.

    Raises ValueError where none was kept or it cannot be read, ConnectionError for a storage
    that does not answer.
    """
    for plan in await load_if_kept(run):
        return plan
    raise ValueError(f"no plan of run {run} is in Prefect's result storage")


async def load_if_kept(run: str) -> list[Plan]:
    """Return the plan of a run, or none where it has come to none.

    Raises ValueError for one that cannot be read, ConnectionError for a storage that does not
    answer: what such a run has done is not known.
    """
    with _answers():
        storage = await aget_default_result_storage()
        try:
            kept = await storage.read_path(_key(run))
        except (FileNotFoundError, ValueError):  # a folder's word for none, and Prefect's own
            return []
    try:
        return [Plan.from_json(kept)]
    except ValueError as error:
        raise ValueError(
            f"the plan of run {run} in Prefect's result storage cannot be read: {error}"
        ) from None


@contextlib.contextmanager
def _answers() -> Iterator[None]:
    """Raise ConnectionError where the storage does not do what it is asked for."""
    try:
        yield
    except Exception as error:  # each storage has errors of its own
        raise ConnectionError(
            f"Prefect's result storage does not answer: {type(error).__name__}: {error}; see what "
            "PREFECT_DEFAULT_RESULT_STORAGE_BLOCK names, and whether this worker may use it"
        ) from error


async def load_plans(run: str) -> list[Plan]:
    """Return what an earlier run carried out, in its order: what it did at once, then its waves.

    It is its one plan where that was carried out whole.

    Raises ValueError where none was kept or one cannot be read, ConnectionError for a storage
    that does not answer.
    """
    whole = await load_plan(run)
    first = await load_if_kept(f"{run}-policy")
    return [*first, *await _numbered(f"{run}-wave")] or [whole]


async def _numbered(name: str) -> list[Plan]:
    """Return the plans that were kept as `name-1`, `name-2` and so on; none if there are none."""
    found: list[Plan] = []
    while more := await load_if_kept(f"{name}-{len(found) + 1}"):
        found += more
    return found


def _key(run: str) -> str:
    return f"orrery/plans/{run}.json"
