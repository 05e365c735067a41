"""Which networks a policy rule selects: the part of Azure Policy's conditions that we write.

Comparisons ignore case, and "East US" is eastus (learn: "Azure Policy definition structure
policy rule"). A tag that is missing equals nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from topology.kind import Body, at, same_id

_TAG = re.compile(r"tags\['(?P<name>.+)'\]", re.IGNORECASE)
_GROUP = re.compile(r".*/resourceGroups/(?P<name>[^/]+)/", re.IGNORECASE)


def group_of(rule: Body) -> str:
    """Return the lower-case id of the group that a definition's body puts networks into."""
    return same_id(str(at(rule, "properties.policyRule.then.details.networkGroupId") or ""))


def selected(rule: Body, networks: Iterable[Body]) -> list[str]:
    """Return the ids of the networks that a definition's body selects.

    Networks are bodies as Azure returns them, with their `id`. Raises ValueError for a
    condition that this Orrery does not write.
    """
    condition = at(rule, "properties.policyRule.if")
    return [str(network["id"]) for network in networks if _holds(condition, network)]


def _holds(condition: Mapping[str, Any], network: Body) -> bool:
    if "allOf" in condition:
        return all(_holds(item, network) for item in condition["allOf"])
    value = _plain(_value(condition, network))
    match sorted(set(condition) - {"field", "value"}):
        case ["equals"]:
            return bool(value == _plain(condition["equals"]))
        case ["notEquals"]:
            return bool(value != _plain(condition["notEquals"]))
        case ["in"]:
            return value in {_plain(item) for item in condition["in"]}
    raise _unknown(condition)


def _value(condition: Mapping[str, Any], network: Body) -> Any:
    name = str(condition.get("field") or condition.get("value"))
    tag, group = _TAG.fullmatch(name), _GROUP.match(str(network["id"]))
    if tag is not None:
        tags: Mapping[str, str] = network.get("tags") or {}
        wanted = tag["name"].casefold()
        return next((value for key, value in tags.items() if key.casefold() == wanted), None)
    if name == "location":
        return str(network.get("location") or "").replace(" ", "")
    if name == "type":
        return network.get("type") or "Microsoft.Network/virtualNetworks"
    if name == "[resourceGroup().name]" and group is not None:
        return group["name"]
    raise _unknown(condition)


def _plain(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value


def _unknown(condition: Mapping[str, Any]) -> ValueError:
    return ValueError(f"{dict(condition)} is no condition that Orrery writes; apply the topology")
