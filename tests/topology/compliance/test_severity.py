"""How much a difference weighs: by its kind and where it is, as docs/compliance.md has it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from topology.compliance.drift import severity_of
from topology.kind import Severity
from topology.resources import KIND_BY_NAME, KINDS

PAGE = (Path(__file__).parents[3] / "docs/compliance.md").read_text()
ROWS = re.findall(r"^\| `([a-z-]+)` \| (.*?) \| (.*?) \| (.*?) \|$", PAGE, re.MULTILINE)


def test_every_kind_says_what_its_difference_weighs() -> None:
    """The page has a row for each kind, and each row is what the kind says."""
    shown = {
        (kind.name, *("; ".join(_told(kind.severity, weight)) for weight in Severity))
        for kind in KINDS
    }

    assert {tuple(cell.replace("`", "") for cell in row) for row in ROWS} == shown


def _told(rules: Mapping[str, Severity], weight: Severity) -> list[str]:
    return [_words(rule, rules) for rule, found in rules.items() if found is weight]


def _words(rule: str, rules: Mapping[str, Severity]) -> str:
    if rule != "*":
        return rule.removesuffix("*")
    return "all" if len(rules) == 1 else "all else"


@pytest.mark.parametrize(
    ("kind", "path", "weight"),
    [
        ("virtual-network", "tags.region", Severity.LOW),
        ("security-admin-rule", "properties.description", Severity.LOW),
        (
            "virtual-network",
            "properties.subnets.AzureFirewallSubnet.properties.routeTable.id",
            Severity.CRITICAL,
        ),
        ("virtual-network", "properties.subnets.a.b.properties.routeTable", Severity.CRITICAL),
        ("virtual-network", "properties.addressSpace.addressPrefixes", Severity.HIGH),
        ("virtual-network", "", Severity.HIGH),
        ("route-table", "", Severity.CRITICAL),
        ("commit", "Connectivity", Severity.HIGH),
        ("commit", "Routing", Severity.CRITICAL),
    ],
)
def test_a_difference_weighs_what_it_can_do(kind: str, path: str, weight: Severity) -> None:
    """A tag moves no traffic; the table of a firewall's subnet moves all of it."""
    assert severity_of(KIND_BY_NAME[kind], path) is weight
