"""Writes, sent again when that helps: Prefect's own retries know no Retry-After.

Between two tries lie seconds or half an hour, and minutes until Azure takes a write at all; others
write meanwhile. So nobody gives the body that is sent: it is made before each try, from what
stands there when its turn has come.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from azure_api import calls
from azure_api.calls import Json
from azure_api.client import Azure
from azure_api.errors import Passing
from azure_api.ids import whole_id
from azure_api.in_flight import CHANGING
from azure_api.pacing import Turn
from azure_api.read import read_one
from azure_api.retrying import WRITING, RetryBudget, Tries
from topology.kind import Kind
from topology.planning.diff import differences

# Makes what is sent from what stands there now, None where nothing is to be sent. Raises Final for
# what must not be written over.
Making = Callable[[], Awaitable[Json | None]]

# Says why what stands there now has to stay, "" where it may go. Raises Final for what is not ours.
Looking = Callable[[], Awaitable[str]]

# Between two looks at a resource that is still changing, in Azure's seconds.
_LOOK_AGAIN = 10.0
# A reader may lag behind and not know yet what was just written: so many looks at most. How
# long it lags nobody measured: two minutes are an assumption.
_NOT_YET = 12


async def put(
    azure: Azure,
    kind: Kind,
    resource_id: str,
    making: Making,
    budget: RetryBudget = WRITING,
) -> Json | None:
    """Write a resource and return its body as Azure has it after, None if nothing was to be sent.

    What was made is sent once, unless Azure says that it was not taken: then it is made anew.
    After an answer that was lost the resource is read, for minutes if need be, and nothing is
    sent again if it then holds what was sent. Raises Final at once, Passing when the budget is
    used up.
    """
    return await _send(calls.send_put, "PUT", azure, kind, whole_id(resource_id), making, budget)


async def put_tags(
    azure: Azure,
    kind: Kind,
    resource_id: str,
    making: Making,
    budget: RetryBudget = WRITING,
) -> Json | None:
    """Give a resource the tags that are made, and no others, as `put` writes a body."""
    return await _send(calls.send_tags, "PATCH", azure, kind, resource_id, making, budget)


Sending = Callable[[Azure, Kind, str, Mapping[str, Any], Turn], Awaitable[Json]]


async def _send(  # noqa: PLR0913  a write has this many facts
    send: Sending,
    method: str,
    azure: Azure,
    kind: Kind,
    whole: str,
    making: Making,
    budget: RetryBudget,
) -> Json | None:
    async with azure.writing(whole):
        tries = Tries(budget, azure.settings)
        while True:
            async with azure.turn(method, whole) as turn:
                if (body := await making()) is None:
                    return None
                try:
                    return await send(azure, kind, whole, body, turn)
                except Passing as passing:
                    error = passing
            await tries.wait_after(error)
            done = partial(_is_done, sent=body, kind=kind)
            found = await _settled(azure, kind, whole, tries, error, done)
            if found and error.answer_was_lost and done(found):
                return found


async def delete(
    azure: Azure, kind: Kind, resource_id: str, looking: Looking, budget: RetryBudget = WRITING
) -> str:
    """Delete a resource; return why it stays, "" when it is gone. What is not there is deleted.

    It is looked at before each try, when its turn has come. What is in use is tried again until
    the budget is used up: its user may be on its way out. Where the answer was lost it is not sent
    again while it is under way. Raises Final at once, Passing when the budget is used up.
    """
    async with azure.writing(resource_id):
        tries = Tries(budget, azure.settings)
        while True:
            async with azure.turn("DELETE", resource_id) as turn:
                if stays := await looking():
                    return stays
                try:
                    await calls.send_delete(azure, kind, resource_id, turn)
                except Passing as passing:
                    error = passing
                else:
                    return ""
            await tries.wait_after(error)
            if not error.answer_was_lost:
                continue
            if await _settled(azure, kind, resource_id, tries, error, _is_gone) is None:
                return ""


async def _settled(  # noqa: PLR0913  one write and what came of it
    azure: Azure,
    kind: Kind,
    resource_id: str,
    tries: Tries,
    error: Passing,
    is_done: Callable[[Json | None], bool],
) -> Json | None:
    """Return the resource once it is not changing any more, None if it is not there.

    After an answer that was lost a reader that lags behind may still show what stood before,
    while the write is under way: until the resource has changed, or is as it was to be, that is
    believed only after so many looks. Raises the error given when the budget is used up.
    """
    looks, has_begun = _NOT_YET if error.answer_was_lost else 0, False
    while True:
        found = await read_one(azure, kind, resource_id)
        if found is not None and _state(found) in CHANGING:
            has_begun = True
        elif looks == 0 or is_done(found) or (has_begun and found is not None):
            return found
        else:
            looks -= 1
        if not await tries.wait(_LOOK_AGAIN):
            raise error


def _is_done(found: Json | None, sent: Mapping[str, Any], kind: Kind) -> bool:
    """Say whether all that was sent is there, children of others included."""
    as_one = replace(kind, child_lists=())
    return (
        found is not None
        and _state(found) == "Succeeded"
        and not differences(sent, found, as_one, "")
    )


def _is_gone(found: Json | None) -> bool:
    return found is None


def _state(body: Mapping[str, Any]) -> str:
    return str((body.get("properties") or {}).get("provisioningState") or "Succeeded")
