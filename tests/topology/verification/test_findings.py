"""Cases that a network engineer can read: what others put beside ours, and what is wrong then."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.builders import a_network, as_deployed
from tests.topology.cases import cases, load
from tests.topology.verification.written import security_rule, written
from topology.kind import same_id
from topology.network import Network
from topology.planning.actual import Actual, Found
from topology.verification.verdict import findings_of, model_of


@pytest.mark.parametrize("path", cases("findings"), ids=lambda path: str(path.stem))
def test_what_is_not_as_it_must_be_is_found_and_nothing_else(path: Path) -> None:
    """As the file says."""
    case = load(path)
    network = a_network("eastus", "westus", **case.get("topology", {}))
    found = findings_of(network, model_of(network, _joined(as_deployed(network), network, case)))
    told = {(item.rule, item.between): item.text for item in found}

    assert set(told) == {(item["rule"], item["between"]) for item in case["findings"]}
    for item in case["findings"]:
        assert item["told"] in told[item["rule"], item["between"]]


def _joined(actual: Actual, network: Network, case: Mapping[str, Any]) -> Actual:
    """Return what is deployed with what others have put beside it."""
    others = written(_in_full(network, case.get("others", {})))
    if rules := case.get("firewall"):
        policies = {network.names.policy_id: {"rules": rules}}
        others = replace(others, resources={**others.resources, **_groups(policies)})
    groups = {
        same_id(name): _with_rules(actual, name, rules)
        for name, rules in _security_groups(network, case.get("security_groups", {}))
    }
    return replace(
        actual,
        resources={**others.resources, **actual.resources, **groups},
        goal_states={**others.goal_states, **actual.goal_states},
    )


def _security_groups(
    network: Network, rules: Mapping[str, list[str]]
) -> Iterator[tuple[str, list[str]]]:
    """Yield the ids of our security groups by the names of their spokes."""
    for spoke, found in rules.items():
        region, _, name = spoke.partition("/")
        yield network.names.nsg_id(region, name), found


def _with_rules(actual: Actual, name: str, rules: list[str]) -> Found:
    """Return a security group of ours with rules of others before ours."""
    found = actual.resources[same_id(name)]
    properties = found.body["properties"]
    more = [security_rule(number, rule) for number, rule in enumerate(rules)]
    both = {**properties, "securityRules": [*properties["securityRules"], *more]}
    return replace(found, body={**found.body, "properties": both})


def _groups(policies: Mapping[str, Any]) -> dict[str, Any]:
    """Return rules within a policy of ours, which stands already."""
    found = written({"policies": policies}).resources
    return {key: item for key, item in found.items() if "/rulecollectiongroups/" in key}


def _in_full(network: Network, others: Mapping[str, Any]) -> dict[str, Any]:
    """Return it with the ids of our networks in the place of their names."""

    def named(text: str) -> str:
        name, flags = text.rstrip("!~"), text[len(text.rstrip("!~")) :]
        region, _, role = name.partition("/")
        return (network.names.vnet_id(region, role) if role else name) + flags

    found = dict(others)
    found["peerings"] = [" ".join(map(named, line.split())) for line in others.get("peerings", ())]
    for key in ("admin", "routing"):
        found[key] = [
            {**item, "on": [named(on) for on in item["on"]]} for item in others.get(key, ())
        ]
    return found
