"""What our last run left in Azure: kept in Prefect's result storage, for checks to compare.

Azure says of few resources who wrote them. What is still as we left it was changed by nobody.
"""

from __future__ import annotations

from prefect import get_run_logger
from prefect.results import aget_default_result_storage

from topology.planning.actual import Actual

_UNKNOWN = b""


async def keep_last_state(topology: str, actual: Actual) -> None:
    """Keep what a run leaves, read after its last write; no run fails for it."""
    try:
        await _write(topology, actual.to_json())
    except Exception as error:  # noqa: BLE001  each storage has errors of its own
        get_run_logger().warning("what this run left is not kept: %s", error)


async def forget_last_state(topology: str) -> None:
    """Know no longer what was left: a run begins to write, and may be killed at any moment.

    Raises whatever the storage raises.
    """
    await _write(topology, _UNKNOWN)


async def load_last_state(topology: str) -> Actual | None:
    """Return what our last run left; None where none came to its end, or it cannot be read."""
    try:
        storage = await aget_default_result_storage()
        content = await storage.read_path(_key(topology))
        return Actual.from_json(content) if content else None
    except Exception:  # noqa: BLE001  each storage has errors of its own; a check goes on
        return None


async def _write(topology: str, content: bytes) -> None:
    storage = await aget_default_result_storage()
    await storage.write_path(_key(topology), content=content)


def _key(topology: str) -> str:
    return f"orrery/left/{topology}.json"
