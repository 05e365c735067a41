"""Networks and models of Azure for properties of plans."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hypothesis import assume

from tests.topology.azure_model import AzureModel
from topology.addressing import AddressError, allocate, resolve
from topology.kind import same_id
from topology.network import Network
from topology.planning.actual import Actual
from topology.planning.plan import Plan, Step
from topology.planning.planner import make_plan
from topology.planning.schedule import Schedule
from topology.spec import Topology


def network_of(topology: Topology) -> Network:
    """Return the network with addresses as a first run gives them."""
    return resolve(topology, allocate(topology))


def networks_of(first: Topology, second: Topology) -> tuple[Network, Network]:
    """Return both, the second with the addresses that the first was given."""
    lock = allocate(first)
    try:
        return resolve(first, lock), resolve(second, allocate(second, lock))
    except AddressError:
        assume(condition=False)
        raise


def deployed(network: Network) -> AzureModel:
    """Return a model of Azure that holds a network."""
    model = AzureModel(topology=network.topology.topology)
    model.apply_all(make_plan(network, Actual()).steps)
    return model


@dataclass
class Simulation:
    """A plan carried out by its schedule, with durations and failures of the test's choice."""

    plan: Plan
    seconds: Callable[[Step], float] = lambda _: 1.0
    fails: Callable[[Step], bool] = lambda _: False

    def run(self, watch: Callable[[list[Step]], None] = lambda _: None) -> Schedule:
        """Carry the plan out; `watch` sees what runs at a time. Ends when nothing runs."""
        schedule, now = Schedule(self.plan), 0.0
        ends: dict[str, tuple[float, Step]] = {}
        while True:
            while (step := schedule.take(lambda _: True)) is not None:
                ends[same_id(step.resource.id)] = (now + self.seconds(step), step)
            watch([step for _, step in ends.values()])
            if not ends:
                return schedule
            key = min(ends, key=lambda name: (ends[name][0], name))
            now, step = ends.pop(key)
            if self.fails(step):
                schedule.fail(step)
            else:
                schedule.done(step)
