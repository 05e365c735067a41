"""Parts of a plan that can be carried out by themselves."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace

from topology.kind import parent_id, same_id
from topology.planning.plan import Change, Delete, Nothing, Plan, Step


def by_itself(plan: Plan, mine: Callable[[Step], bool]) -> Plan:
    """Return the steps of mine, without those that need something made or removed elsewhere."""
    kept = {same_id(step.resource.id) for step in plan.work if mine(step)}
    steps = {same_id(step.resource.id): step for step in plan.steps}
    needs = {(same_id(e.step), same_id(e.need)) for e in plan.edges if not e.orders_only}
    needs |= {(key, parent_id(key)) for key in kept}
    waits = {(key, need) for key, need in needs if _waits(steps.get(key), steps.get(need))}
    while blocked := {key for key, need in waits if key in kept and need not in kept}:
        kept -= blocked
    return only(plan, kept)


def _waits(step: Step | None, need: Step | None) -> bool:
    """Say whether a step cannot go without another: what is there already is enough to write."""
    enough = Nothing if isinstance(step, Delete) else Change | Nothing
    return need is not None and not isinstance(need, enough)


def only(plan: Plan, kept: Collection[str]) -> Plan:
    """Return the steps with these lower-case ids that write, and nothing beside them."""
    steps = tuple(step for step in plan.work if same_id(step.resource.id) in kept)
    edges = tuple(e for e in plan.edges if same_id(e.step) in kept and same_id(e.need) in kept)
    return replace(plan, steps=steps, edges=edges)


def without(plan: Plan, part: Plan) -> Plan:
    """Return the rest of a plan when a part of it is done: what needed that needs it no more."""
    done = {same_id(step.resource.id) for step in part.work}
    steps = tuple(step for step in plan.steps if same_id(step.resource.id) not in done)
    edges = tuple(
        edge for edge in plan.edges if done.isdisjoint({same_id(edge.step), same_id(edge.need)})
    )
    return replace(plan, steps=steps, edges=edges)
