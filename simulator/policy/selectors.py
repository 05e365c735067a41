"""Which resources an assignment picks out of its scope."""

from collections.abc import Iterable, Mapping
from typing import Any

from simulator.arm.store import Resource
from simulator.regions import region_name


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
