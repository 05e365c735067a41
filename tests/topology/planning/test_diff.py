"""What is a difference and what is not, and a body laid over another."""

from __future__ import annotations

from typing import Any

import pytest

from topology.kind import Kind
from topology.planning.diff import differences, foreign_children, is_taken_away, lay_over
from topology.planning.plan import FieldChange
from topology.resources import KIND_BY_NAME

VNET = KIND_BY_NAME["virtual-network"]
TABLE = KIND_BY_NAME["route-table"]
GROUP = KIND_BY_NAME["resource-group"]
MESH = KIND_BY_NAME["connectivity-configuration"]


def _changes(wanted: Any, found: Any, kind: Kind = VNET) -> list[tuple[str, Any, Any]]:
    return [(c.path, c.old, c.new) for c in differences(wanted, found, kind, "sample")]


def _subnets(*names: str, **properties: Any) -> dict[str, Any]:
    return {"properties": {"subnets": [{"name": n, "properties": properties} for n in names]}}


# -- what is no difference ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"a": 1}, {"a": 1, "b": 2}),
        ({"a": True}, {"a": "True"}),
        ({"a": "False"}, {"a": False}),
        ({"a": "Deny"}, {"a": "deny"}),
        ({"a": "/subscriptions/s/x"}, {"a": "/subscriptions/S/X"}),
        ({"a": ["1", "2"]}, {"a": ["2", "1"]}),
        ({"a": [{"x": 1}, {"x": 2}]}, {"a": [{"x": 2, "etag": "e"}, {"x": 1}]}),
        ({"a": []}, {}),
        ({"a": None}, {}),
        ({"location": "westeurope"}, {"location": "West Europe"}),
        (_subnets("snet-sample-a"), _subnets("SNET-SAMPLE-A")),
    ],
)
def test_azures_own_way_to_say_it_is_no_difference(wanted: Any, found: Any) -> None:
    """Defaults, case, order and booleans as words mean the same."""
    assert _changes(wanted, found) == []


# -- what is -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wanted", "found", "change"),
    [
        ({"a": {"b": 1}}, {"a": {"b": 2}}, ("a.b", 2, 1)),
        ({"a": {"b": 1}}, {}, ("a", None, {"b": 1})),
        ({"a": ["1"]}, {"a": ["1", "2"]}, ("a", ["1", "2"], ["1"])),
        ({"a": ["1", "1"]}, {"a": ["1", "2"]}, ("a", ["1", "2"], ["1", "1"])),
        ({"a": True}, {"a": "false"}, ("a", "false", True)),
        ({"a": None}, {"a": 1}, ("a", 1, None)),
        ({"name": "West Europe"}, {"name": "westeurope"}, ("name", "westeurope", "West Europe")),
    ],
)
def test_field_that_has_another_value_is_a_difference(
    wanted: Any, found: Any, change: tuple[str, Any, Any]
) -> None:
    """Told with its path, what is there and what is wanted."""
    assert _changes(wanted, found) == [change]


def test_child_that_is_missing_is_a_difference_by_its_name() -> None:
    """Children are told apart by name and not by place."""
    wanted, found = _subnets("snet-sample-a", "snet-sample-b"), _subnets("snet-sample-b")

    [(path, old, new)] = _changes(wanted, found)

    assert (path, old, new["name"]) == ("properties.subnets.snet-sample-a", None, "snet-sample-a")


def test_child_of_ours_that_is_not_wanted_is_a_difference() -> None:
    """It is to go."""
    [(path, _, new)] = _changes(
        _subnets("snet-sample-a"), _subnets("snet-sample-a", "snet-sample-b")
    )

    assert (path, new) == ("properties.subnets.snet-sample-b", None)


def test_foreign_child_is_no_difference() -> None:
    """It is somebody else's."""
    assert _changes(_subnets("snet-sample-a"), _subnets("snet-sample-a", "theirs")) == []


def test_list_of_children_that_is_missing_is_as_an_empty_one() -> None:
    """Azure leaves empty lists out."""
    assert [path for path, _, _ in _changes(_subnets("snet-sample-a"), {"properties": {}})] == [
        "properties.subnets.snet-sample-a"
    ]


# -- laying over -------------------------------------------------------------------------


def _laid(found: Any, wanted: Any, kind: Kind = VNET) -> Any:
    return lay_over(found, wanted, kind, "sample")


def test_body_over_nothing_is_itself() -> None:
    """A resource that is new is put as it is wanted."""
    wanted = {"location": "eastus", **_subnets("snet-sample-a", addressPrefix="10.0.0.0/24")}

    assert wanted == _laid(None, wanted)


def test_what_others_set_stays() -> None:
    """Tags, fields and children that are not ours."""
    found = {"tags": {"owner": "alice"}, "properties": {"flowTimeoutInMinutes": 4}}

    assert _laid(found, {"tags": {"region": "eastus"}}) == {
        "tags": {"owner": "alice", "region": "eastus"},
        "properties": {"flowTimeoutInMinutes": 4},
    }


def test_foreign_child_stays_whole() -> None:
    """A PUT drops the children that it leaves out."""
    found = _subnets("theirs", addressPrefix="10.0.9.0/24")

    laid = _laid(found, _subnets("snet-sample-a"))

    assert laid["properties"]["subnets"][0] == found["properties"]["subnets"][0]


