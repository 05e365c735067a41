"""Thousands of lives with faults: `python -m tests.life.soak --lives 10000 --seed 1`.

Lives are dealt out to processes; what came of them is printed, and kept in docs/soak.md.
Whatever goes wrong is told with its seed, and makes the command end with 1.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from datetime import UTC, datetime
from multiprocessing import get_context

from tests.life.fault_life import live
from tests.life.schedules import Schedule
from tests.soak_page import commit, write_section
from tests.virtual_time import run

_AT_ONCE = 5  # lives that a process lives before it tells
_MOST_TOLD = 20


@dataclass
class Lived:
    """What came of many lives."""

    lives: int = 0
    seconds: float = 0.0
    counts: Counter[str] = field(default_factory=Counter)
    met: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def add(self, other: Lived) -> None:
        """Take what came of others in."""
        self.lives += other.lives
        self.counts.update(other.counts)
        self.met.update(other.met)
        self.wrong += other.wrong


def lived(first: int, number: int) -> Lived:
    """Live so many lives, from a seed on; one that breaks off is wrong too."""
    together = Lived()
    for seed in range(first, first + number):
        together.lives += 1
        try:
            life = run(live(Schedule.of(seed)))
        except Exception as error:  # noqa: BLE001  the other lives go on
            together.wrong.append(f"seed {seed} broke off: {type(error).__name__}: {error}")
        else:
            together.counts.update(life.counts)
            together.met.update(life.met)
            together.wrong += [life.told] if life.wrong else []
    return together


def soak(lives: int, seed: int, workers: int, minutes: float | None) -> Lived:
    """Live so many lives in so many processes, or as many as the minutes allow."""
    together, began = Lived(), time.monotonic()
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        parts = [
            pool.submit(lived, first, min(_AT_ONCE, seed + lives - first))
            for first in range(seed, seed + lives, _AT_ONCE)
        ]
        for part in as_completed(parts):
            together.add(part.result())
            _say(*part.result().wrong)
            together.seconds = time.monotonic() - began
            _say(f"{together.lives} of {lives} lives, {len(together.wrong)} wrong")
            if minutes is not None and together.seconds > minutes * 60:
                pool.shutdown(cancel_futures=True)
                break
    return together


def _section(asked: int, seed: int, workers: int, found: Lived) -> Iterator[str]:
    now = datetime.now(UTC)
    whole = "" if found.lives == asked else f" of the {asked:,} asked for"
    yield f"`python -m tests.life.soak --lives {asked} --seed {seed}`, {now:%Y-%m-%d}, commit"
    yield f"{commit()}, {workers} process{'es' if workers > 1 else ''}, {found.seconds:,.0f} s."
    yield ""
    yield f"**{found.lives:,} lives{whole}, {len(found.wrong)} wrong.**"
    yield ""
    yield "| what came of them | |"
    yield "|---|--:|"
    for name, number in sorted(found.counts.items()):
        yield f"| {name} | {number:,} |"
    yield ""
    yield "| faults met | |"
    yield "|---|--:|"
    for name, number in found.met.most_common():
        yield f"| {name} | {number:,} |"


def _say(*lines: str) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()


def main() -> int:
    """Read the command line, live, tell; return 1 where anything was wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.life.soak", description=__doc__)
    parser.add_argument("--lives", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0, help="the first seed")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--minutes", type=float, help="begin no more lives after so many")
    asked = parser.parse_args()
    found = soak(asked.lives, asked.seed, asked.workers, asked.minutes)
    lines = list(_section(asked.lives, asked.seed, asked.workers, found))
    write_section("Faults", lines)
    _say("\n".join([*lines, "", *found.wrong[:_MOST_TOLD]]))
    return 1 if found.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
