"""Which rollout a flow or task belongs to, and the states that its steps have in Prefect.

It is not passed as a parameter: Prefect records parameters, and this holds clients.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import UUID
from weakref import WeakKeyDictionary

from prefect.client.schemas.objects import State

from rollout.rollout import Rollout
from topology.kind import same_id
from topology.planning.plan import Nothing, Step

_CURRENT: ContextVar[Rollout] = ContextVar("rollout")
_STATES: WeakKeyDictionary[Rollout, dict[tuple[UUID, str], State]] = WeakKeyDictionary()


@contextmanager
def active(rollout: Rollout) -> Iterator[None]:
    """Make this the rollout that `current_rollout` returns, here and in what is awaited."""
    token = _CURRENT.set(rollout)
    try:
        yield
    finally:
        _CURRENT.reset(token)


def current_rollout() -> Rollout:
    """Return the rollout that this flow or task belongs to."""
    return _CURRENT.get()


def has_ended(rollout: Rollout, step: Step, flow_run: UUID, state: State) -> None:
    """Record the state that a step's task ended well in, within a flow run."""
    _STATES.setdefault(rollout, {})[flow_run, same_id(step.resource.id)] = state


def states_of_needs(rollout: Rollout, step: Step, flow_run: UUID) -> list[State]:
    """Return the states of what a step needs and what ended well, within one flow run.

    Prefect draws edges inside a flow run only; through a step that does nothing the edge goes to
    what that one needed. A step that only comes after one that failed may go, which Prefect
    would not let it: states that are not good are no edges.
    """
    states = _STATES.get(rollout, {})
    found: dict[str, State] = {}
    waiting, seen = [same_id(step.resource.id)], set[str]()
    while waiting:
        for need in rollout.schedule.needs[waiting.pop()]:
            if need in seen:
                continue
            seen.add(need)
            if state := states.get((flow_run, need)):
                found[need] = state
            elif isinstance(rollout.schedule.steps[need], Nothing):
                waiting.append(need)
    return list(found.values())
