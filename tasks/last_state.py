"""What our last run left in Azure: kept in Prefect's result storage, for checks to compare.

Azure says of few resources who wrote them. What is still as we left it was changed by nobody.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from prefect import get_run_logger
from prefect.filesystems import LocalFileSystem, WritableFileSystem
from prefect.results import aget_default_result_storage
from prefect.settings import get_current_settings

from azure_api.client import Azure
from azure_api.errors import AzureError
from tasks.read_actual import read_actual
from topology.compliance.last_state import LastState
from topology.network import Network
from topology.planning.actual import Actual
from topology.planning.plan import Plan


async def begin_to_write(plan: Plan) -> None:
    """Know no longer how that is left which a run is about to write: it may be killed.

    Raises whatever the storage raises: what it does not tell now must not be lost.
    """
    last = await _kept(plan.topology)
    await _write(plan.topology, last.during(plan))


async def keep_last_state(topology: str, actual: Actual) -> None:
    """Keep how a run leaves what it wrote, as read after its last write."""
    with _told():
        last = await _kept(topology)
        await _write(topology, last.after(actual))


async def read_and_keep(azure: Azure, network: Network) -> Actual | None:
    """Return what a run leaves, read after its last write, and keep it.

    Where Azure cannot be read it is None, with a warning: what a run did is done and to be told.
    """
    try:
        actual = await read_actual(azure, network)
    except AzureError as error:
        get_run_logger().warning("what this run left is not read: %s", error)
        return None
    await keep_last_state(network.topology.topology, actual)
    return actual


async def keep_as_wanted(topology: str, actual: Actual) -> None:
    """Keep all that was read: it is what is wanted."""
    with _told():
        await _write(topology, LastState.of(actual))


async def load_last_state(topology: str) -> LastState:
    """Return what our last run left; nothing is known of it where it cannot be read."""
    try:
        return await _kept(topology)
    except Exception:  # noqa: BLE001  each storage has errors of its own; a check goes on
        return LastState()


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """Go on with a warning: what a run did is done, whether it is kept or not."""
    try:
        yield
    except Exception as error:  # noqa: BLE001  each storage has errors of its own
        get_run_logger().warning("what this run left is not kept: %s", error)


async def _kept(topology: str) -> LastState:
    """Return what is kept, nothing where nothing is, or nothing that can be read."""
    storage = await _storage()
    try:
        return LastState.from_json(await storage.read_path(_key(topology)))
    except (FileNotFoundError, ValueError):  # a folder's word for none, and Prefect's own
        return LastState()


async def _write(topology: str, last: LastState) -> None:
    storage = await _storage()
    await storage.write_path(_key(topology), content=last.to_json())


async def _storage() -> WritableFileSystem:
    """Return where results are kept; where no server is configured, none is started for that."""
    settings = get_current_settings()
    if settings.api.url is None and settings.results.default_storage_block is None:
        return LocalFileSystem(basepath=str(settings.results.local_storage_path))
    return await aget_default_result_storage()


def _key(topology: str) -> str:
    return f"orrery/left/{topology}.json"
