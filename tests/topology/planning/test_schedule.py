"""When steps may start: never early, never together where Azure refuses, and to an end."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import a_network, as_deployed
from tests.strategies import successions, topologies
from tests.topology.examples import NAMES, example
from tests.topology.planning.networks import Simulation, network_of, networks_of
from topology.graph import Edge, expected_seconds, locks
from topology.kind import Resource, Stage, same_id
from topology.network import Network
from topology.planning.actual import Actual
from topology.planning.plan import Create, Nothing, Plan, Step
from topology.planning.planner import make_plan, plan_removal_of_all
from topology.planning.schedule import Progress, Schedule
from topology.spec import Topology


def _everything(_: Step) -> bool:
    return True


def _group(name: str, region: str | None = None) -> Create:
    return Create(Resource("resource-group", f"/g/{name}", region, Stage.HUB, {}))


def _plan(*steps: Step, edges: tuple[Edge, ...] = ()) -> Plan:
    return Plan("sample", ("s",), steps, edges)


def _edge(step: Step, need: Step, *, orders_only: bool = False) -> Edge:
    return Edge(step.resource.id, need.resource.id, orders_only)


# -- whatever the plan -------------------------------------------------------------------


@given(successions(), st.randoms(use_true_random=False))
def test_steps_that_exclude_each_other_never_run_together(
    both: tuple[Topology, Topology], random: Random
) -> None:
    """However long each takes."""
    before, after = networks_of(*both)
    plan = make_plan(after, as_deployed(before))
    held = {step.resource.id: locks(step.resource) for step in plan.steps}
    clashes: list[str] = []

    def watch(running: list[Step]) -> None:
        alone = Counter(name for step in running for name in held[step.resource.id].alone)
        shared = {name for step in running for name in held[step.resource.id].shared}
        clashes.extend(name for name, count in alone.items() if count > 1 or name in shared)

    Simulation(plan, seconds=lambda _: random.uniform(1, 500)).run(watch)

    assert clashes == []


@given(successions(), st.randoms(use_true_random=False))
def test_step_starts_after_what_it_needs(both: tuple[Topology, Topology], random: Random) -> None:
    """However long each takes."""
    before, after = networks_of(*both)
    plan = make_plan(after, as_deployed(before))
    started: dict[str, int] = {}

    def watch(running: list[Step]) -> None:
        for step in running:
            started.setdefault(same_id(step.resource.id), len(started))

    Simulation(plan, seconds=lambda _: random.uniform(1, 500)).run(watch)

    pairs = [(same_id(edge.step), same_id(edge.need)) for edge in plan.edges]
    both_ran = [(step, need) for step, need in pairs if step in started and need in started]
    assert [pair for pair in both_ran if started[pair[0]] < started[pair[1]]] == []


@given(successions(), st.randoms(use_true_random=False))
def test_schedule_ends_whatever_fails(both: tuple[Topology, Topology], random: Random) -> None:
    """No step waits for ever."""
    before, after = networks_of(*both)
    plan = make_plan(after, as_deployed(before))

    schedule = Simulation(
        plan,
        seconds=lambda _: random.uniform(1, 500),
        fails=lambda _: random.random() < 0.1,
    ).run()

    assert schedule.is_over(_everything)


@given(topologies(), st.randoms(use_true_random=False))
def test_removal_ends_whatever_fails(topology: Topology, random: Random) -> None:
    """No step waits for ever."""
    network = network_of(topology)
    plan = plan_removal_of_all(network, as_deployed(network))

    schedule = Simulation(plan, fails=lambda _: random.random() < 0.1).run()

    assert schedule.is_over(_everything)


@given(successions())
def test_all_is_done_when_nothing_fails(both: tuple[Topology, Topology]) -> None:
    """Also what only had to be left alone."""
    before, after = networks_of(*both)

    schedule = Simulation(make_plan(after, as_deployed(before))).run()

    assert set(schedule.progress.values()) <= {Progress.DONE}


@given(topologies(), st.randoms(use_true_random=False), st.data())
def test_region_that_fails_stops_nothing_of_another(
    topology: Topology, random: Random, data: st.DataObject
) -> None:
    """Whichever of its steps fail."""
    region = data.draw(st.sampled_from(sorted(topology.regions)))
    plan = make_plan(network_of(topology), Actual())

    schedule = Simulation(
        plan, fails=lambda step: step.resource.region == region and random.random() < 0.5
    ).run()

    skipped = {
        step.resource.region
        for key, step in schedule.steps.items()
        if schedule.progress[key] is Progress.SKIPPED
    }
    assert skipped <= {region}


@given(topologies(), st.randoms(use_true_random=False))
def test_only_what_needs_a_failure_is_skipped(topology: Topology, random: Random) -> None:
    """And all that does."""
    plan = make_plan(network_of(topology), Actual())

    schedule = Simulation(plan, fails=lambda _: random.random() < 0.05).run()

    lost = {Progress.FAILED, Progress.SKIPPED}
    for key, step in schedule.steps.items():
        needs = schedule.needs[key].items()
        must_skip = any(hard and schedule.progress[need] in lost for need, hard in needs)
        assert (schedule.progress_of(step) is Progress.SKIPPED) == must_skip


# -- in particular -----------------------------------------------------------------------


def test_step_waits_for_its_need() -> None:
    """Until that is done."""
    first, second = _group("first"), _group("second")
    schedule = Schedule(_plan(first, second, edges=(_edge(second, first),)))

    assert [schedule.take(_everything), schedule.take(_everything)] == [first, None]
    schedule.done(first)
    assert schedule.take(_everything) == second


def test_step_whose_need_failed_is_skipped_with_all_that_needs_it() -> None:
    """What was skipped is told, so that a run can say why."""
    first, second, third = _group("first"), _group("second"), _group("third")
    edges = (_edge(second, first), _edge(third, second))
    schedule = Schedule(_plan(first, second, third, edges=edges))
    schedule.take(_everything)

    assert schedule.fail(first) == [second, third]
    assert schedule.progress_of(third) is Progress.SKIPPED


def test_step_that_is_only_ordered_runs_after_a_failure() -> None:
    """A region that fails stops nothing in another."""
    first, second = _group("first"), _group("second")
    schedule = Schedule(_plan(first, second, edges=(_edge(second, first, orders_only=True),)))
    schedule.take(_everything)

    assert schedule.fail(first) == []
    assert schedule.take(_everything) == second


def test_need_that_is_hard_once_is_hard() -> None:
    """Two edges may join the same steps."""
    first, second = _group("first"), _group("second")
    edges = (_edge(second, first), _edge(second, first, orders_only=True))
    schedule = Schedule(_plan(first, second, edges=edges))
    schedule.take(_everything)

    assert schedule.fail(first) == [second]


def test_what_is_left_alone_is_done_at_once() -> None:
    """Nobody takes it, and what needs it may start."""
    first, second = Nothing(_group("first").resource, "as wanted"), _group("second")
    schedule = Schedule(_plan(first, second, edges=(_edge(second, first),)))

    assert schedule.progress_of(first) is Progress.DONE
    assert schedule.take(_everything) == second


def test_what_is_left_alone_is_not_skipped() -> None:
    """It stands there whatever fails, and so does what needs it."""
    first, third = _group("first"), _group("third")
    second = Nothing(_group("second").resource, "as wanted")
    edges = (_edge(second, first), _edge(third, second))
    schedule = Schedule(_plan(first, second, third, edges=edges))
    schedule.take(_everything)

    assert schedule.fail(first) == []
    assert schedule.take(_everything) == third


def test_each_takes_only_its_own_steps() -> None:
    """Several flows share one schedule."""
    east, west = _group("east", "eastus"), _group("west", "westus")
    schedule = Schedule(_plan(east, west))

    def of_west(step: Step) -> bool:
        return step.resource.region == "westus"

    assert [schedule.take(of_west), schedule.take(of_west)] == [west, None]
    assert not schedule.is_over(of_west)
    schedule.done(west)
    assert schedule.is_over(of_west)
    assert not schedule.is_over(_everything)


def test_steps_that_were_given_up_take_along_what_needs_them() -> None:
    """A region is stopped as a whole."""
    first, second, other = _group("first"), _group("second"), _group("other")
    schedule = Schedule(_plan(first, second, other, edges=(_edge(second, first),)))

    assert schedule.skip([first]) == [first, second]
    assert [schedule.take(_everything), schedule.take(_everything)] == [other, None]


def test_step_that_runs_is_not_given_up() -> None:
    """A write that was sent is waited for."""
    first = _group("first")
    schedule = Schedule(_plan(first))
    schedule.take(_everything)

    assert schedule.skip([first]) == []
    assert schedule.progress_of(first) is Progress.RUNNING


def test_longest_way_goes_first() -> None:
    """What a firewall waits for starts before what nothing waits for."""
    first, last = _group("a"), _group("z")
    slow = Create(Resource("firewall", "/g/z/slow", "eastus", Stage.FIREWALL, {}))
    schedule = Schedule(_plan(first, last, slow, edges=(_edge(slow, last),)))
    assert schedule.take(_everything) == last


@pytest.mark.parametrize("network", [example(name) for name in NAMES], ids=list(NAMES))
def test_rollout_takes_little_longer_than_its_longest_chain(network: Network) -> None:
    """Regions side by side: what Azure takes one at a time adds less than half."""
    plan = make_plan(network, Actual())
    schedule = Schedule(plan)
    longest, now = max(schedule.remaining.values()), 0.0
    times: list[float] = []

    def seconds(step: Step) -> float:
        return expected_seconds(step.resource)

    ends: dict[str, float] = {}
    while not schedule.is_over(_everything):
        while (step := schedule.take(_everything)) is not None:
            ends[same_id(step.resource.id)] = now + seconds(step)
        key = min(ends, key=lambda name: (ends[name], name))
        now = ends.pop(key)
        times.append(now)
        schedule.done(schedule.steps[key])

    assert longest <= times[-1] < 1.5 * longest


def test_firewalls_run_together_when_they_may() -> None:
    """And one by one when told so."""
    most: dict[bool, int] = {}
    for side_by_side in (True, False):
        network = a_network(firewall={"create_side_by_side": side_by_side})
        together = [0]

        def watch(running: list[Step], together: list[int] = together) -> None:
            firewalls = sum(step.resource.kind == "firewall" for step in running)
            together[0] = max(together[0], firewalls)

        Simulation(make_plan(network, Actual()), lambda step: expected_seconds(step.resource)).run(
            watch
        )
        most[side_by_side] = together[0]

    assert most == {True: 2, False: 1}
