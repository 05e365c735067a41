"""Where things apply: scopes, and what lies below them."""

from collections.abc import Iterable, Mapping
from typing import Any

from simulator.arm.ids import MANAGEMENT_GROUP
from simulator.arm.store import Resource
from simulator.regions import region_name

_MANAGEMENT_GROUPS = f"/providers/{MANAGEMENT_GROUP}/".lower()


def covers(scope: str, below: str) -> bool:
    """Tell whether a scope holds another, or a resource: all by their ids in any case.

    The tenant holds everything. Management groups are taken to hold all subscriptions of
    the tenant, as for network managers.
    """
    upper, lower = scope.rstrip("/").lower(), below.rstrip("/").lower()
    if upper.startswith(_MANAGEMENT_GROUPS):
        return lower != ""
    return lower == upper or lower.startswith(upper + "/")


def passes(selectors: Iterable[Mapping[str, Any]], resource: Resource, reference: str) -> bool:
    """Tell whether a resource meets all selectors of an assignment's `selectors` list.

    `reference` is the definition's name within a set (assignment structure, 2024-09).
    """
    return all(_passes(item, resource, reference) for item in selectors)


def _passes(selector: Mapping[str, Any], resource: Resource, reference: str) -> bool:
    values = {
        "resourcelocation": resource.location or "",
        "resourcetype": resource.type,
        "policydefinitionreferenceid": reference,
    }
    value = values.get(str(selector.get("kind")).lower())
    if value is None:
        # resourceWithoutLocation: networks have one.
        return False
    listed = selector.get("in")
    if listed is not None:
        return region_name(value) in {region_name(str(item)) for item in listed}
    return region_name(value) not in {region_name(str(i)) for i in selector.get("notIn") or ()}
