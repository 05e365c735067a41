"""What goes before another can take its place: Azure has room for one of the two."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from topology.kind import Resource, at, parent_id, same_id
from topology.planning.actual import Actual
from topology.planning.plan import Create, Delete, Step
from topology.resources import KIND_BY_NAME


def giving_way(steps: Mapping[str, Step], actual: Actual) -> dict[str, Resource]:
    """Return what takes the place of something that goes, by the lower-case id of that.

    A firewall with another name stands in the same subnet, a link with another name is of the same
    network and zone. Who names the address of the old one
    turns to the new one, and cannot do so before: it lets it go unasked, as where one is replaced.
    """
    places = {
        place: step.resource
        for step in steps.values()
        if isinstance(step, Create)
        for place in _places(step.resource.kind, step.resource.id, step.resource.body)
    }
    return {
        key: places[place]
        for key, step in steps.items()
        if isinstance(step, Delete) and (found := actual.get(key))
        for place in _places(found.kind, found.id, found.body)
        if place in places
    }


def _places(name: str, resource_id: str, body: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    kind = KIND_BY_NAME[name]
    inside = same_id(parent_id(resource_id)) if kind.parent else ""
    for path in kind.one_at:
        if there := at(body, path):
            yield name, inside, same_id(str(there))