def test_child_of_ours_that_is_not_wanted_goes() -> None:
    """All others keep their place."""
    laid = _laid(_subnets("snet-sample-a", "theirs", "snet-sample-b"), _subnets("snet-sample-b"))

    assert [item["name"] for item in laid["properties"]["subnets"]] == ["theirs", "snet-sample-b"]


def test_child_keeps_what_others_set_in_it() -> None:
    """AVNM's route table stays at the subnet."""
    found = _subnets("snet-sample-a", routeTable={"id": "managed"}, addressPrefix="10.0.0.0/24")

    laid = _laid(found, _subnets("snet-sample-a", addressPrefix="10.0.0.0/24"))

    assert laid["properties"]["subnets"][0]["properties"]["routeTable"] == {"id": "managed"}


def test_peerings_that_are_there_are_sent() -> None:
    """They are written by PUTs of their own, and stay."""
    peerings = [{"name": "peer-sample-hub-to-prod"}, {"name": "theirs"}]

    laid = _laid({"properties": {"virtualNetworkPeerings": peerings}}, _subnets("snet-sample-a"))

    assert peerings == laid["properties"]["virtualNetworkPeerings"]


def test_field_that_is_wanted_as_none_is_taken_out() -> None:
    """A roll-back takes out what an apply put in."""
    assert _laid({"tags": {"a": "1", "b": "2"}}, {"tags": {"a": None}}) == {"tags": {"b": "2"}}


def test_field_that_is_wanted_as_none_is_not_sent_to_what_lacks_it() -> None:
    """Azure refuses a null where it knows none."""
    assert _laid({}, {"tags": {"a": None, "b": "2"}}) == {"tags": {"b": "2"}}


@pytest.mark.parametrize(
    "key", ["etag", "provisioningState", "resourceGuid", "peeringState", "ipConfigurations"]
)
def test_what_azure_fills_in_is_not_sent(key: str) -> None:
    """At any depth: states, versions, and who refers back."""
    found = {key: "x", "properties": {key: "x", "list": [{key: "x", "kept": 1}]}}

    assert _laid(found, {}) == {"properties": {"list": [{"kept": 1}]}}


@pytest.mark.parametrize("key", ["id", "name", "type", "systemData"])
def test_what_the_url_says_is_not_sent(key: str) -> None:
    """Only the top of a body repeats it: children are told apart by name."""
    found = {key: "x", "properties": {"list": [{key: "x"}]}}

    assert _laid(found, {}, GROUP) == {"properties": {"list": [{key: "x"}]}}


def test_laying_over_changes_neither_body() -> None:
    """Both are read again."""
    found, wanted = _subnets("theirs"), _subnets("snet-sample-a")

    _laid(found, wanted)

    assert (found, wanted) == (_subnets("theirs"), _subnets("snet-sample-a"))


def test_what_was_laid_over_has_no_differences() -> None:
    """One write is enough."""
    found = {"tags": {"owner": "alice"}, **_subnets("snet-sample-old", "theirs")}
    wanted = {"tags": {"region": "eastus"}, **_subnets("snet-sample-a", addressPrefix="p")}

    assert _changes(wanted, _laid(found, wanted)) == []


# -- foreign children --------------------------------------------------------------------


def test_foreign_children_are_those_that_no_writer_knows() -> None:
    """A route table and its remote routes write one list."""
    names = ("default-to-internet", "to-westus", "to-datacenter")
    found = {"properties": {"routes": [{"name": name} for name in names]}}

    foreign = foreign_children(found, [TABLE, KIND_BY_NAME["remote-routes"]], "sample")

    assert foreign == ("to-datacenter",)


def test_subnet_of_another_topology_is_foreign() -> None:
    """Its name begins with another network's."""
    assert foreign_children(_subnets("snet-other-a"), [VNET], "sample") == ("snet-other-a",)


def test_peerings_are_no_foreign_children() -> None:
    """They are resources, and known as such."""
    found = {"properties": {"virtualNetworkPeerings": [{"name": "theirs"}]}}

    assert foreign_children(found, [VNET], "sample") == ()


def test_change_is_a_value() -> None:
    """It is saved in the plan."""
    assert differences({"a": 1}, {"a": 2}, MESH, "sample") == (FieldChange("a", 2, 1),)


@pytest.mark.parametrize(
    ("old", "new", "taken"),
    [
        (1, None, True),
        (["10.0.0.0/16", "10.1.0.0/16"], ["10.0.0.0/16"], True),
        (["10.0.0.0/16"], ["10.1.0.0/16"], True),
        (["A"], ["a", "b"], False),
        ([{"name": "a", "etag": "e"}], [{"name": "a"}, {"name": "b"}], False),
        (None, ["a"], False),
        ("Alert", "Deny", False),
    ],
)
def test_what_takes_a_value_away_is_told_from_what_sets_one(
    old: Any,
    new: Any,
    taken: bool,  # noqa: FBT001  a row of the table
) -> None:
    """An item that the wanted list has in other words stays."""
    assert is_taken_away(FieldChange("properties.x", old, new)) is taken
