"""ARM's own lists: what is in a subscription, or in one of its resource groups."""

from collections.abc import Mapping
from typing import Any

from simulator.arm.call import Reply
from simulator.arm.errors import ArmError, group_not_found
from simulator.arm.ids import group_id
from simulator.arm.store import Resource
from simulator.arm.world import World

_TYPE_FILTER = "resourcetype eq "


def answer(world: World, parts: list[str], query: Mapping[str, str]) -> Reply | None:
    """Return the answer to `.../resources`, or None when a path is another.

    The only `$filter` understood is `resourceType eq '...'`; others are refused, not
    ignored. Neither children nor extensions are listed.
    """
    lowered = [part.lower() for part in parts]
    if lowered[:1] != ["subscriptions"] or lowered[2:] != ["resources"]:
        return _of_group(world, parts, query)
    prefix = f"/subscriptions/{lowered[1]}/"
    return _listed(world, prefix, query)


def _of_group(world: World, parts: list[str], query: Mapping[str, str]) -> Reply | None:
    match [part.lower() for part in parts]:
        case ["subscriptions", _, "resourcegroups", _, "resources"]:
            group = group_id(parts[1], parts[3])
            if world.store.get(group.key) is None:
                raise group_not_found(parts[3])
            return _listed(world, group.key + "/", query)
    return None


def _listed(world: World, prefix: str, query: Mapping[str, str]) -> Reply:
    wanted = _wanted_type(query.get("$filter", ""))
    found = [
        _shown(item)
        for provider in world.providers.values()
        for item in world.store.of_type(provider.type)
        if item.key.startswith(prefix)
        and "/providers/" in item.key
        and not (provider.is_child or provider.is_extension)
        and wanted in ("", item.type.lower())
    ]
    return Reply(200, {"value": found})


def _wanted_type(text: str) -> str:
    lowered = text.strip().lower()
    if not lowered:
        return ""
    if not lowered.startswith(_TYPE_FILTER) or " and " in lowered:
        raise ArmError(
            400,
            "InvalidFilterInQueryString",
            f"Invalid $filter '{text}' specified in the query string.",
            gateway=True,
        )
    return lowered.removeprefix(_TYPE_FILTER).strip().strip("'")


def _shown(resource: Resource) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "id": resource.id.text,
        "name": resource.name,
        "type": resource.type,
        "location": resource.location or "global",
    }
    if resource.tags is not None:
        shown["tags"] = resource.tags
    return shown
