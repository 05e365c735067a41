"""Recordings under the same judge: what Azure itself did, and what the simulator does instead."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from tests.contract.replay import recordings
from tests.contract.replay.recordings import Recording
from tests.contract.replay.replaying import answered
from tests.contract.replay.scope import is_in_scope
from tests.contract.swagger.exchange import Exchange


@cache
def of_azure() -> dict[str, tuple[Exchange, ...]]:
    """Return the recorded exchanges by the name of their scenario."""
    return {item.name: tuple(_recorded(item)) for item in _all()}


@cache
def of_simulator() -> tuple[Exchange, ...]:
    """Return the recorded requests in scope with the simulator's answers to them."""
    return tuple(found for item in _all() for found in _replayed(item))


def _all() -> list[Recording]:
    folder = recordings.folder()
    return recordings.read_all(folder) if folder else []


def _recorded(recording: Recording) -> Iterator[Exchange]:
    for item in recording.exchanges:
        query = dict(item.query)
        yield Exchange(item.method, item.path, query, item.body, item.status, item.reply_body)


def _replayed(recording: Recording) -> Iterator[Exchange]:
    for item, answer in answered(recording):
        if answer is not None and is_in_scope(item.path):
            query = dict(item.query)
            yield Exchange(item.method, item.path, query, item.body, answer.status, answer.body)
