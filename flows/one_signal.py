"""Work side by side, in flows that Prefect may end by a signal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from prefect.exceptions import TerminationSignal


@contextmanager
def one_signal() -> Iterator[None]:
    """Raise Prefect's signal as it was, if it has met one of several tasks that go side by side.

    A worker that cancels a run sends its process SIGTERM, and Prefect raises it wherever the
    process is. Wrapped into a task group's own error Prefect knows it no longer: the run reads
    Crashed while it is being cancelled (seen with 3.9).
    """
    try:
        yield
    except BaseExceptionGroup as errors:
        signals, _ = errors.split(TerminationSignal)
        if signals is None:
            raise
        raise _first(signals) from errors


def _first(group: BaseExceptionGroup[TerminationSignal]) -> TerminationSignal:
    error = group.exceptions[0]
    return _first(error) if isinstance(error, BaseExceptionGroup) else error
