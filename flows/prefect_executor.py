"""The work of a rollout by Prefect: steps are tasks, regions and roll-backs runs below this one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass

from prefect import get_run_logger
from prefect.runtime import flow_run

from azure_api.client import Azure
from flows.apply_policy import apply_policy
from flows.apply_region import apply_region
from flows.one_signal import one_signal
from flows.refuse import Question, frozen, no_leave
from flows.roll_back_policy import roll_back_policy
from flows.roll_back_region import roll_back_region
from rollout.executor import Planned
from rollout.result import Ending
from rollout.rollout import Rollout
from tasks import apply_step
from tasks.current import active
from tasks.look_ahead import look_ahead
from tasks.prove import prove_outcome
from tasks.publish import live_status
from tasks.read_actual import read_actual, read_when_settled
from tasks.read_topology import keep_names
from tasks.save_plan import save_plan
from tasks.told import told
from tasks.verify_wave import run_hook
from topology.network import Network
from topology.planning import explain
from topology.planning.actual import Actual
from topology.planning.at_once import at_once
from topology.planning.plan import Plan, Step
from topology.rollout_spec import HookSpec
from topology.verification.finding import Finding
from topology.verification.outlook import markdown


@dataclass(frozen=True)
class PrefectExecutor:
    """The executor of rollout/executor.py, within a flow."""

    azure: Azure

    async def read(self, network: Network) -> Actual:
        """Return what Azure holds, by a task."""
        return await read_actual(self.azure, network)

    async def do(self, rollout: Rollout, step: Step) -> str | None:
        """Do a step, by a task of the flow at hand."""
        with active(rollout):
            return await apply_step.run(rollout, step)

    async def run_region(self, rollout: Rollout, region: str) -> bool:
        """Do a region in a run below this one."""
        with active(rollout):
            state = await apply_region(region, return_state=True)
        return state.is_completed()

    async def run_policy(self, rollout: Rollout) -> str | None:
        """Change the policy in a run below this one."""
        with active(rollout):
            state = await apply_policy(return_state=True)
        return None if state.is_completed() else state.message or str(state.name)

    async def take_back(self, rollout: Rollout, network: Network, region: str | None) -> bool:
        """Take it back in a run below this one."""
        with active(rollout):
            if region is None:
                state = await roll_back_policy(network, return_state=True)
            else:
                state = await roll_back_region(region, network, return_state=True)
        return state.is_completed()

    @asynccontextmanager
    async def carrying(self, rollout: Rollout) -> AsyncIterator[None]:
        """Show a table and a bar in the UI."""
        with one_signal():
            async with live_status(rollout):
                yield

    async def save(self, plan: Plan, part: str) -> None:
        """Save a part under this run's id."""
        await save_plan(plan, f"{flow_run.get_id()}-{part}")

    def keep_names(self, network: Network, part: Plan) -> Network:
        """Keep the names that a part uses up in the lock file."""
        return keep_names(network, part)

    async def may_change_policy(
        self, network: Network, part: Plan, found: Actual, planned: Planned
    ) -> Ending | None:
        """Ask a person, where the topology wants that; nothing changes in a freeze."""
        minutes = network.topology.rollout.policy_approval_minutes
        refused = frozen(network)
        if minutes is not None and not refused:
            outlook = await look_ahead(network, part, found)

            async def again() -> Plan:
                return at_once(planned(network, await read_when_settled(self.azure, network)))

            shown = explain.markdown(part, consequences=markdown(outlook))
            refused = await no_leave(network, Question(part, shown, again), minutes)
        return Ending(str(refused.message), refused.name) if refused else None

    async def prove(
        self, network: Network, before: Actual, steps: Collection[Step], what: str
    ) -> list[Finding]:
        """Prove what Azure says, by a task."""
        return await prove_outcome(self.azure, network, before, steps, what)

    async def run_hook(self, hook: HookSpec, wave: str, regions: Collection[str]) -> str | None:
        """Run a deployment, by a task."""
        return await run_hook(hook, wave, regions)

    def words(self, error: Exception) -> str:
        """Return what can be told; the traceback of a defect of ours goes into the log."""
        if (text := told(error)) is not None:
            return text
        get_run_logger().error("a defect of Orrery", exc_info=error)
        return f"a defect of Orrery: {type(error).__name__}: {error}"

    def tell(self, text: str) -> None:
        """Say it in the run's log."""
        get_run_logger().info("%s", text)
