"""What comes back alone is named again by the rules of firewalls that named it.

They name addresses, so nothing that comes back leads to them. All else that they say stays as
it is. Those of AVNM are in `denied_again`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from topology.graph import references
from topology.kind import Body, Resource, Stage, at, parent_id, put_at, same_id
from topology.planning.actual import Actual, Found
from topology.planning.addresses_in_rules import keeping, prefixes_in, rest_of
from topology.planning.diff import is_same, our_children, without_read_only
from topology.planning.plan import Delete, Plan
from topology.planning.removal import as_resource, owned, region_of
from topology.planning.roll_back.alone import laid_over
from topology.planning.roll_back.bodies import whole
from topology.resources import KIND_BY_NAME
from topology.resources.rule_collection_group import as_called


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
    """Yield the rules of others that named these prefixes before a plan, and do not now.

    Also where firewalls follow others since: those name what the ones from before had named.
    """
    was = dict(_rules_elsewhere(region, plan.found, plan.topology))
    now = dict(_rules_elsewhere(region, actual, plan.topology))
    policies = _policies_before(plan.found, actual)
    for key, here in now.items():
        there = policies.get(parent_id(key), set())
        before = [it for name, it in was.items() if name == key or parent_id(name) in there]
        yield from _naming(own, before, here, actual, plan.topology)
    for key, rules in was.items():
        is_gone = key in plan.deleted and actual.get(key) is None
        if is_gone and actual.get(parent_id(rules.id)):
            yield from _rest(own, rules, plan)


def _rules_elsewhere(
    region: str | None, world: Actual, topology: str
) -> Iterator[tuple[str, Found]]:
    """Yield rules of ours that are not the region's own, by lower-case id."""
    for key, found in world.resources.items():
        is_rules = KIND_BY_NAME[found.kind].stage is Stage.POLICY
        elsewhere = is_rules and (region is None or region_of(found, world) != region)
        if elsewhere and owned(found, world, topology):
            yield key, found


def _policies_before(was: Actual, now: Actual) -> dict[str, set[str]]:
    """Return what those who follow a policy followed before, by its lower-case id."""
    found: dict[str, set[str]] = {}
    for key, user in now.resources.items():
        if KIND_BY_NAME[user.kind].stage is not Stage.POLICY and (before := was.get(key)):
            for policy in map(same_id, references(user.body)):
                found.setdefault(policy, set()).update(map(same_id, references(before.body)))
    return found


def _naming(
    own: set[str], was: Iterable[Found], now: Found, actual: Actual, topology: str
) -> Iterator[Resource]:
    kind, body = KIND_BY_NAME[now.kind], dict[str, Any]()
    for path in (item.path for item in kind.child_lists):
        both = here = our_children(now.body, path, kind, topology)
        for found in was:
            before = our_children(found.body, path, kind, topology)
            if same_id(found.id) != same_id(now.id):
                before = [*as_called(before, here)]
            both = keeping(both, before, own)
        both = without_read_only(both, kind)
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
