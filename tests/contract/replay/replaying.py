"""Replays recordings and sums up how the answers compare."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from tests.contract.replay.compare import Comparison
from tests.contract.replay.paths import type_of
from tests.contract.replay.player import Answer, Player, Stage
from tests.contract.replay.prelude import Prelude
from tests.contract.replay.recordings import Exchange, Recording
from tests.contract.replay.scope import is_in_scope

_EARLIER = "polls of operations from before"


@dataclass(frozen=True, slots=True)
class Difference:
    """An exchange that the simulator answers otherwise than Azure did."""

    scenario: str
    exchange: Exchange
    what: tuple[str, ...]


@dataclass
class Figures:
    """How many exchanges there were and how they went."""

    replayed: int = 0
    polls: int = 0
    differences: list[Difference] = field(default_factory=list)
    # The types of what is out of scope; polls count to what they poll.
    out_of_scope: Counter[str] = field(default_factory=Counter)

    def add(self, other: "Figures") -> None:
        """Take in the figures of another replay."""
        self.replayed += other.replayed
        self.polls += other.polls
        self.differences += other.differences
        self.out_of_scope += other.out_of_scope

    @property
    def line(self) -> str:
        """Return the line that ends a run of all tests."""
        return (
            f"recordings: {self.replayed} replayed, {len(self.differences)} differ, "
            f"{self.out_of_scope.total()} out of scope"
        )


def replay_all(recordings: Iterable[Recording]) -> Figures:
    """Return the figures of all recordings together."""
    figures = Figures()
    for recording in recordings:
        figures.add(replay(recording))
    return figures


def answered(recording: Recording) -> Iterator[tuple[Exchange, Answer | None]]:
    """Yield the exchanges of a recording with the answers of a simulator of its own."""
    stage = Stage(recording)
    prelude, player = Prelude(stage), Player(stage)
    prelude.build()
    for position, exchange in enumerate(recording.exchanges):
        prelude.before(position)
        yield exchange, player.play(position)


def replay(recording: Recording) -> Figures:
    """Return the figures of one recording."""
    comparison = Comparison(recording.keeps_retry_after, recording.groups, recording.is_before_2022)
    figures, owners = Figures(), owners_of_polls(recording.exchanges)
    for position, (exchange, answer) in enumerate(answered(recording)):
        subject = owners.get(position) if exchange.is_poll else exchange.path
        if subject is None or not is_in_scope(subject):
            figures.out_of_scope[type_of(subject) if subject else _EARLIER] += 1
            continue
        figures.replayed += 1
        figures.polls += exchange.is_poll
        what = tuple(comparison.differences(exchange, answer))
        if what:
            figures.differences.append(Difference(recording.name, exchange, what))
    return figures


def owners_of_polls(exchanges: Iterable[Exchange]) -> dict[int, str]:
    """Return for each poll, by position, the path of the write whose operation it asks about."""
    owners: dict[str, str] = {}
    found: dict[int, str] = {}
    for position, item in enumerate(exchanges):
        owner = item.path
        if item.is_poll:
            if item.path.lower() not in owners:
                continue
            owner = found[position] = owners[item.path.lower()]
        owners |= dict.fromkeys(item.operation_paths, owner)
    return found
