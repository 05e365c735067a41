"""What comes back alone is named again by the rules of firewalls that named it.

They name addresses, so nothing that comes back leads to them. All else that they say stays as
it is. Those of AVNM are in `denied_again`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from topology.kind import Body, Resource, Stage, at, parent_id, put_at, same_id
from topology.planning.actual import Actual, Found
from topology.planning.addresses_in_rules import keeping, prefixes_in, rest_of
from topology.planning.diff import is_same, our_children, without_read_only
from topology.planning.plan import Delete, Plan
from topology.planning.removal import as_resource, owned, region_of
from topology.planning.roll_back.alone import laid_over
from topology.planning.roll_back.bodies import whole
from topology.resources import KIND_BY_NAME


def addresses_again(wanted: Iterable[Resource], plan: Plan, actual: Actual) -> set[str]:
    """Return the prefixes that a plan took from networks, and that are wanted for them again."""
    again = (
        laid_over(resource, actual.get(resource.id), plan.topology)
        for resource in wanted
        if KIND_BY_NAME[resource.kind].can_join
    )
    return _addresses(again) & _taken(plan)


def addresses_still(region: str | None, plan: Plan, actual: Actual) -> set[str]:
    """Return the prefixes of networks that go when the plan of a later wave says so.

    That wave may never come: they stand, and rules that all share name them no more.
    """
    known = {same_id(step.resource.id) for step in plan.steps}
    still = (
        found
        for key, found in plan.found.resources.items()
        if KIND_BY_NAME[found.kind].can_join
        and key not in known
        and actual.get(key) is not None
        and owned(found, plan.found, plan.topology)
        and region in {None, region_of(found, plan.found)}
    )
    return _addresses(found.body for found in still)


def _taken(plan: Plan) -> set[str]:
    networks = [step for step in plan.steps if KIND_BY_NAME[step.resource.kind].can_join]
    found = (plan.found.get(step.resource.id) for step in networks)
    stay = (step.resource.body for step in networks if not isinstance(step, Delete))
    return _addresses(item.body for item in found if item) - _addresses(stay)


def _addresses(bodies: Iterable[Body]) -> set[str]:
    path = "properties.addressSpace.addressPrefixes"
    return {text for body in bodies for text in prefixes_in(at(body, path))}


def named_again(
    own: set[str], region: str | None, plan: Plan, actual: Actual
) -> Iterator[Resource]:
    """Yield the rules of others that named these prefixes before a plan, and do not now."""
    for key, was in plan.found.resources.items():
        is_rules = KIND_BY_NAME[was.kind].stage is Stage.POLICY
        elsewhere = is_rules and (region is None or region_of(was, plan.found) != region)
        if elsewhere and owned(was, plan.found, plan.topology):
            now = actual.get(key)
            if now is not None and owned(now, actual, plan.topology):
                yield from _naming(own, was, now, actual, plan.topology)
            elif now is None and key in plan.deleted and actual.get(parent_id(was.id)):
                yield from _rest(own, was, plan)


def _naming(
    own: set[str], was: Found, now: Found, actual: Actual, topology: str
) -> Iterator[Resource]:
    kind, body = KIND_BY_NAME[now.kind], dict[str, Any]()
    for path in (item.path for item in kind.child_lists):
        before, here = (our_children(found.body, path, kind, topology) for found in (was, now))
        both = without_read_only(keeping(here, before, own), kind)
        if not is_same(both, here):
            put_at(body, path, both)
    if body:
        yield replace(as_resource(now, actual), body=body)


def _rest(own: set[str], was: Found, plan: Plan) -> Iterator[Resource]:
    kind = KIND_BY_NAME[was.kind]
    body = whole(was, kind)
    for path in (item.path for item in kind.child_lists):
        put_at(body, path, rest_of(at(body, path), own))
        if at(body, path):
            yield replace(as_resource(was, plan.found), body=body)
