"""The work of a rollout by runs of Prefect: a region's own run, a question, a hook."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass

from prefect import get_run_logger
from prefect.runtime import flow_run

from flows.apply_policy import apply_policy
from flows.apply_region import apply_region
from flows.by_tasks import ByTasks
from flows.one_signal import one_signal
from flows.refuse import Question, frozen, no_leave
from flows.roll_back_policy import roll_back_policy
from flows.roll_back_region import roll_back_region
from rollout.hands import Ending
from rollout.rollout import Rollout
from tasks.current import active
from tasks.look_ahead import look_ahead
from tasks.prove import prove_outcome
from tasks.publish import live_status
from tasks.read_actual import read_when_settled
from tasks.save_plan import save_plan
from tasks.told import told
from tasks.verify_wave import run_hook
from topology.network import Network
from topology.planning import explain
from topology.planning.actual import Actual
from topology.planning.at_once import at_once
from topology.planning.plan import Plan
from topology.planning.planner import make_plan
from topology.rollout_spec import HookSpec
from topology.verification.finding import Finding
from topology.verification.outlook import markdown


@dataclass(frozen=True)
class ByRuns(ByTasks):
    """All hands of a rollout (rollout/hands.py): within a flow, by flows below it."""

    @asynccontextmanager
    async def carrying(self, rollout: Rollout) -> AsyncIterator[None]:
        """Make it the current rollout, with a table and a bar in the UI."""
        with active(rollout), one_signal():
            async with live_status(rollout):
                yield

    async def run_region(self, rollout: Rollout, region: str) -> bool:  # noqa: ARG002  it is active
        """Do a region in a run below this one."""
        state = await apply_region(region, return_state=True)
        return state.is_completed()

    async def take_back(self, rollout: Rollout, network: Network, region: str | None) -> bool:  # noqa: ARG002  it is active
        """Take it back in a run below this one."""
        if region is None:
            state = await roll_back_policy(network, return_state=True)
        else:
            state = await roll_back_region(region, network, return_state=True)
        return state.is_completed()

    async def save(self, plan: Plan, part: str) -> None:
        """Save a part under this run's id."""
        await save_plan(plan, f"{flow_run.get_id()}-{part}")

    async def may_change(self, network: Network, part: Plan, found: Actual) -> Ending | None:
        """Ask a person, where the topology wants that; nothing changes in a freeze."""
        minutes = network.topology.rollout.policy_approval_minutes
        refused = frozen(network)
        if minutes is not None:
            outlook = await look_ahead(network, part, found)

            async def again() -> Plan:
                return at_once(make_plan(network, await read_when_settled(self.azure, network)))

            shown = explain.markdown(part, consequences=markdown(outlook))
            refused = await no_leave(network, Question(part, shown, again), minutes)
        return Ending(str(refused.message), refused.name) if refused else None

    async def change(self, rollout: Rollout) -> str | None:  # noqa: ARG002  it is active
        """Do it in a run below this one."""
        state = await apply_policy(return_state=True)
        return None if state.is_completed() else state.message or str(state.name)

    async def prove(
        self, network: Network, before: Actual, part: Plan, failed: Collection[str], what: str
    ) -> list[Finding]:
        """Prove what Azure says, by a task."""
        return await prove_outcome(self.azure, network, before, part, set(failed), what)

    async def run_hook(self, hook: HookSpec, wave: str, regions: Collection[str]) -> str | None:
        """Run a deployment, by a task."""
        return await run_hook(hook, wave, regions)

    def told(self, error: Exception) -> str | None:
        """Return what can be told without a traceback."""
        return told(error)

    def tell(self, text: str) -> None:
        """Say it in the run's log."""
        get_run_logger().info("%s", text)
