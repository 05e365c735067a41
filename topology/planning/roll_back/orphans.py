"""What cannot come back: what it stands in or names is gone, and does not come back with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from topology.graph import references
from topology.kind import Resource, parent_id, same_id
from topology.planning.actual import Actual
from topology.planning.plan import Nothing, Plan
from topology.planning.roll_back.alone import left


def without_orphans(
    wanted: Mapping[str, Resource], plan: Plan, actual: Actual
) -> tuple[dict[str, Resource], list[Nothing]]:
    """Return what can be written, by lower-case id, and the steps that say what stays away.

    So it is with a region's parts of what is shared, where the run was cut while it made that
    anew, and of what others have taken away since. What stands keeps the fields it has.
    """
    known = {*plan.found.resources, *(same_id(step.resource.id) for step in plan.steps)}
    kept, told = dict(wanted), list[Nothing]()

    def is_gone(name: str) -> bool:
        return name in known and name not in kept and actual.get(name) is None

    def orphans() -> Iterator[tuple[str, str]]:
        for key, resource in kept.items():
            gone = next(filter(is_gone, _bases(resource)), None) if resource.body else None
            if gone is not None:
                yield key, gone

    while found := dict(orphans()):
        for key, gone in found.items():
            resource = kept.pop(key)
            if actual.get(key) is not None:
                kept[key] = replace(resource, body={})
            if gone not in wanted:  # of what stands in something that is told, nothing more
                name = gone.rsplit("/", 1)[-1]
                told.append(
                    left(resource, f"{name}, which it needs, is gone until the next rollout")
                )
    return kept, told


def _bases(resource: Resource) -> Iterator[str]:
    """Yield the ids of what a resource stands in, is a part of, or names."""
    whole = resource.id.split("#")[0]
    if whole != resource.id:
        yield same_id(whole)
    yield same_id(parent_id(whole))
    yield from map(same_id, references(resource.body))
