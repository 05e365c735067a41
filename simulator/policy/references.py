"""What sets and assignments refer to, and the values they give to its parameters."""

from collections.abc import Mapping
from typing import Any

from simulator.arm.store import Resource
from simulator.arm.world import World
from simulator.policy import refusals
from simulator.policy.built_in import built_ins


def definition_at(target: str, world: World) -> Resource | None:
    """Return the definition or set with this id, built-in ones too."""
    return world.store.find(target) or built_ins().get(target.rstrip("/").lower())


def check_values(
    user: str, given: Mapping[str, Any], definition: Resource, *, complete: bool = False
) -> None:
    """Raise when values are given for parameters that are not there, or some are left out."""
    declared = definition.properties.get("parameters") or {}
    known = {name.lower() for name in declared}
    unknown = [name for name in given if name.lower() not in known]
    if unknown:
        raise refusals.foreign_parameters(user, unknown, definition.name)
    values = {name.lower() for name in given}
    missing = [
        name
        for name, item in declared.items()
        if "defaultValue" not in item and name.lower() not in values
    ]
    if missing and complete:
        raise refusals.missing_parameters(user, missing, definition.name)
