"""Reads off a recording how long each of its writes took."""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from tests.contract.replay.recordings import Exchange

_HALF_A_TICK = 0.0005
# Failures of the service itself, which no rule foretells; others follow from the request.
_OWN_FAILURE = re.compile(r"time-?d?-?out|internal", re.IGNORECASE)
_BUSY = ("AnotherOperationInProgress", "RetryableError", "ReferencedResourceNotProvisioned")


def seconds(exchanges: Sequence[Exchange]) -> dict[int, float]:
    """Return for every accepted write, by its position, the seconds until it was done.

    A write ends just after the last exchange that still found it running: a poll, a read
    of what it changes, a refusal because of it. One that nothing found running was done at
    once.
    """
    began = {n: item for n, item in enumerate(exchanges) if item.is_write and item.succeeded}
    last: dict[int, float] = {n: item.moment for n, item in began.items()}
    done: dict[int, int] = {}
    for position in began:
        for later, running in _evidence(exchanges, position):
            if not running:
                done[position] = later
                break
            last[position] = exchanges[later].moment
    for later, item in enumerate(exchanges):
        if _is_busy(item):
            blamed = _blamed(exchanges, later, began, done)
            if blamed is not None:
                last[blamed] = max(last[blamed], item.moment)
    return {n: max(0.0, last[n] - item.moment + _HALF_A_TICK) for n, item in began.items()}


def failures(exchanges: Sequence[Exchange]) -> dict[int, dict[str, Any]]:
    """Return for every write, by position, the error it ended in where Azure itself failed."""
    found: dict[int, dict[str, Any]] = {}
    for position, item in enumerate(exchanges):
        if not (item.is_write and item.succeeded):
            continue
        for later, running in _evidence(exchanges, position):
            if running:
                continue
            body = exchanges[later].reply_body
            error = body.get("error") if isinstance(body, dict) else None
            if error and _OWN_FAILURE.search(str(error.get("code"))):
                found[position] = error
            break
    return found


def _evidence(exchanges: Sequence[Exchange], position: int) -> Iterator[tuple[int, bool]]:
    """Yield what later exchanges tell of a write: where, and whether it still ran."""
    write = exchanges[position]
    paths = set(write.operation_paths)
    for later in range(position + 1, len(exchanges)):
        item = exchanges[later]
        if item.path.lower() in paths:
            yield later, _runs(item)
            paths |= item.operation_paths
        elif item.path.lower() == write.path.lower():
            if item.method == "GET":
                yield later, _shows_unfinished(item, write)
            elif item.is_write and item.succeeded:
                # Whoever asks again for what is under way hears of the same operation.
                again = item.method == write.method == "DELETE"
                yield later, again and bool(paths & item.operation_paths)
        elif item.is_write and paths & item.operation_paths:
            # Sources that replace GUIDs give all operations one URL: the next one began.
            return


def _runs(poll: Exchange) -> bool:
    state = poll.reply_body.get("status") if isinstance(poll.reply_body, dict) else None
    return poll.status == 202 or state in ("InProgress", "Running", "Updating")


def _shows_unfinished(read: Exchange, write: Exchange) -> bool:
    if write.method == "DELETE":
        return read.status == 200
    body = read.reply_body if isinstance(read.reply_body, dict) else {}
    return (body.get("properties") or {}).get("provisioningState") in ("Updating", "Deleting")


def _is_busy(item: Exchange) -> bool:
    if item.status not in (400, 409, 429) or not isinstance(item.reply_body, dict):
        return False
    error = item.reply_body.get("error")
    return isinstance(error, dict) and error.get("code") in _BUSY


def _blamed(
    exchanges: Sequence[Exchange], later: int, began: dict[int, Exchange], done: dict[int, int]
) -> int | None:
    """Return the write that a refusal speaks of: by its operation, else the newest running."""
    text = json.dumps(exchanges[later].reply_body).lower()
    running = [n for n in began if n < later and done.get(n, later) >= later]
    for position in reversed(running):
        tokens = [path.rsplit("/", 1)[-1] for path in began[position].operation_paths]
        if any(token in text for token in tokens):
            return position
    slow = [n for n in running if began[n].operation_paths]
    return slow[-1] if slow else None
