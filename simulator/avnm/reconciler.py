"""What a deployed goal state keeps in being, and how it is repaired.

An effect writes resources that are not the manager's own: route tables, peerings. It is
written when a goal state takes effect, and again a while after something that it depends
on has changed ("eventual consistency", facts.md section 4).
"""

from collections.abc import Callable, Iterable
from typing import Protocol

from simulator.arm.store import Resource
from simulator.arm.world import World
from simulator.avnm.snapshots import Part
from simulator.hierarchy import PLACE

# A region and the configurations that are in effect there.
Goal = tuple[str, tuple[Part, ...]]


class Effect(Protocol):
    """Writes what one kind of goal state asks for."""

    # Lower-cased types; a change of one of these may ask for a repair.
    watched: frozenset[str]

    def write(self, goals: Iterable[Goal]) -> bool:
        """Make it so; False asks to be called again, since something was busy."""


class Reconciler:
    """Runs one effect of a manager, at once or a while after a change."""

    def __init__(self, effect: Effect, goals: Callable[[], list[Goal]], world: World) -> None:
        self._effect = effect
        self._goals = goals
        self._world = world
        self._planned = False
        self._writing = False
        self._closed = False
        world.store.watchers.append(self._changed)

    def run(self) -> None:
        """Make the effect what the goal states ask for."""
        self._planned = False
        self._writing = True
        try:
            finished = self._effect.write(self._goals())
        finally:
            self._writing = False
        if not finished and not self._planned:
            self._plan()
        elif self._closed and self._changed in self._world.store.watchers:
            self._world.store.watchers.remove(self._changed)

    def close(self) -> None:
        """Undo everything, now or as soon as what is busy lets go."""
        self._closed = True
        self.run()

    def _changed(self, resource: Resource) -> None:
        kind = resource.type.lower()
        # Which networks a manager may touch depends on where their subscriptions are.
        concerns = kind in self._effect.watched or kind == PLACE.lower()
        if self._planned or self._writing or not concerns:
            return
        if self._goals():
            self._plan()

    def _plan(self) -> None:
        self._planned = True
        lag = self._world.draw(self._world.settings.reconcile_lag)
        self._world.timeline.after(lag, self.run)
