"""What a seed draws: a small network that comes or changes, and the faults that it meets."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from simulator.fault import POLLS, Fault, Stage, Target
from simulator.faults import Faults
from tests.builders import a_network
from tests.written_errors import DRAWN, WrittenError, written_errors
from topology.addressing import allocate
from topology.network import Network
from topology.resources import KINDS

REGIONS = ("eastus", "westus")
HOME = REGIONS[0]
_TYPES = sorted({kind.arm_type for kind in KINDS})


@dataclass(frozen=True, eq=False)
class Move:
    """A rollout from one network to another; None is nothing at all."""

    name: str
    before: Network | None
    after: Network


@cache
def moves() -> tuple[Move, ...]:
    """Return the moves that seeds draw from, common ones more than once."""
    one, two, waved = _network(HOME), _network(*REGIONS), _in_waves()
    more = _network(*REGIONS, subnets=("workload", "more"), like=two)
    first = Move("one region", None, one), Move("two regions", None, two)
    return (
        *first,
        *first,
        Move("a subnet more", two, more),
        Move("a region and a subnet more", one, more),
        Move("a region and a subnet more", one, more),
        Move("a region after the other", None, waved),
        Move("a subnet more, in waves", waved, _in_waves("workload", "more")),
        Move("a region more, in waves", waved, _in_waves(also="northeurope", like=waved)),
        Move("other rules, in waves", waved, _in_waves(isolation="strict")),
        Move("a region goes", two, _network(HOME, like=two)),
        Move("other rules", _isolated("one-way"), _isolated("strict")),
    )


def _network(
    *regions: str, subnets: Iterable[str] = ("workload",), like: Network | None = None
) -> Network:
    spokes: dict[str, Any] = {"prod": {"subnets": {name: {} for name in subnets}}}
    lock = allocate(like.topology) if like else None
    return a_network(*regions, lock=lock, spokes=spokes)


def _in_waves(
    *subnets: str, isolation: str = "one-way", also: str = "", like: Network | None = None
) -> Network:
    """Return regions whose rollout goes on when one has failed, and their rules with them."""
    spokes: dict[str, Any] = {"prod": {"subnets": {name: {} for name in subnets or ["workload"]}}}
    waves = {"at_a_time": 1, "bake_minutes": 5, "failures_allowed": 1, "policy": "per-wave"}
    regions = [*REGIONS, also] if also else REGIONS
    lock = allocate(like.topology) if like else None
    return a_network(*regions, lock=lock, spokes=spokes, rollout=waves, isolation=isolation)


def _isolated(isolation: str) -> Network:
    return a_network(HOME, isolation=isolation)


@dataclass(frozen=True)
class Schedule:
    """What one seed draws."""

    seed: int
    move: Move
    faults: tuple[Fault, ...]

    @property
    def passes(self) -> bool:
        """Say whether a rollout that tries again gets through all of them."""
        few = sum(fault.times or 0 for fault in self.faults if _may_last(fault))
        return few <= _FEW and all(_passes(fault) for fault in self.faults)

    @classmethod
    def of(cls, seed: int) -> Schedule:
        """Draw a move and two to eight faults, of all sorts there are."""
        chance = random.Random(seed)  # noqa: S311  a schedule is no secret
        move = chance.choice(moves())
        faults = [_fault(chance) for _ in range(chance.randint(2, 8))]
        return cls(seed, move, tuple(_slow_once(faults)))


def _slow_once(faults: list[Fault]) -> Iterator[Fault]:
    """Yield faults, the first that makes Azure slower and no other.

    They multiply: nine times as slow is longer than anybody waits, and what is then given up
    is still in the way.
    """
    slow = False
    for fault in faults:
        if not (slow and fault.slower):
            yield fault
        slow = slow or bool(fault.slower)


def _fault(chance: random.Random) -> Fault:
    where: dict[str, Any] = {
        "type": chance.choice([*_TYPES, *_TYPES, *_TYPES, None]),
        "after": float(chance.choice([0, 0, 60, 300, 600, 1200, 2400])),
    }
    times = {"times": chance.choice([1, 1, 2, 5, 40])}
    region, method = chance.choice(REGIONS), chance.choice(["PUT", "PUT", "PUT", "DELETE"])
    answer = _answer(chance, method)
    read = {"status": chance.choice([429, 500, 503]), "message": DRAWN}
    sorts: list[dict[str, Any]] = [
        where | times | answer | {"method": method},
        where | times | answer | {"method": method, "region": region},
        where | times | answer | {"method": method, "region": region, "type": None},
        where | times | read | {"method": "GET"},
        where | times | read | {"type": "operations"},
        where | times | read | {"method": "POST", "type": f"{_MANAGER}/commit"},
        where | times | {"drop": chance.choice(["before", "after"])},
        where | times | _TIMED_OUT | {"method": method},
        where | {"hang": chance.choice(["before", "after"]), "method": method},
        where | times | {"method": "PUT", "when": "provisioning", "region": region},
        times | {"when": "deployment", "region": region},
        {"region": region, "outage": True, "after": where["after"], "until": where["after"] + 3000},
        {"throttle": chance.choice(["empty", 5.0, 20.0])},
        {"method": "PUT", "stale": float(chance.choice([2, 20, 60]))},
        {"token": "expired", "times": chance.choice([1, 2])},
        {"latency": 5.0, "slower": 3.0, "region": region},
    ]
    drawn = chance.choice(sorts)
    return Fault(**{name: value for name, value in drawn.items() if value is not None})


_MANAGER = "Microsoft.Network/networkManagers"
_TIMED_OUT = {"when": "answer", "status": 504, "code": "GatewayTimeout", "message": DRAWN}


def _answer(chance: random.Random, method: str) -> dict[str, Any]:
    """Draw what a write is answered.

    That something is absent Azure tells only of what is: said of anything else it is no
    fault but a lie.
    """
    can = [item for item in written_errors() if method in item.methods and item.we != "gone"]
    final = [item for item in can if item.is_final(method)]
    passing = [item for item in can if not item.is_final(method)]
    chosen: WrittenError = chance.choice(chance.choice([final, passing]))
    seconds = chance.choice([None, 11.0, 90.0])
    return {**chosen.answer, "retry_after": None if chosen in final else seconds}


# Of what may also last so many are tried again at least: of an operation that ends Failed.
_FEW = 2
_MANY = 5
_FINAL = {item.answer["code"] for item in written_errors() if item.is_final("PUT")}
_MAY_LAST = {item.code for item in written_errors() if item.we == "for a while"}


def _passes(fault: Fault) -> bool:
    if fault.outage or fault.when == "deployment" or fault.code in _FINAL:
        return False
    return fault.times is None or fault.times <= _MANY


def _may_last(fault: Fault) -> bool:
    """Say whether a write is tried again for a while only."""
    if fault.method == "GET" or fault.type == POLLS:
        return False
    return fault.token is not None or (fault.code in _MAY_LAST and _is_an_error(fault))


def _is_an_error(fault: Fault) -> bool:
    return _sort(fault) in {fault.code, f"failed {fault.when}"}


class Counted(Faults):
    """Faults that count how often each sort was met."""

    def __init__(self) -> None:
        super().__init__()
        self.met: Counter[str] = Counter()

    def first(self, stage: Stage, target: Target) -> Fault | None:
        """Return the first fault that strikes here."""
        fault = super().first(stage, target)
        if fault is not None:
            self.met[_sort(fault)] += 1
        return fault

    def all(self, stage: Stage, target: Target) -> list[Fault]:
        """Return every fault that strikes here."""
        faults = super().all(stage, target)
        self.met.update(_sort(fault) for fault in faults)
        return faults


def _sort(fault: Fault) -> str:
    """Return the word for what a fault does."""
    for name in ("drop", "hang", "throttle", "outage", "token", "stale"):
        if getattr(fault, name):
            return name
    if fault.latency or fault.slower:
        return "slow"
    return fault.code if fault.when == "request" else f"failed {fault.when}"
