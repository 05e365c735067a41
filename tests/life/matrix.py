"""The whole matrix of steps that fail for good: `python -m tests.life.matrix`.

Cases are dealt out to processes in an order that is drawn, first one of each stage and error, so
that a matrix that is cut short is of everything; what came of them is printed, and kept in
docs/soak.md. Whatever goes wrong is told by the case's name, and makes the command end with 1.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from datetime import UTC, datetime
from multiprocessing import get_context

from tests.life.matrix_cases import Case, all_cases, moves, part_of
from tests.life.matrix_life import live
from tests.soak_page import commit, write_section
from tests.virtual_time import run
from topology.kind import Stage

_AT_ONCE = 5  # lives that a process lives before it tells
_MOST_TOLD = 20


@dataclass
class Lived:
    """What came of cases: how many of each rollout and stage, and what was wrong of which."""

    of_move: Counter[str] = field(default_factory=Counter)
    of_stage: Counter[Stage] = field(default_factory=Counter)
    pairs: set[tuple[Stage, str]] = field(default_factory=set)
    wrong: dict[str, list[str]] = field(default_factory=dict)
    seconds: float = 0.0
    commit: str = ""

    def add(self, other: Lived) -> None:
        """Take what came of others in."""
        self.of_move.update(other.of_move)
        self.of_stage.update(other.of_stage)
        self.pairs |= other.pairs
        self.wrong |= other.wrong


def lived(numbers: Sequence[int]) -> Lived:
    """Live the cases with these numbers; one that breaks off is wrong too."""
    together = Lived()
    for number in numbers:
        case = all_cases()[number]
        try:
            wrong = run(live(case))
        except Exception as error:  # noqa: BLE001  the other lives go on
            wrong = [f"broke off: {type(error).__name__}: {error}"]
        together.of_move[case.move.name] += 1
        together.of_stage[part_of(case.step)[0]] += 1
        together.pairs.add(_pair(case))
        if wrong:
            together.wrong[case.name] = wrong
    return together


def drawn(seed: int) -> list[int]:
    """Return the numbers of all cases as drawn, first one of each stage and error."""
    order = list(range(len(all_cases())))
    random.Random(seed).shuffle(order)  # noqa: S311  no secret
    first: dict[object, int] = {}
    for number in order:
        first.setdefault(_pair(all_cases()[number]), number)
    return list(dict.fromkeys([*first.values(), *order]))


def _pair(case: Case) -> tuple[Stage, str]:
    return part_of(case.step)[0], case.error.name if case.error else ""


def live_all(seed: int, workers: int, minutes: float | None) -> Lived:
    """Live all cases in so many processes, or as many as the minutes allow."""
    together, began, order = Lived(commit=commit()), time.monotonic(), drawn(seed)
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        parts = [
            pool.submit(lived, order[first : first + _AT_ONCE])
            for first in range(0, len(order), _AT_ONCE)
        ]
        for part in as_completed(parts):
            together.add(part.result())
            for name, wrong in part.result().wrong.items():
                _say(name, *(f"  {line}" for line in wrong))
            _say(f"{together.of_move.total()} of {len(order)}, {len(together.wrong)} wrong")
            together.seconds = time.monotonic() - began
            if minutes is not None and together.seconds > minutes * 60:
                pool.shutdown(cancel_futures=True)
                break
    return together


def _section(asked: argparse.Namespace, found: Lived) -> Iterator[str]:
    lives, all_of = found.of_move.total(), len(all_cases())
    pairs = {_pair(case) for case in all_cases()}
    met = "all" if found.pairs == pairs else len(found.pairs)
    whole = "" if lives == all_of else f" of {all_of:,}, drawn"
    minutes = "" if asked.minutes is None else f" --minutes {asked.minutes:g}"
    processes = f"{asked.workers} process{'es' if asked.workers > 1 else ''}"
    command = f"python -m tests.life.matrix --seed {asked.seed}{minutes}"
    yield f"`{command}`, {datetime.now(UTC):%Y-%m-%d},"
    yield f"commit {found.commit}, {processes}, {found.seconds:,.0f} s."
    yield ""
    yield f"**{lives:,} cases{whole}, {len(found.wrong)} wrong.** A case is a step of a kind at a"
    yield f"stage, and a final error of Azure's: of the {len(pairs)} pairs of a stage and an error"
    yield f"that a step can meet, {met} were lived."
    yield ""
    yield "| rollout | cases |"
    yield "|---|--:|"
    yield from (f"| {move.name} | {found.of_move[move.name]:,} |" for move in moves())
    yield ""
    yield "| stage | cases |"
    yield "|---|--:|"
    yield from (f"| {stage} | {found.of_stage[stage]:,} |" for stage in Stage)


def _say(*lines: str) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()


def main() -> int:
    """Read the command line, live, tell; return 1 where anything was wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.life.matrix", description=__doc__)
    parser.add_argument("--seed", type=int, default=0, help="of the order")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--minutes", type=float, help="begin no more cases after so many")
    asked = parser.parse_args()
    found = live_all(asked.seed, asked.workers, asked.minutes)
    lines = list(_section(asked, found))
    write_section("Steps that fail for good", lines)
    _say(*lines, "", *[*found.wrong][:_MOST_TOLD])
    return 1 if found.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
