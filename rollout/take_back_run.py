"""A run taken back later, from the plans that it saved."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from topology.network import Network
from topology.planning.actual import Actual
from topology.planning.plan import Plan
from topology.planning.roll_back.later_parts import knowing_of
from topology.planning.roll_back.outcome import TakenBack, not_tried
from topology.planning.roll_back.planner import plan_roll_back


class TakesBack(Protocol):
    """What does the work of it; any of it may raise."""

    async def read(self, network: Network) -> Actual:
        """Return what Azure holds, when nothing is changing."""

    async def keep(self, network: Network, back: Plan, found: Actual, number: int) -> None:
        """Keep the plan that takes a part back, before its first write, and show it."""

    def keep_names(self, network: Network, back: Plan) -> Network:
        """Keep the names that a plan uses up; return the network after them."""

    async def carry_out(self, network: Network, part: Plan, back: Plan) -> TakenBack:
        """Carry out the plan that takes a part back, and say what came of it."""

    def told(self, error: Exception) -> str | None:
        """Return the words of an error that a person can act on; None for a defect of ours."""


async def take_back_run(
    work: TakesBack, network: Network, parts: Sequence[Plan], region: str | None
) -> tuple[TakenBack, Network]:
    """Take back the parts of a run, each planned from what Azure then holds.

    `parts` are its plans in the order in which they were carried out. What a person can act on
    is told of the part that met it, and keeps no other from being taken back. Returns what came
    of it, and the network with the names that were used up.
    """
    report = TakenBack()
    for number, part in newest_first(parts):
        try:
            found = await work.read(network)
            whole = knowing_of(parts[len(parts) - number + 1 :], part, region)
            back = plan_roll_back(whole, region, found, network.policies)
            await work.keep(network, back, found, number)
            if back.is_empty:
                came = TakenBack(left=not_tried(back))
            else:
                network = work.keep_names(network, back)
                came = await work.carry_out(network, part, back)
        except Exception as error:
            if (words := work.told(error)) is None:
                raise
            name = f"part {len(parts) - number + 1} of the run's {len(parts)}"
            came = TakenBack(left=((name, words),))
        report = report.and_then(came)
    return report, network


def newest_first(parts: Sequence[Plan]) -> Iterator[tuple[int, Plan]]:
    """Yield the parts of a run as they are taken back, counted from 1.

    What a part left is as it was found by the next, so the last one goes first.
    """
    yield from enumerate(reversed(parts), start=1)
