"""Which networks our policies select: the same as Azure, as far as we write conditions."""

from __future__ import annotations

from typing import Any

import pytest

from tests.builders import SUBSCRIPTION, a_network
from topology.resources import policy_definition
from topology.selection import group_of, selected

IN_TEAM = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-team/providers/Microsoft.Network"
TAGS = {"topology": "sample", "environment": "prod"}


def _rule(**groups: Any) -> dict[str, Any]:
    """Return the definition that puts networks of prod in eastus into their group."""
    network = a_network("eastus", groups={"membership": "dynamic", **groups})
    return next(
        item.body
        for item in policy_definition.expand(network)
        if item.id.endswith("sample-prod-eastus-g1")
    )


def _vnet(location: str = "eastus", tags: dict[str, str] | None = None) -> dict[str, Any]:
    return {"id": f"{IN_TEAM}/virtualNetworks/v", "location": location, "tags": tags or TAGS}


@pytest.mark.parametrize(
    ("vnet", "joins"),
    [
        (_vnet(), True),
        (_vnet("East US"), True),
        (_vnet("westus"), False),
        (_vnet(tags={"Topology": "Sample", "ENVIRONMENT": "PROD"}), True),
        (_vnet(tags={"topology": "sample"}), False),
        (_vnet(tags={"topology": "other", "environment": "prod"}), False),
        (_vnet(tags={**TAGS, "environment": "nonprod"}), False),
        (_vnet(tags={**TAGS, "managed-by": "orrery"}), False),
        (_vnet(tags={**TAGS, "managed-by": "terraform"}), True),
    ],
)
def test_network_joins_by_its_tags_and_its_location(vnet: dict[str, Any], joins: bool) -> None:  # noqa: FBT001  a case
    """Case is ignored, as Azure does; our own spokes are static members."""
    assert selected(_rule(), [vnet]) == ([vnet["id"]] if joins else [])


def test_tags_may_be_others() -> None:
    """A team may have words of its own."""
    rule = _rule(tags={"network": "shared"}, environment_tag="stage")

    assert selected(rule, [_vnet()]) == []
    assert selected(rule, [_vnet(tags={"network": "shared", "stage": "prod"})]) != []


@pytest.mark.parametrize(("group", "joins"), [("rg-team", True), ("RG-TEAM", True), ("rg", False)])
def test_only_networks_of_named_resource_groups_join(group: str, joins: bool) -> None:  # noqa: FBT001  a case
    """Who may tag is not always who may join."""
    assert bool(selected(_rule(resource_groups=[group]), [_vnet()])) is joins


def test_condition_of_somebody_else_is_refused() -> None:
    """A preview that guesses would be worse than none."""
    rule = {"properties": {"policyRule": {"if": {"field": "name", "like": "*"}}}}

    with pytest.raises(ValueError, match="no condition that Orrery writes"):
        selected(rule, [_vnet()])


def test_rule_says_which_group_it_fills() -> None:
    """Its id is written out: Azure takes no parameters there."""
    assert group_of(_rule()).endswith("/networkgroups/prod")
