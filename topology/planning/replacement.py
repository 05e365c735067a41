"""What is made anew because something else is, and what goes first to make way for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from topology.graph import Edge, Graph, references
from topology.kind import Resource, late_values, same_id
from topology.planning.actual import Actual, Found
from topology.planning.plan import Delete, FieldChange, Replace, Step

Steps = Mapping[str, Step]

_OLD = "#old"


def made_again_with(resource: Resource, graph: Graph, steps: Steps) -> Replace | None:
    """Return the step for what stands under, or refers to, a resource that is replaced.

    What stands under it goes with it; what is referred to cannot be deleted.
    """
    for need in graph.needs(resource.id):
        step = steps.get(same_id(need.id))
        if isinstance(step, Replace) and _falls_with(resource, step.resource):
            name = f"{step.resource.kind} {step.resource.name}"
            return Replace(resource, (FieldChange("", None, f"{name} is replaced"),))
    return None


def with_their_tags(resource: Resource, found: Found) -> Resource:
    """Return a resource that is made anew, with the tags that others gave to the one found."""
    tags = found.body.get("tags") or {}
    if "tags" not in resource.body or not tags:
        return resource
    return replace(resource, body={**resource.body, "tags": {**tags, **resource.body["tags"]}})


def making_way(steps: Steps, actual: Actual) -> Iterator[tuple[Delete, Edge]]:
    """Yield what is deleted before something that it refers to is replaced.

    An address is freed by its firewall, which then comes back with the new address: its
    first half is a step of its own, with the id `<id>#old`.
    """
    replaced = [step.resource for step in steps.values() if isinstance(step, Replace)]
    whole = [item for item in replaced if not any(_is_under(item, other) for other in replaced)]
    for resource in whole:
        for user in replaced:
            if _refers(user, resource) and not _is_under(user, resource):
                found = actual.resources[same_id(user.id)]
                old = replace(user, id=f"{user.id}{_OLD}", body=dict(found.body))
                yield Delete(old), Edge(resource.id, old.id)


def makes_way(step: Step) -> bool:
    """Say whether a step is the first half of a replacement."""
    return step.resource.id.endswith(_OLD)


def _falls_with(resource: Resource, replaced: Resource) -> bool:
    return _is_under(resource, replaced) or _refers(resource, replaced)


def _is_under(resource: Resource, above: Resource) -> bool:
    key = same_id(resource.id)
    return key.startswith((f"{same_id(above.id)}/", f"{same_id(above.id)}#"))


def _refers(resource: Resource, named: Resource) -> bool:
    """Say whether a body names a resource or what stands under it, late values left out."""
    key = same_id(named.id)
    late_ids = {value.resource_id for value in late_values(resource.body)}
    ids = {same_id(name) for name in references(resource.body) if name not in late_ids}
    return resource is not named and any(name == key or name.startswith(f"{key}/") for name in ids)
