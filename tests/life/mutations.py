"""Mistakes that the product could make, each put in by hand: lives with faults must find them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from azure_api.errors import AzureError, from_sdk


@dataclass(frozen=True)
class Mutation:
    """One mistake: what it is, where, and what stands there in place of the original.

    `seed` is that of a life that has found it.
    """

    name: str
    target: str
    mistaken: Callable[[Any], Any]
    seed: int


def _always(value: Any) -> Callable[[Any], Any]:
    return lambda _original: lambda *_arguments, **_options: value


def _at_once(_original: Any) -> Any:
    async def nothing(*_arguments: Any, **_options: Any) -> None:
        return None

    return nothing


def _drops_theirs(original: Any) -> Any:
    return lambda wanted, steps, actual, _own: original(wanted, steps, actual, actual)


def _forgets_found(original: Any) -> Any:
    return lambda _found, *rest: original(None, *rest)


def _says_done(original: Any) -> Any:
    async def put(azure: Any, kind: Any, resource_id: str, making: Any) -> Any:
        try:
            return await original(azure, kind, resource_id, making)
        except AzureError:
            return await making()

    return put


def _gives_up(_original: Any) -> Any:
    async def wait_after(_tries: Any, error: Exception) -> None:
        raise error

    return wait_after


def _as_refused(_original: Any) -> Any:
    return from_sdk


_ROLL_BACK = "topology.planning.roll_back.planner"
_WANTED = "topology.planning.roll_back.wanted"
_SCHEDULE = "topology.planning.schedule.Schedule"

MUTATIONS = (
    Mutation("a roll-back forgets goal states", f"{_ROLL_BACK}._commits", _always(value=False), 9),
    Mutation("a roll-back restores no field", f"{_WANTED}.restored", _always({}), 5),
    Mutation("a roll-back deletes what stood", f"{_ROLL_BACK}.as_it_is", _always(()), 5),
    Mutation("a roll-back leaves routes to it", f"{_ROLL_BACK}.routes_elsewhere", _always(()), 46),
    Mutation("a commit drops theirs", "topology.planning.commits._commit", _drops_theirs, 0),
    Mutation("a write drops their children", "azure_api.draft.lay_over", _forgets_found, 0),
    Mutation("a lost write is sent again unseen", "azure_api.write._settled", _at_once, 83),
    Mutation("a refused poll sends it again", "azure_api.calls.out_of_sight", _as_refused, 132),
    Mutation("Retry-After is not waited for", "azure_api.retrying.pause_as_told", _at_once, 10),
    Mutation("nothing is tried again", "azure_api.retrying.Tries.wait_after", _gives_up, 17),
    Mutation("what failed is said to be done", "azure_api.apply.put", _says_done, 5),
    Mutation(
        "a failed deployment is done", "azure_api.goal_state._has_ended", _always(value=True), 9
    ),
    Mutation("needs are ignored", f"{_SCHEDULE}._add", _always(None), 8),
    Mutation("locks are ignored", f"{_SCHEDULE}._waits_for", _always(None), 1),
)
