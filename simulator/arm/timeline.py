"""What happens later: work that becomes true when simulated time has passed it."""

import heapq
from collections.abc import Callable

from simulator.clock import Present


class Timeline:
    """Due work, done in order of time and lazily: at the start of the next request.

    Nothing runs in the background. While a piece of work runs, `now` is the moment it
    was due, so that a chain of effects keeps its distances however late it is settled.
    """

    def __init__(self, clock: Present) -> None:
        self._clock = clock
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        # How much was ever planned.
        self.count = 0

    @property
    def now(self) -> float:
        """Return the seconds of simulated time, as the work at hand sees them."""
        return self._clock.now()

    def at(self, moment: float, work: Callable[[], None]) -> None:
        """Do this when simulated time reaches the moment."""
        self.count += 1
        heapq.heappush(self._due, (moment, self.count, work))

    def after(self, seconds: float, work: Callable[[], None]) -> None:
        """Do this after so many seconds."""
        self.at(self.now + seconds, work)

    def settle(self) -> None:
        """Do all work that is due."""
        present = self._clock.now()
        while self._due and self._due[0][0] <= present:
            moment, _, work = heapq.heappop(self._due)
            with self._clock.held(moment):
                work()
