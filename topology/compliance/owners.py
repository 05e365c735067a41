"""Who is behind a difference: we ourselves, AVNM, Azure Policy, or someone else.

Azure says who wrote a resource last (`systemData`) of the parts of a network manager and of
policies only (recordings.md section 6); networks, firewalls and route tables have no such
thing. Of those it is known by what our last run left: what is still so was not changed by
anybody, and the topology file has moved on; what is not was changed since.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from topology.compliance.finding import Owner
from topology.compliance.last_state import LastState
from topology.kind import NOBODY, Body, Kind, at, parent_id, same_id
from topology.planning.actual import Actual, Found, GoalState
from topology.planning.diff import is_same
from topology.planning.plan import Commit, Create, FieldChange, Step
from topology.resources import KIND_BY_NAME
from topology.verification.avnm import strict

Told = tuple[Owner, str]


@dataclass(frozen=True)
class Witnesses:
    """What tells who was at work.

    `us` are the names under which Azure knows whoever runs this, `last` is what our last run
    left in Azure, as far as that is known.
    """

    us: frozenset[str] = frozenset()
    last: LastState = field(default_factory=LastState)


def owner_of(step: Step, change: FieldChange, actual: Actual, witnesses: Witnesses) -> Told:
    """Return who is behind a change that a plan has, and that one's name where it is known."""
    found = actual.get(step.resource.id.split("#")[0])
    kind = KIND_BY_NAME[step.resource.kind]
    if isinstance(step, Commit):
        return _of_a_goal(step, actual, witnesses)
    told = (
        _avnm(step, kind, actual),
        found and _policy(change, kind, actual),
        found and _written_by(found.body, actual, witnesses),
        _since(step, change, found, witnesses),
    )
    return next((item for item in told if item), (Owner.UNKNOWN, ""))


# -- AVNM --------------------------------------------------------------------------------


def _avnm(step: Step, kind: Kind, actual: Actual) -> Told | None:
    """Say whether AVNM took a peering away, as a configuration tells it to, whoever's."""
    if not isinstance(step, Create) or kind.made_by_azure == NOBODY:
        return None
    taken = strict(actual).get(same_id(parent_id(step.resource.id)))
    return (Owner.AVNM, taken.rsplit("/", 1)[-1]) if taken else None


def _of_a_goal(step: Commit, actual: Actual, witnesses: Witnesses) -> Told:
    """Return who is behind a goal state: AVNM where it has not carried out what it was told."""
    body, (manager, _) = step.resource.body, step.resource.id.split("/commits/")
    asked = (manager, body["commitType"], body["targetLocations"][0])
    state = actual.goal_state(*asked)
    if state and state.status != "Deployed" and _same(state.configuration_ids, body):
        return Owner.AVNM, state.error or state.status
    left = witnesses.last.left
    if left is None or not witnesses.last.knows(step.resource.id):
        return Owner.UNKNOWN, ""
    before = left.goal_state(*asked)
    return (Owner.US, "") if _told(before) == _told(state) else (Owner.OTHERS, "")


def _same(ids: tuple[str, ...], body: Body) -> bool:
    return {*map(same_id, ids)} == {*map(same_id, body["configurationIds"])}


def _told(state: GoalState | None) -> tuple[set[str], str] | None:
    if state is None:
        return None
    return {*map(same_id, state.configuration_ids)}, state.commit_time


# -- Azure Policy ------------------------------------------------------------------------


def _policy(change: FieldChange, kind: Kind, actual: Actual) -> Told | None:
    """Return the policy that writes a field: one that modifies or appends it where it stands."""
    for item in _assigned(actual.policies):
        if change.path in _written_fields(item, kind):
            name = at(item.body, "properties.displayName") or item.id.rsplit("/", 1)[-1]
            return Owner.POLICY, str(name)
    return None


def _assigned(policies: tuple[Found, ...]) -> Iterator[Found]:
    """Yield the assignments, and the definitions that they put into effect.

    What an initiative holds is not read: where one is assigned, any definition may be in it.
    """
    named = [str(at(item.body, _ASSIGNS)).lower() for item in policies]
    for item in policies:
        is_definition = KIND_BY_NAME[item.kind].assigns is None
        if not is_definition or same_id(item.id) in named or any(map(_is_initiative, named)):
            yield item


_ASSIGNS = "properties.policyDefinitionId"


def _is_initiative(name: str) -> bool:
    return "/policysetdefinitions/" in name


def _written_fields(item: Found, kind: Kind) -> Iterator[str]:
    """Yield the paths that a definition writes; an assignment says it by its parameters.

    `modify` has operations and `append` a list of fields ("Azure Policy definition structure
    effects", Microsoft Learn). Azure's own definitions for tags, which no list of a
    subscription holds, take the tag's name as the parameter `tagName` ("Assign policy
    definitions for tag compliance").
    """
    tag = at(item.body, "properties.parameters.tagName.value")
    if isinstance(tag, str):
        yield f"tags.{tag}"
    details = at(item.body, "properties.policyRule.then.details")
    listed = details.get("operations", ()) if isinstance(details, Mapping) else details or ()
    for entry in listed:
        field = str(entry.get("field", "")) if isinstance(entry, Mapping) else ""
        if field.startswith("tags"):
            yield f"tags.{field.removeprefix('tags').strip('.[]').strip(chr(39))}"
        elif field.lower().startswith(f"{kind.arm_type}/".lower()):
            yield f"properties.{field[len(kind.arm_type) + 1 :]}"


# -- by who wrote it, and by what we left ------------------------------------------------


def _written_by(body: Body, actual: Actual, witnesses: Witnesses) -> Told | None:
    """Return who wrote a resource last, if Azure says so and we know who we are."""
    who = str(at(body, "systemData.lastModifiedBy") or "")
    if not who or not witnesses.us:
        return None
    if who.lower() in witnesses.us:
        return Owner.US, ""
    if who.lower() in _identities(actual.policies):
        return Owner.POLICY, who
    return Owner.OTHERS, who


def _identities(policies: tuple[Found, ...]) -> set[str]:
    """Return by whom assignments remedy: each has an identity of its own."""
    ids = (at(item.body, "identity.principalId") for item in policies)
    return {str(name).lower() for name in ids if name}


def _since(
    step: Step, change: FieldChange, found: Found | None, witnesses: Witnesses
) -> Told | None:
    """Return us for what is as our last run left it, someone else for what is not."""
    left = witnesses.last.left
    if left is None or not witnesses.last.knows(step.resource.id):
        return None
    before = left.get(step.resource.id.split("#")[0])
    if found is None or before is None or not change.path:
        return (Owner.US, "") if (found is None) == (before is None) else (Owner.OTHERS, "")
    was, now = _value(before.body, change.path), _value(found.body, change.path)
    return (Owner.US, "") if is_same(was, now) and is_same(now, was) else (Owner.OTHERS, "")


def _value(body: Any, path: str) -> Any:
    """Return what stands at a path in which items of lists appear by name; names may have dots."""
    if not path:
        return body
    if isinstance(body, Mapping):
        head, _, rest = path.partition(".")
        return _value(body.get(head), rest)
    for item in body if isinstance(body, list | tuple) else ():
        name = str(item.get("name")) if isinstance(item, Mapping) else ""
        if name and f"{path}.".lower().startswith(f"{name}.".lower()):
            return _value(item, path[len(name) + 1 :])
    return None
