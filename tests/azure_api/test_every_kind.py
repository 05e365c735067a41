"""What a kind says of the SDK is true of the SDK; holds for new kinds unasked."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import pytest

from azure_api.calls import path_of
from azure_api.client import Azure
from azure_api.ids import parse
from tests.azure_api.in_process import SUBSCRIPTION
from topology.kind import Kind, Listing, Ownership
from topology.resources import KINDS

RESOURCES = [kind for kind in KINDS if kind.listing is not Listing.DEPLOYMENT_STATUS]
TAGGED = [kind for kind in RESOURCES if kind.owned_by is Ownership.TAG]
LISTED = [kind for kind in RESOURCES if kind.listing is not Listing.INLINE and not kind.part_of]


def _operations(azure: Azure, kind: Kind) -> Any:
    return getattr(azure.client(kind.client, SUBSCRIPTION), kind.operations)


def _path(kind: Kind) -> tuple[str, ...]:
    """Return the path arguments of a made-up id of the kind."""
    provider, *types = kind.arm_type.split("/")
    subscription = f"/subscriptions/{SUBSCRIPTION}"
    if provider == "Microsoft.Resources":
        return parse(f"{subscription}/resourceGroups/rg").path_arguments
    scope = subscription if kind.client == "policy" else f"{subscription}/resourceGroups/rg"
    tail = "/".join(f"{name}/{number}" for number, name in enumerate(types))
    return path_of(kind, f"{scope}/providers/{provider}/{tail}")


def _positional(method: Callable[..., Any]) -> int:
    parameters = inspect.signature(method).parameters.values()
    return sum(item.kind is item.POSITIONAL_OR_KEYWORD for item in parameters)


@pytest.mark.parametrize("kind", RESOURCES, ids=lambda kind: kind.name)
async def test_get_takes_the_names_of_the_path(azure: Azure, kind: Kind) -> None:
    """The names of an id, outermost first, are its arguments."""
    assert _positional(_operations(azure, kind).get) == len(_path(kind))


@pytest.mark.parametrize("kind", RESOURCES, ids=lambda kind: kind.name)
async def test_put_takes_the_path_and_a_body(azure: Azure, kind: Kind) -> None:
    """Whichever of the two methods the type has."""
    operations = _operations(azure, kind)
    names = ("begin_create_or_update", "create_or_update", "create")
    method = next(getattr(operations, name) for name in names if hasattr(operations, name))
    assert _positional(method) == len(_path(kind)) + 1


@pytest.mark.parametrize("kind", TAGGED, ids=lambda kind: kind.name)
async def test_change_of_tags_takes_the_path_and_a_body(azure: Azure, kind: Kind) -> None:
    """What is known as ours by its tags has a method that changes these alone."""
    assert kind.tags_method is not None
    method = getattr(_operations(azure, kind), kind.tags_method)
    assert _positional(method) == len(_path(kind)) + 1


@pytest.mark.parametrize("kind", RESOURCES, ids=lambda kind: kind.name)
async def test_delete_knows_the_arguments_that_the_kind_names(azure: Azure, kind: Kind) -> None:
    """`force` is unknown to some types: the SDK would send it nowhere."""
    operations = _operations(azure, kind)
    method = getattr(operations, "begin_delete", None) or operations.delete
    assert set(kind.delete_arguments) <= set(inspect.signature(method).parameters)


@pytest.mark.parametrize("kind", LISTED, ids=lambda kind: kind.name)
async def test_list_takes_the_names_of_the_parent(azure: Azure, kind: Kind) -> None:
    """None for the list of a subscription."""
    expected = 0 if kind.listing is Listing.SUBSCRIPTION else len(_path(kind)) - 1
    assert _positional(getattr(_operations(azure, kind), kind.list_method)) == expected
