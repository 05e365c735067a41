"""Chance: seeded, and counted, so that one can tell whether anything was drawn."""

import random


class Chance(random.Random):
    """Python's generator, which also knows how often it was asked."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.draws = 0

    def random(self) -> float:
        """Return the next number between 0 and 1."""
        self.draws += 1
        return super().random()

    def getrandbits(self, k: int, /) -> int:
        """Return the next `k` bits."""
        self.draws += 1
        return super().getrandbits(k)
