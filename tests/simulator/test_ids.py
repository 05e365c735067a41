"""Ids as they are read from paths: plain ones, and those of extensions."""

import pytest

from simulator.arm.ids import ResourceId, group_id, parse_id

NETWORK = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v"
ASSIGNMENT = "providers/Microsoft.Authorization/policyAssignments/a"
MANAGEMENT_GROUP = "/providers/Microsoft.Management/managementGroups/m"


def parsed(path: str) -> ResourceId:
    """Return the id of a path that has one."""
    found = parse_id(path)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("scope", "kind"),
    [
        ("", "tenant"),
        (MANAGEMENT_GROUP, "managementGroup"),
        ("/subscriptions/s", "subscription"),
        ("/subscriptions/s/resourceGroups/g", "resourceGroup"),
        (NETWORK, "resource"),
        (f"{NETWORK}/subnets/n", "resource"),
    ],
)
def test_an_id_tells_where_it_stands(scope: str, kind: str) -> None:
    """The type and name are those after the last provider, whatever is before."""
    found = parsed(f"{scope}/{ASSIGNMENT}")
    assert (found.scope, found.scope_kind) == (scope, kind)
    assert (found.type, found.name) == ("Microsoft.Authorization/policyAssignments", "a")
    assert found.text == f"{scope}/{ASSIGNMENT}"


def test_an_extension_knows_what_it_extends() -> None:
    """A subnet's extension lies in the subnet's subscription and group."""
    found = parsed(f"{NETWORK}/subnets/n/{ASSIGNMENT}")
    assert found.extended == parsed(f"{NETWORK}/subnets/n")
    assert (found.subscription, found.group, found.parent, found.root) == ("s", "g", None, found)


def test_a_plain_resource_extends_nothing() -> None:
    """Nor does its child."""
    assert parsed(NETWORK).extended is None
    assert parsed(f"{NETWORK}/subnets/n").extended is None
    assert group_id("s", "g").extended is None


def test_a_list_of_extensions_is_a_collection() -> None:
    """The path ends in the type."""
    found = parsed(f"{NETWORK}/providers/Microsoft.Authorization/policyAssignments")
    assert (found.is_collection, found.scope_kind) == (True, "resource")


def test_a_resource_may_be_called_providers() -> None:
    """Only where a type should stand does the word begin an extension."""
    found = parsed("/subscriptions/s/resourceGroups/providers/providers/N.S/t/providers/u/x")
    assert (found.group, found.types, found.names) == ("providers", ("t", "u"), ("providers", "x"))


def test_an_id_is_found_in_any_case_of_its_fixed_words() -> None:
    """Azure writes them its own way."""
    path = f"{NETWORK}/{ASSIGNMENT}".replace("providers", "Providers")
    assert parsed(path).text == f"{NETWORK}/{ASSIGNMENT}"


def test_an_id_leads_to_what_is_beneath_it() -> None:
    """A group to its resources, a resource to its extensions."""
    network = group_id("s", "g").beneath("Microsoft.Network/virtualNetworks", "v")
    assert network == parsed(NETWORK)
    type_name = "Microsoft.Authorization/policyAssignments"
    assert network.beneath(type_name, "a") == parsed(f"{NETWORK}/{ASSIGNMENT}")


@pytest.mark.parametrize(
    "path", ["", "/", "/subscriptions", "/subscriptions/s", "/providers", "/providers/N.S"]
)
def test_other_paths_are_no_ids(path: str) -> None:
    """They are answered elsewhere."""
    assert parse_id(path) is None
