"""A case of planning: a topology, what Azure holds, and the steps as sentences.

tests/cases/plan/README.md describes the files.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from typing import Any

from tests.builders import SUBSCRIPTION, a_topology, as_deployed
from tests.topology.mangling import mangled
from topology.addressing import AddressLock, allocate, resolve
from topology.kind import same_id
from topology.network import Network
from topology.planning import explain
from topology.planning.actual import Actual, Found, GoalState
from topology.planning.destroy import plan_destroy
from topology.planning.diff import lay_over
from topology.planning.plan import Plan, Replace
from topology.planning.planner import make_plan
from topology.resources import KIND_BY_NAME

Case = Mapping[str, Any]


def plan_of(case: Case) -> Plan:
    """Return the plan for a case."""
    deployed, network = networks_of(case)
    actual = actual_of(case, deployed)
    if goes := case.get("destroy"):
        return plan_destroy(network, None if goes is True else goes, actual)
    return make_plan(network, actual)


def networks_of(case: Case) -> tuple[Network, Network]:
    """Return the network that Azure holds, and the one that is wanted."""
    deployed, lock = _network(case.get("deployed", case["topology"]), None)
    return deployed, _network(case["topology"], lock)[0]


def sentences(plan: Plan) -> list[str]:
    """Return the steps that write, a sentence each, in the order of their regions and names."""
    return sorted(explain.title(step) for step in plan.work)


def details(plan: Plan) -> dict[str, list[str]]:
    """Return what each step does in particular; and why, for what is left alone."""
    return {explain.title(step): list(explain.details(step)) for step in plan.steps}


def written(case: Case, plan: Plan, name: str) -> dict[str, Any]:
    """Return the body that would be put for the resource of this name."""
    del case
    [step] = [step for step in plan.work if same_id(step.resource.id).endswith(f"/{name.lower()}")]
    kind, found = KIND_BY_NAME[step.resource.kind], plan.found.get(step.resource.id.split("#")[0])
    stays = found if not isinstance(step, Replace) else None  # it is deleted first
    return lay_over(stays.body if stays else None, step.resource.body, kind, plan.topology)


def value_at(body: Any, path: str) -> Any:
    """Return what stands at a path; an item of a list is found by its name or its number."""
    for step in path.split("/"):
        body = _item(body, step)
    return body


def actual_of(case: Case, deployed: Network) -> Actual:
    """Return what Azure holds: what was deployed, with the edits of the case."""
    actual = Actual() if case.get("deployed", "") is None else as_deployed(deployed)
    for edit in case.get("actual", ()):
        actual = _edited(actual, edit)
    actual = replace(
        actual,
        others=tuple(map(_foreign_network, case.get("others", ()))),
        members=_members(deployed, case.get("members") or {}),
    )
    return mangled(actual, *case["mangled"]) if "mangled" in case else actual


def _network(fields: Case | None, lock: AddressLock | None) -> tuple[Network, AddressLock]:
    values = {"regions": {"eastus": None, "westus": None}, **(fields or {})}
    topology = a_topology(*values["regions"], **values)
    complete = allocate(topology, lock)
    return resolve(topology, complete), complete


# -- networks of others ------------------------------------------------------------------


def _foreign_network(fields: Case) -> Found:
    """Return a network of another team: its name, location, tags and prefixes."""
    found = _id(f"resourceGroups/rg-team/providers/Microsoft.Network/virtualNetworks/{_NAME}")
    resource_id = found.replace(_NAME, fields["name"])
    space = {"addressSpace": {"addressPrefixes": fields.get("prefixes", [])}}
    body = {"id": resource_id, "properties": space, **fields}
    return Found("virtual-network", resource_id, body)


_NAME = "NAME"


def _members(network: Network, groups: Mapping[str, list[str]]) -> dict[str, frozenset[str]]:
    """Return who is in each group, from names of networks of others."""
    return {
        same_id(network.names.network_group_id(group)): frozenset(
            same_id(_foreign_network({"name": name}).id) for name in names
        )
        for group, names in groups.items()
    }


# -- edits -------------------------------------------------------------------------------


def _edited(actual: Actual, edit: Case) -> Actual:
    if "add" in edit:
        found = Found(edit["add"], _id(edit["id"]), deepcopy(edit.get("body") or {}))
        return Actual({**actual.resources, same_id(found.id): found}, actual.goal_states)
    if "goal" in edit:
        return _goal_edited(actual, edit)
    key = _key(actual, edit["resource"])
    if edit.get("gone"):
        left = {k: v for k, v in actual.resources.items() if not f"{k}/".startswith(f"{key}/")}
        return Actual(left, actual.goal_states)
    body = deepcopy(dict(actual.resources[key].body))
    for path, value in (edit.get("set") or {}).items():
        _set(body, path, value)
    for path, item in (edit.get("append") or {}).items():
        _append(body, path, item)
    found = replace(actual.resources[key], body=body)
    return Actual({**actual.resources, key: found}, actual.goal_states)


def _goal_edited(actual: Actual, edit: Case) -> Actual:
    """Edit the goal state `<type>-<region>`; one that is not there is made."""
    commit_type, region = edit["goal"].split("-", 1)
    [manager] = actual.goal_states
    others, mine = [], GoalState(region, commit_type, ())
    for state in actual.goal_states[manager]:
        if (state.commit_type, state.region) == (commit_type, region):
            mine = state
        else:
            others.append(state)
    if edit.get("gone"):
        return Actual(actual.resources, {manager: tuple(others)})
    more = tuple(_id(name) for name in edit.get("and", ()))
    changed = {key: edit[key] for key in ("status", "error", "commit_time") if key in edit}
    mine = replace(mine, configuration_ids=(*mine.configuration_ids, *more), **changed)
    return Actual(actual.resources, {manager: (*others, mine)})


def _id(text: str) -> str:
    return f"/subscriptions/{SUBSCRIPTION}/{text}"


def _key(actual: Actual, name: str) -> str:
    [key] = [key for key in actual.resources if key.endswith(f"/{name.lower()}")]
    return key


def _item(body: Any, step: str) -> Any:
    if isinstance(body, list):
        by_name = [item for item in body if isinstance(item, Mapping) and item.get("name") == step]
        return by_name[0] if by_name else body[int(step)]
    return body[step]


def _set(body: Any, path: str, value: Any) -> None:
    *above, last = path.split("/")
    for step in above:
        body = _item(body, step) if isinstance(body, list) else body.setdefault(step, {})
    if value is None:
        body.pop(last, None)
    else:
        body[last] = value


def _append(body: Any, path: str, item: Any) -> None:
    *above, last = path.split("/")
    for step in above:
        body = _item(body, step)
    body.setdefault(last, []).append(item)
