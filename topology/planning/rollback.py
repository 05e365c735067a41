"""A roll-back is a plan too: what stood before is wanted, what was made goes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from topology.kind import NOBODY, Kind, Resource, same_id
from topology.planning.actual import Actual, Found
from topology.planning.diff import TOP_READ_ONLY, our_children, without, without_read_only
from topology.planning.plan import Change, Create, Delete, Nothing, Plan, Replace, Step
from topology.planning.planner import plan_resources
from topology.planning.replacement import makes_way
from topology.resources import KIND_BY_NAME


def plan_roll_back(plan: Plan, region: str, actual: Actual) -> Plan:
    """Return the plan that takes one region back to what stood before `plan` ran.

    What the plan created in the region is deleted, if `before` lacks it and it is
    ours; what it changed gets its old values in every field that the plan set. Stages
    that join regions, and what belongs to no region, are left alone. `actual` is what
    Azure holds now: a step that never ran is nothing to take back.
    """
    steps = [step for step in plan.steps if _is_regional(step, region)]
    wanted = list(_as_it_was(steps, plan, actual))
    made = {
        same_id(step.resource.id)
        for step in steps
        if isinstance(step, Create) and plan.found.get(step.resource.id) is None
    }
    relevant = {same_id(resource.id) for resource in wanted} | made
    here = {key: found for key, found in actual.resources.items() if _concerns(key, relevant, made)}
    return plan_resources(wanted, Actual(here), plan.topology, plan.subscription)


def _is_regional(step: Step, region: str) -> bool:
    mine = step.resource.region == region and step.resource.stage.is_regional
    return mine and not makes_way(step)


def _concerns(key: str, relevant: set[str], made: set[str]) -> bool:
    """Say whether a resource is one of these, or was put into what the plan made."""
    return key in relevant or any(key.startswith(f"{name}/") for name in made)


def _as_it_was(steps: list[Step], plan: Plan, actual: Actual) -> Iterator[Resource]:
    """Yield what stood before, with the fields that a step touches; no fields for the rest.

    What the plan left alone and someone else took away is not ours to bring back.
    """
    for step in steps:
        found = plan.found.get(step.resource.id)
        taken = isinstance(step, Nothing) and actual.get(step.resource.id) is None
        if found is not None and not taken:
            yield replace(step.resource, body=_body(step, found, plan.topology))


def _body(step: Step, found: Found, topology: str) -> dict[str, Any]:
    kind = KIND_BY_NAME[found.kind]
    if isinstance(step, Delete):
        return _whole(found, kind)
    if isinstance(step, Change | Replace):
        before: dict[str, Any] = _old_values(step.resource.body, found.body, "", kind, topology)
        return before
    return {}


def _whole(found: Found, kind: Kind) -> dict[str, Any]:
    """Return the body to make a resource again from.

    Children that are resources of their own come back by their own steps: two networks
    that are peered would need each other.
    """
    apart = {item.path for item in kind.child_lists if item.ours == NOBODY}
    body: dict[str, Any] = without(without_read_only(found.body, kind), apart)
    return {key: value for key, value in body.items() if key not in TOP_READ_ONLY}


def _old_values(wanted: Any, before: Any, path: str, kind: Kind, topology: str) -> Any:
    """Return `before` cut down to the fields of `wanted`; None where it had none."""
    if path in {item.path for item in kind.child_lists}:
        return [
            without_read_only(item, kind) for item in our_children(before, path, kind, topology)
        ]
    if isinstance(wanted, Mapping) and isinstance(before, Mapping):
        return {
            key: _old_values(value, before.get(key), f"{path}.{key}".strip("."), kind, topology)
            for key, value in wanted.items()
        }
    return without_read_only(before, kind)
