"""A process that goes on in copies of itself (fork): what comes before them is lived once."""

from __future__ import annotations

import asyncio
import gc
import os
import pickle
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NoReturn


@dataclass
class Copies:
    """Copies, one at a time; what each has said is in `ends`, by its number."""

    ends: dict[int, object] = field(default_factory=dict)
    _told: int | None = None

    @property
    def is_one(self) -> bool:
        """Say whether this process is a copy."""
        return self._told is not None

    @contextmanager
    def told(self) -> Iterator[None]:
        """Let a copy that fails say how: what it raises does not reach the tests' own process."""
        try:
            yield
        except BaseException:
            if self.is_one:
                self.end(traceback.format_exc())
            raise

    def part(self, number: int) -> bool:
        """Make a copy: True in it; False in the first process, when the copy has ended."""
        assert not self.is_one, "a copy makes no copies"
        loop = asyncio.get_running_loop()
        read, write = os.pipe()
        if copy := os.fork():
            os.close(write)
            with os.fdopen(read, "rb") as told:
                said = told.read()
            os.waitpid(copy, 0)
            self.ends[number] = pickle.loads(said) if said else "it ended without a word"  # noqa: S301  our own
            return False
        os.close(read)
        self._told = write
        gc.disable()  # a copy lives for less than a second: looking at all it has would copy all
        # asyncio takes a loop to run in the process alone that has started it.
        asyncio._set_running_loop(loop)  # noqa: SLF001  documented for those who make loops
        return True

    def end(self, said: object) -> NoReturn:
        """End a copy with what it has to say: the first process goes on with the tests."""
        assert self._told is not None
        with os.fdopen(self._told, "wb") as told:
            told.write(pickle.dumps(said))
        os._exit(0)
