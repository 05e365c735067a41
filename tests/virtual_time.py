"""An event loop on which time is virtual: waiting costs nothing and happens in order.

A directory of tests opts in with a hook in its conftest.py:

    def pytest_asyncio_loop_factories() -> dict[str, Callable[[], AbstractEventLoop]]:
        return {"virtual-time": VirtualTimeLoop}

`run(coroutine)` does the same for plain code.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from typing import Any, TypeVar, TypeVarTuple

T = TypeVar("T")
Args = TypeVarTuple("Args")


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """A loop whose clock jumps to the next timer when there is nothing else to do.

    While work runs in threads (`run_in_executor`, `asyncio.to_thread`) the loop waits
    for it in real time, as any loop does, and no time passes: a jump then would let
    timeouts expire before work that takes a millisecond. Sockets that are registered
    are served as they become ready, but time does not wait for them.
    """

    def __init__(self) -> None:
        self._virtual_now = 0.0
        self._in_threads = 0
        super().__init__(_JumpingSelector(self))

    def time(self) -> float:
        """Return the virtual seconds since the loop was made."""
        return self._virtual_now

    def jump(self, seconds: float) -> None:
        """Let virtual time pass."""
        self._virtual_now += seconds

    @property
    def works_in_threads(self) -> bool:
        """Say whether some thread still works for this loop."""
        return self._in_threads > 0

    def run_in_executor(
        self, executor: Executor | None, func: Callable[[*Args], T], *args: *Args
    ) -> asyncio.Future[T]:
        """Run in a thread; time stands still until it has ended."""
        self._in_threads += 1
        future = super().run_in_executor(executor, func, *args)
        future.add_done_callback(self._thread_ended)
        return future

    def _thread_ended(self, _future: asyncio.Future[Any]) -> None:
        self._in_threads -= 1


class _JumpingSelector(selectors.DefaultSelector):
    """A selector that does not wait for timers but lets their time come."""

    def __init__(self, loop: VirtualTimeLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> Any:
        """Return what is ready; when nothing is, jump instead of waiting."""
        ready = super().select(0)
        if ready or timeout == 0:
            return ready
        if timeout is None or self._loop.works_in_threads:
            return super().select(timeout)  # only a thread or a signal can wake it
        self._loop.jump(timeout)
        return ready


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end in virtual time and close the loop, as asyncio.run does."""
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(main)
