"""Whether two simulated worlds are the same, to the last etag and the next throw of the dice."""

from dataclasses import fields, is_dataclass
from typing import Any

from simulator.arm.store import Resource
from simulator.arm.world import World
from simulator.avnm.deployments import Deployments


def facts(world: World) -> dict[str, Any]:
    """Return all that an answer may depend on, as plain values."""
    store, operations = world.store, world.operations
    return {
        "resources": {key: _plain(item) for key, item in store._by_key.items()},  # noqa: SLF001
        "operations": {key: _plain(item) for key, item in operations._by_guid.items()},  # noqa: SLF001
        "busy": {key: item.guid for key, item in operations._holders.items()},  # noqa: SLF001
        "due": sorted(item[:2] for item in world.timeline._due),  # noqa: SLF001
        "faults": [_plain(item) for item in world.faults.active],
        "chance": world.random.getstate(),
    }


def differences(one: Any, other: Any, where: str = "") -> list[str]:
    """Return where two values of `facts` differ, and how."""
    if isinstance(one, dict) and isinstance(other, dict):
        keys = [*one, *(key for key in other if key not in one)]
        return [
            found
            for key in keys
            for found in differences(one.get(key), other.get(key), f"{where} {key}")
        ]
    return [] if one == other else [f"{where}: {one} or {other}"]


def _plain(value: Any) -> Any:
    if isinstance(value, Deployments):
        return {"goals": _plain(value.goals), "applied": _plain(value.applied)}
    if is_dataclass(value) and not isinstance(value, type):
        # How often an operation was polled shows in Retry-After alone.
        names = [item.name for item in fields(value) if item.name not in ("polls", "family")]
        return {name: _plain(getattr(value, name)) for name in names}
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, set | frozenset):
        return sorted(map(str, value))
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value.key if isinstance(value, Resource) else value
