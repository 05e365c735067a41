"""Runs that nobody disturbs: what the others are measured by."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import cache
from typing import Any

from starlette.applications import Starlette

from azure_api.client import Azure
from simulator.app import create_app
from simulator.clock import LoopClock
from tests.azure_api.in_process import AsgiTransport, connected_by
from tests.carry_out import apply_network, carry_out, read_network
from tests.life.cutting import Cut, created_twice, holdings
from tests.simulator.azure import signed_in
from tests.topology.examples import example
from tests.virtual_time import run
from topology.network import Network
from topology.planning.plan import Step
from topology.planning.planner import make_plan, plan_removal_of_all

_A_WHILE = 7200  # Azure ends what it has begun


@dataclass(frozen=True, eq=False)
class Move:
    """A run from one network to another; None is nothing at all."""

    before: Network | None
    after: Network | None

    async def make(self, azure: Azure) -> dict[str, str]:
        """Read, plan and carry out; return the errors."""
        if self.after is not None:
            return await apply_network(azure, self.after)
        assert self.before is not None
        actual = await read_network(azure, self.before)
        return await carry_out(azure, plan_removal_of_all(self.before, actual))

    async def left(self, azure: Azure) -> tuple[Step, ...]:
        """Return what a run would still do."""
        if self.after is not None:
            return make_plan(self.after, await read_network(azure, self.after)).work
        assert self.before is not None
        return plan_removal_of_all(self.before, await read_network(azure, self.before)).work


GLOBOJAVA = Move(None, example("globojava"))


@cache
def undisturbed(move: Move) -> tuple[int, dict[str, Any]]:
    """Return how many writes a run makes, and what is there after it: nothing is left to do."""

    async def made() -> tuple[int, dict[str, Any]]:
        app = await a_world(move)
        cut = Cut(app)
        async with connected_by(AsgiTransport(cut)) as azure:
            assert await move.make(azure) == {}
            assert await move.left(azure) == ()
        return cut.writes, (await looked_at(app))[1]

    return run(made())


async def a_world(move: Move) -> Starlette:
    """Return a simulator that holds what a move starts from."""
    app = create_app(LoopClock())
    if move.before is not None:
        async with connected_by(AsgiTransport(app)) as azure:
            assert await apply_network(azure, move.before) == {}
    return app


async def looked_at(app: Starlette) -> tuple[list[str], dict[str, Any]]:
    """Return ids that were made twice, and all that Azure holds when it has come to rest."""
    await asyncio.sleep(_A_WHILE)
    async with signed_in(app) as client:
        return await created_twice(client), await holdings(client)
