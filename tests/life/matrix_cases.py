"""The matrix of steps that fail for good: rollouts x stages x final errors.

Rollouts and their stages stand in tests/cases/roll_back, errors in tests/cases/errors.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from tests.builders import a_network, as_deployed
from tests.written_errors import WrittenError, written_errors
from topology.addressing import allocate
from topology.kind import Stage
from topology.network import Network
from topology.planning.actual import Actual
from topology.planning.plan import Commit, Delete, Plan, Step
from topology.planning.planner import make_plan

REGIONS = ("eastus", "westus", "northeurope")
HOME, FAILS = REGIONS[0], REGIONS[1]
_TABLE = Path(__file__).parent.parent / "cases" / "roll_back" / "moves.yaml"

# Whose PUT begins an operation (facts.md section 7).
_WITH_OPERATIONS = {"public-ip", "virtual-network", "firewall", "peering", "route-table"}

Part = tuple[Stage, bool]  # a stage, and whether what it has of the region or of none


@dataclass(frozen=True, eq=False)
class Move:
    """A rollout of the table, and the parts of it in which steps fail."""

    name: str
    before: Network | None
    after: Network
    parts: tuple[Part, ...]

    @property
    def plan(self) -> Plan:
        """Return what is planned where nothing else stands."""
        return make_plan(self.after, as_deployed(self.before) if self.before else Actual())

    def steps(self) -> list[Step]:
        """Return a step for each kind and part, of a region the one that fails."""
        found: dict[tuple[object, ...], Step] = {}
        for step in self.plan.work:
            if step.resource.region in {None, FAILS}:
                found.setdefault((part_of(step), _kind(step), type(step)), step)
        return list(found.values())


@dataclass(frozen=True)
class Case:
    """A step of a move that fails, and how: without an error it is accepted and fails."""

    move: Move
    step: Step
    error: WrittenError | None

    @property
    def name(self) -> str:
        """Return what the test is called by."""
        how = self.error.name if self.error else "accepted-and-failed"
        whose = "" if self.step.resource.region else " of all"
        what = f"{self.step.does} {_kind(self.step)}{whose}"
        return f"{self.move.name}: {self.step.resource.stage}: {what}: {how}"


def part_of(step: Step) -> Part:
    """Return the part of a rollout that a step is in."""
    return step.resource.stage, step.resource.region is not None


@cache
def moves() -> tuple[Move, ...]:
    """Return the rollouts of the table, in its order."""
    rows = YAML(typ="safe").load(_TABLE.read_text(encoding="utf-8"))
    return tuple(_move(**row) for row in rows)


@cache
def all_cases() -> tuple[Case, ...]:
    """Return the whole matrix."""
    return tuple(Case(move, step, error) for move, step in _failing() for error in _ways(step))


@cache
def one_of_each() -> tuple[Case, ...]:
    """Return a case for each step of the matrix, with an error that is drawn."""
    return tuple(Case(move, step, _drawn(move, step)) for move, step in _failing())


def _failing() -> Iterator[tuple[Move, Step]]:
    for move in moves():
        yield from ((move, step) for step in move.steps() if part_of(step) in move.parts)


def _drawn(move: Move, step: Step) -> WrittenError | None:
    chance = random.Random(f"{move.name} {step.resource.id}")  # noqa: S311  no secret
    return chance.choice([*_ways(step)])


def _move(
    name: str,
    wanted: dict[str, Any],
    stands: dict[str, Any] | None = None,
    of_region: tuple[str, ...] = (),
    of_none: tuple[str, ...] = (),
) -> Move:
    before = a_network(**stands) if stands else None
    lock = allocate(before.topology) if before else None
    parts = [(Stage(item), True) for item in of_region] + [(Stage(item), False) for item in of_none]
    return Move(name, before, a_network(lock=lock, **wanted), tuple(parts))


def _kind(step: Step) -> str:
    resource = step.resource
    return str(resource.body["commitType"]) if isinstance(step, Commit) else resource.kind


def _ways(step: Step) -> Iterator[WrittenError | None]:
    """Yield the final errors that a step can meet; None where it can be accepted and fail."""
    method = "DELETE" if isinstance(step, Delete) else "PUT"
    yield from (e for e in written_errors() if method in e.methods and e.is_final(method))
    if isinstance(step, Commit) or (step.resource.kind in _WITH_OPERATIONS and method == "PUT"):
        yield None
