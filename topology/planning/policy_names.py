"""Names of policy definitions: each is used once.

The name of a definition that was deleted serves no network group again (facts.md section
0.14), whoever deleted it: a rollout, a roll-back, a person. So a name ends in a generation,
and what Azure does not hold is made with one that was never used: the lock file keeps the
last, and has it before the definition is made.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from topology.kind import Resource, same_id
from topology.naming import at_generation, policy_in
from topology.network import Network
from topology.planning.actual import Actual, Found
from topology.planning.plan import Plan, Replace
from topology.planning.removal import owned
from topology.resources import KIND_BY_NAME

Generations = dict[str, int]


def at_names_found(network: Network, actual: Actual) -> Network:
    """Return the network at the newest definitions that Azure holds; new names for the rest."""
    topology = network.topology.topology
    ours = (item for item in actual.resources.values() if owned(item, actual, topology))
    return network.with_policies(_newest(ours, topology))


def at_names_left(network: Network, plan: Plan, unused: Mapping[str, int]) -> Network:
    """Return the network at new names for the definitions that a plan would make anew.

    It is the same network where the plan makes none anew. Definitions are made anew with
    the group that they name, as when the manager moves. `unused` are the first generations
    that were never used, by their keys.
    """
    again = [step.resource for step in plan.steps if isinstance(step, Replace)]
    newest = _newest(again, plan.topology)
    return network.with_policies(_after(newest, unused)) if newest else network


def used_by(plan: Plan) -> Generations:
    """Return the generations of the definitions that a plan makes or has found, by their keys.

    Those found count as well: a lock file that was lost does not know them, and the name of
    one that goes is used up.
    """
    return _newest([step.resource for step in plan.steps], plan.topology)


def unnumbered(resource: Resource, topology: str) -> str:
    """Return a lower-case id that is the same for every name which a definition may get."""
    is_numbered = is_of_policy(resource) and policy_in(resource.id, topology)
    return same_id(at_generation(resource.id, 0) if is_numbered else resource.id)


def is_of_policy(item: Resource) -> bool:
    """Say whether this is such a definition, or assigns one."""
    return _fills_groups(item) or KIND_BY_NAME[item.kind].assigns is not None


def coming_back(
    resources: Iterable[Resource], actual: Actual, unused: Mapping[str, int], topology: str
) -> list[Resource]:
    """Return resources with new names for the definitions among them that were deleted.

    `unused` are the first generations that were never used, by their keys. What names
    such a definition is renamed with it.
    """
    listed = list(resources)
    gone = [item for item in listed if actual.get(item.id) is None]
    chosen = _after(_newest(gone, topology), unused)
    return [_renamed(item, chosen, topology) if item in gone else item for item in listed]


def _renamed(resource: Resource, chosen: Mapping[str, int], topology: str) -> Resource:
    found = policy_in(resource.id, topology)
    if not is_of_policy(resource) or found is None or found[0] not in chosen:
        return resource
    number = chosen[found[0]]
    body = resource.body
    for key, value in (body.get("properties") or {}).items():
        if isinstance(value, str) and same_id(value).startswith("/subscriptions/"):
            named = at_generation(value, number)
            body = {**body, "properties": {**body["properties"], key: named}}
    return replace(resource, id=at_generation(resource.id, number), body=body)


def _after(used: Generations, unused: Mapping[str, int]) -> Generations:
    return {name: max(number + 1, unused.get(name, 1)) for name, number in used.items()}


def _newest(resources: Iterable[Resource | Found], topology: str) -> Generations:
    newest: Generations = {}
    for item in resources:
        found = policy_in(item.id, topology) if _fills_groups(item) else None
        if found is not None:
            newest[found[0]] = max(found[1], newest.get(found[0], 0))
    return newest


def _fills_groups(item: Resource | Found) -> bool:
    return KIND_BY_NAME[item.kind].fills_groups
