"""One life with faults: a rollout that meets them, the next one that does not, and what is wrong.

The rollout meets its faults, and regions that failed are taken back while these last. Then a
reader that knows no planner looks: each region is as planned or as before, or the report names
what is otherwise; things of others are as they were; what is said to be done is. At last one
undisturbed run must lead to what is planned.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field

from azure_api.client import Azure
from azure_api.deployment_status import read_goal_states
from azure_api.goal_state import wait_until_deployed
from simulator.arm.world import World
from tests.azure_api.bodies import commit, put
from tests.azure_api.in_process import simulated_azure
from tests.carry_out import apply_network
from tests.life.compared import Reader
from tests.life.cutting import holdings
from tests.life.foreign import THEIRS, put_children
from tests.life.listening import Listening
from tests.life.outsider import outsider
from tests.life.rolling_out import Report, roll_out
from tests.life.schedules import HOME, Counted, Schedule
from tests.life.verdict import fates, not_ended, theirs_moved, untrue
from topology.network import Network
from topology.resources import KIND_BY_NAME

# Azure never takes longer than this to let a run end, in simulated seconds.
_LONGEST = 24 * 3600.0
_A_WHILE = 7200.0  # Azure ends what it began


@dataclass
class Life:
    """What became of one seed: counts, and what is wrong."""

    schedule: Schedule
    counts: Counter[str] = field(default_factory=Counter)
    met: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    @property
    def told(self) -> str:
        """Say which seed it is and what is wrong, one line each."""
        what = f"seed {self.schedule.seed} ({self.schedule.move.name})"
        return "\n  ".join([what, *self.wrong])


async def live(
    schedule: Schedule, during: Callable[[], AbstractContextManager[object]] = nullcontext
) -> Life:
    """Live the life of a schedule; `during` is entered for the run that meets the faults."""
    random.seed(schedule.seed)  # how long the product waits is drawn too
    life, move, faults = Life(schedule), schedule.move, Counted()
    async with simulated_azure(faults=faults) as (azure, world):
        listening = Listening(azure.transport.app)
        azure.transport.app = listening
        await _begin(azure, move.before, move.after)
        before = await look(azure, world, move.after)
        faults.extend(schedule.faults)
        with during():
            report = await _disturbed(life, azure, move.after)
        faults.clear()
        _count(life, listening, faults, report)
        await asyncio.sleep(_A_WHILE)
        after = await look(azure, world, move.after)
        if schedule.passes and not report.ending.is_well:
            life.wrong.append(f"all that was met passes, and it failed: {report.ending.message}")
        life.wrong += [*theirs_moved(before.held, after.held), *untrue(report, before, after)]
        await _undisturbed(life, azure, world, move.after)
        life.wrong += listening.broken
    return life


# -- before ------------------------------------------------------------------------------


async def _begin(azure: Azure, before: Network | None, after: Network) -> None:
    """Make what stands before the rollout: ours, and what others put beside and into it."""
    group = after.names.group_id(HOME).replace("rg-sample", "rg-theirs")
    vnet = f"{group}/providers/Microsoft.Network/virtualNetworks/{THEIRS}"
    space = {"addressSpace": {"addressPrefixes": ["192.168.77.0/24"]}}
    await put(azure, KIND_BY_NAME["resource-group"], group, {"location": HOME})
    body = {"location": HOME, "properties": {**space, "subnets": []}}
    await put(azure, KIND_BY_NAME["virtual-network"], vnet, body)
    if before is not None:
        assert await apply_network(azure, before) == {}
        await put_children(azure, before, HOME)
        await _deploy_theirs(azure, before)


async def _deploy_theirs(azure: Azure, network: Network) -> None:
    """Deploy a mesh of others beside ours, in a manager that both use."""
    manager, group = network.names.manager_id, network.names.network_group_id(THEIRS)
    mesh = f"{manager}/connectivityConfigurations/{THEIRS}"
    told = {"description": "another team's"}
    applies = [{"networkGroupId": group, "groupConnectivity": "DirectlyConnected"}]
    shape = {"connectivityTopology": "Mesh", "appliesToGroups": applies}
    group_body = {"properties": {**told, "memberType": "VirtualNetwork"}}
    await put(azure, KIND_BY_NAME["network-group"], group, group_body)
    configuration = KIND_BY_NAME["connectivity-configuration"]
    await put(azure, configuration, mesh, {"properties": {**told, **shape}})
    states = await read_goal_states(azure, manager, [HOME], ["Connectivity"])
    ids = [*(name for state in states for name in state.configuration_ids), mesh]
    goal = {"commitType": "Connectivity", "targetLocations": [HOME], "configurationIds": ids}
    await wait_until_deployed(azure, await commit(azure, manager, goal))


async def look(azure: Azure, world: World, network: Network) -> Reader:
    """Return what Azure holds now, by plain HTTP."""
    async with outsider(azure, world) as client:
        return Reader(await holdings(client), network)


# -- the runs ----------------------------------------------------------------------------


async def _disturbed(life: Life, azure: Azure, network: Network) -> Report:
    try:
        async with asyncio.timeout(_LONGEST):
            return await roll_out(azure, network)
    except TimeoutError:
        life.wrong.append("the disturbed run does not end")
        return Report(error="it does not end")


async def _undisturbed(life: Life, azure: Azure, world: World, network: Network) -> None:
    """Plan and carry out anew: all is as planned after it, and there is nothing more to do."""
    report = await roll_out(azure, network)
    if not report.ending.is_well:
        life.wrong.append(f"the next run: {report.ending.message}")
    again = await roll_out(azure, network)
    if again.whole is None:
        life.wrong.append(f"the run after it: {again.error}")
        return
    await asyncio.sleep(_A_WHILE)  # AVNM gives a new subnet its table later (facts.md section 4)
    reader = await look(azure, world, network)
    life.wrong += not_ended(reader, again.whole)


def _count(life: Life, listening: Listening, faults: Counted, report: Report) -> None:
    life.met = faults.met
    life.counts["faults met"] = faults.met.total()
    life.counts["writes refused or lost"] = listening.refused.total()
    life.counts["regions taken back"] = len(report.back)
    life.counts += fates(report)
    if report.whole is None:
        life.counts["runs that could not read"] += 1
    elif report.ending.is_well:
        life.counts["runs that met them and did all"] += 1
    else:
        life.counts["steps failed"] = len(report.errors)


__all__ = ["Life", "live", "look"]
