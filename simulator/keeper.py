"""What stands between a world and its journal: writing down what moved it, and repeating it."""

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict

from simulator.arm.call import Reply
from simulator.arm.world import World
from simulator.fault import Fault, Target
from simulator.incoming import Request
from simulator.journal import Entry, Journal

Answer = Callable[[Request], Reply]

_FAULTS = "/_simulator/faults"
_MET = f"{_FAULTS}/met"
_OK = 200


class Keeper:
    """Keeps a world in its journal; one that has none is gone with its process."""

    def __init__(self, world: World, journal: Journal | None) -> None:
        self._world = world
        self._journal = journal

    async def kept(self) -> None:
        """Return when all that an answer may tell is on the disk."""
        if self._journal is not None:
            await self._journal.kept()

    # --- writing ----------------------------------------------------------------------

    def answered(self, request: Request, answer: Answer) -> Reply:
        """Return the answer to a request; what moved the world is written, answered or not."""
        before, status = self._world.revision, None
        try:
            reply = answer(request)
            status = reply.status
        finally:
            if self._world.revision != before:
                self._write(request, status)
        return reply

    @contextmanager
    def door(self) -> Iterator[None]:
        """Write down the faults that are met within the block, and nothing of the request.

        Who comes to the door brings secrets, and is turned away for reasons that are
        not written (tokens that expire, limits that reads count against): what happens
        there changes nothing in the world but the faults in force.
        """
        faults = self._world.faults
        before = faults.changes
        try:
            yield
        finally:
            if faults.changes != before and faults.asked is not None:
                stage, target = faults.asked
                told = {"stage": stage, **asdict(target)}
                self._write(_control("POST", _MET, told), _OK)

    def _write(self, request: Request, status: int | None) -> None:
        if self._journal is not None:
            self._journal.append(Entry(self._world.now, request, status))

    # --- repeating --------------------------------------------------------------------

    def go_on(self, answer: Answer) -> None:
        """Bring the world to where its journal ends.

        Nobody is throttled for what is repeated. The faults that this run was given
        replace those that were in force.
        """
        if self._journal is None:
            return
        given = self._world.faults.active
        self._world.faults.clear()
        with self._world.throttling.lifted():
            self._repeat(self._journal, answer)
        if given:
            self._put_in_force(given, answer)

    def _repeat(self, journal: Journal, answer: Answer) -> None:
        for number, entry in enumerate(journal.entries(), 1):
            with self._world.moment(entry.at):
                try:
                    status: int | None = self._again(entry.request, answer)
                except Exception:  # noqa: BLE001 - what failed then must fail now
                    status = None
            journal.refuse_difference(number, entry, status)

    def _again(self, request: Request, answer: Answer) -> int:
        """Repeat a request, or a fault that struck before one was let in: nobody can send that."""
        if request.path != _MET:
            return answer(request).status
        told = json.loads(request.raw)
        self._world.faults.first(told.pop("stage"), Target(**told))
        return _OK

    def _put_in_force(self, faults: Iterable[Fault], answer: Answer) -> None:
        told = [fault.model_dump(exclude_unset=True) for fault in faults]
        with self._world.moment(self._world.now):
            self.answered(_control("DELETE", _FAULTS), answer)
            self.answered(_control("POST", _FAULTS, told), answer)


def _control(method: str, path: str, body: object = None) -> Request:
    raw = b"" if body is None else json.dumps(body).encode()
    return Request(method, path, {}, {}, raw, "")
