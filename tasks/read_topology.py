"""The topology file and its lock file, read together and kept together."""

from __future__ import annotations

from dataclasses import replace
from io import StringIO
from pathlib import Path

from prefect import task
from prefect.cache_policies import NO_CACHE
from ruamel.yaml import YAML

from topology.addressing import AddressLock
from topology.forecast.prices import BUILT_IN, PriceTable, parse_prices
from topology.network import Network
from topology.planning.plan import Plan
from topology.planning.policy_names import used_by
from topology.reading import parse_lock, read

_HEAD = """\
# Addresses that Orrery has given. Keep this file under version control, beside the
# topology: what is written here never moves.
"""

_WRITABLE = (
    "addresses and names are kept in this file before they are used: make room for it, or give "
    "the right to write it, and run again"
)


@task(task_run_name="read {path}", cache_policy=NO_CACHE)
def read_topology(path: str) -> Network:
    """Return the network that a topology file describes, and keep its addresses.

    New addresses are written to the lock file beside it before anything else happens.
    Raises TopologyError, with file and line, for a file that cannot be used.
    """
    network, _ = load(Path(path))
    return network


def load(path: Path) -> tuple[Network, bool]:
    """Read a topology and bring its lock file up to date; say whether that changed."""
    lock_path = lock_beside(path)
    lock = parse_lock(lock_path.read_text(), str(lock_path)) if lock_path.exists() else None
    network, complete = read(_text(path), str(path), lock)
    changed = complete != lock
    if changed:
        _write(lock_path, complete)
    return replace(network, source=str(path)), changed


def keep_names(network: Network, plan: Plan) -> Network:
    """Keep the names of a plan's policy definitions; return the network after them.

    They stand in the lock file before any is made or goes: a name is used once (facts.md
    section 0.14), whatever becomes of the run.
    """
    if not (used := used_by(plan)):
        return network
    if network.source:
        path = lock_beside(Path(network.source))
        _write(path, parse_lock(path.read_text(), str(path)).having_used(used))
    return network.with_policies({name: number + 1 for name, number in used.items()})


def prices_for(path: Path, given: Path | None = None) -> PriceTable:
    """Return the price table for a topology: one that is given, one beside it, or the built-in.

    globojava.yaml has globojava.prices.yaml. Raises TopologyError, with file and line.
    """
    beside = path.with_name(f"{path.stem}.prices.yaml")
    where = given or (beside if beside.exists() else None)
    return BUILT_IN if where is None else parse_prices(_text(where, "price table"), str(where))


def lock_beside(path: Path) -> Path:
    """Return the lock file of a topology file: globojava.yaml has globojava.lock.yaml."""
    return path.with_name(f"{path.stem}.lock.yaml")


def _text(path: Path, what: str = "topology file") -> str:
    try:
        return path.read_text()
    except OSError as error:
        raise FileNotFoundError(
            f"{path}: there is no {what} here ({error.strerror}); "
            "give its path, from the folder you are in"
        ) from None


def _write(path: Path, lock: AddressLock) -> None:
    """Write the lock beside itself and move it into place, so that no half is ever read.

    Raises OSError, with the path and the way out, where that cannot be done.
    """
    text = StringIO()
    YAML().dump(lock.model_dump(mode="json"), text)
    draft = path.with_name(f".{path.name}.new")
    try:
        draft.write_text(_HEAD + text.getvalue())
        draft.replace(path)
    except OSError as error:
        raise OSError(error.errno, f"{error.strerror}; {_WRITABLE}", str(path)) from error
