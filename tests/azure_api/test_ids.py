"""Ids become the arguments of the SDK's methods."""

from __future__ import annotations

import pytest

from azure_api.ids import kind_of, parse
from topology.resources import KINDS

GROUP = "/subscriptions/s/resourceGroups/rg"


@pytest.mark.parametrize(
    ("resource_id", "arguments"),
    [
        (GROUP, ("rg",)),
        (f"{GROUP}/providers/Microsoft.Network/virtualNetworks/v", ("rg", "v")),
        (f"{GROUP}/providers/Microsoft.Network/virtualNetworks/v/subnets/s", ("rg", "v", "s")),
        (f"{GROUP}/providers/Microsoft.Network/routeTables/t#remote-routes", ("rg", "t")),
        ("/subscriptions/s/providers/Microsoft.Authorization/policyDefinitions/p", ("p",)),
    ],
)
def test_names_of_an_id_are_given_outermost_first(
    resource_id: str, arguments: tuple[str, ...]
) -> None:
    """Every method takes the group and then each name of the path."""
    assert parse(resource_id).path_arguments == arguments


@pytest.mark.parametrize("text", ["", "/subscriptions/s", f"{GROUP}/providers/Microsoft.Network/x"])
def test_text_that_names_no_resource_is_refused(text: str) -> None:
    """A wrong id fails here and not as a wrong request."""
    with pytest.raises(ValueError, match="is no id of a resource"):
        parse(text)


def test_kind_is_found_whatever_the_case_of_the_type() -> None:
    """Azure spells firewallPolicies with a capital in its answers (recordings.md section 6)."""
    found = kind_of(f"{GROUP}/providers/Microsoft.Network/FirewallPolicies/p", KINDS)
    assert found.name == "firewall-policy"


def test_kind_of_a_part_is_never_taken_for_the_whole() -> None:
    """Remote routes have the type of a route table and are only a part of one."""
    found = kind_of(f"{GROUP}/providers/Microsoft.Network/routeTables/t", KINDS)
    assert found.name == "route-table"
