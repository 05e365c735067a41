"""Values that Azure assigns: they stand in bodies as text until they are known."""

from __future__ import annotations

from typing import Any

import pytest

from topology.kind import Late, at, firewall_address, late, late_in, late_values
from topology.planning.actual import Actual, Found
from topology.planning.late import fill, known, prune

FIREWALL = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/azureFirewalls/f"
ADDRESS = firewall_address(FIREWALL)
PATH = "properties.ipConfigurations.0.properties.privateIPAddress"


def _firewall(address: str | None) -> Actual:
    inner = {} if address is None else {"privateIPAddress": address}
    body = {"properties": {"ipConfigurations": [{"properties": inner}]}}
    return Actual.of([Found("firewall", FIREWALL, body)])


def _addresses(**addresses: str) -> Any:
    return lambda value: addresses.get(value.resource_id.rsplit("/", 1)[-1])


def test_late_value_says_whose_it_is_and_where() -> None:
    """It is text, so that a body stays JSON."""
    assert late_in(ADDRESS) == Late(FIREWALL, PATH)


@pytest.mark.parametrize("value", ["10.0.0.4", "{late:}", "{late:/x}", f"see {ADDRESS}", 4, None])
def test_anything_else_is_no_late_value(value: object) -> None:
    """The whole text must be one."""
    assert late_in(value) is None


def test_late_values_are_found_at_every_depth() -> None:
    """Also in lists of lists."""
    body = {"a": [{"b": [ADDRESS]}], "c": late("/other", "x")}

    assert [value.resource_id for value in late_values(body)] == [FIREWALL, "/other"]


@pytest.mark.parametrize(
    ("path", "value"),
    [("a.0.b", 1), ("a.1.b", None), ("a.b", None), ("x", None), ("a.0.b.c", None)],
)
def test_path_that_ends_early_leads_to_nothing(path: str, value: object) -> None:
    """A body that was just made lacks what Azure assigns later."""
    assert value == at({"a": [{"b": 1}]}, path)


def test_value_that_was_read_is_known() -> None:
    """Whatever the case of the id."""
    assert known(_firewall("10.0.0.4"))(Late(FIREWALL.upper(), PATH)) == "10.0.0.4"


@pytest.mark.parametrize("actual", [Actual(), _firewall(None)], ids=["no firewall", "no address"])
def test_value_that_is_not_assigned_is_not_known(actual: Actual) -> None:
    """The firewall may be there without its address."""
    assert known(actual)(Late(FIREWALL, PATH)) is None


def test_body_is_filled_where_values_are_known() -> None:
    """What is not known stays as it is."""
    other = firewall_address("/x/g")

    assert fill({"a": [ADDRESS], "b": other}, _addresses(f="10.0.0.4")) == {
        "a": ["10.0.0.4"],
        "b": other,
    }


def test_filling_leaves_the_body_as_it_was() -> None:
    """It is filled again when more is known."""
    body = {"a": [ADDRESS]}

    fill(body, _addresses(f="10.0.0.4"))

    assert body == {"a": [ADDRESS]}


def test_item_whose_value_is_not_to_be_had_is_left_out_and_named() -> None:
    """A region that failed costs its route and not the table."""
    routes = [{"name": "to-eastus", "hop": ADDRESS}, {"name": "to-westus", "hop": "10.1.0.4"}]

    assert prune({"routes": routes}, _addresses()) == (
        {"routes": [{"name": "to-westus", "hop": "10.1.0.4"}]},
        ("to-eastus: f",),
    )


def test_item_without_a_name_is_left_out_too() -> None:
    """It is told by what it waits for."""
    assert prune({"servers": [ADDRESS]}, _addresses()) == ({"servers": []}, ("item: f",))


def test_late_value_in_no_list_stays() -> None:
    """A rule without its next hop cannot be written at all."""
    assert prune({"hop": ADDRESS}, _addresses()) == ({"hop": ADDRESS}, ())


def test_pruning_fills_what_is_known() -> None:
    """Nothing is left out then."""
    found, left_out = prune({"a": [{"hop": ADDRESS}], "b": ADDRESS}, _addresses(f="10.0.0.4"))

    assert (found, left_out) == ({"a": [{"hop": "10.0.0.4"}], "b": "10.0.0.4"}, ())
