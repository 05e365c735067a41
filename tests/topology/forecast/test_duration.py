"""How long a plan takes: never less than its critical path, and never in two regions at once."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import a_network, as_deployed
from tests.strategies import successions
from tests.topology.planning.networks import deployed, networks_of
from topology.forecast.calls import Buckets
from topology.forecast.duration import (
    Learned,
    critical_path,
    expected,
    parts_of,
    sort_of,
    timeline,
)
from topology.graph import locks
from topology.kind import same_id
from topology.planning.actual import Actual
from topology.planning.plan import Change, FieldChange
from topology.planning.planner import make_plan
from topology.regions import AZURE_REGIONS
from topology.spec import Topology


@given(successions(), st.integers(1, 3))
def test_nothing_takes_less_than_its_critical_path(
    topologies: tuple[Topology, Topology], parallel: int
) -> None:
    """Neither a first rollout nor a change; and every step comes after all that it needs."""
    first, second = networks_of(*topologies)
    for network, actual in ((first, Actual()), (second, deployed(first).actual)):
        plan = make_plan(network, actual)
        times = {same_id(item.step.resource.id): item for item in timeline(plan, {}, parallel)}

        assert times.keys() == {same_id(step.resource.id) for step in plan.work}
        assert max((item.end for item in times.values()), default=0.0) >= critical_path(plan, {})[1]
        for edge in plan.edges:
            step, need = times.get(same_id(edge.step)), times.get(same_id(edge.need))
            assert step is None or need is None or step.start >= need.end


@given(successions())
def test_every_step_is_in_one_part(topologies: tuple[Topology, Topology]) -> None:
    """Parts come one after the other, so what stood in two would be counted twice."""
    first, second = networks_of(*topologies)
    plan = make_plan(second, deployed(first).actual)
    keys = [same_id(step.resource.id) for part in parts_of(second, plan) for step in part.plan.work]

    assert sorted(keys) == sorted(same_id(step.resource.id) for step in plan.work)


def test_what_excludes_each_other_takes_its_turn() -> None:
    """Azure takes one write at a time in a network."""
    plan = make_plan(a_network("eastus", environments=["prod", "nonprod", "lab"]), Actual())
    times = sorted(timeline(plan, {}), key=lambda item: item.start)

    for first, second in pairwise(times):
        for later in times[times.index(first) + 1 :]:
            if locks(first.step.resource).alone & locks(later.step.resource).alone:
                assert later.start >= first.end or first.start >= later.end
        assert first.start <= second.start


def test_regions_beyond_what_may_go_side_by_side_wait() -> None:
    """Three regions one by one take three firewalls' time."""
    plan = make_plan(a_network("eastus", "westus", "uksouth"), Actual())

    ends = [max(item.end for item in timeline(plan, {}, parallel)) for parallel in (1, None)]

    assert ends[0] - ends[1] == pytest.approx(2 * 400, rel=0.2)


def test_buckets_stretch_what_begins_all_at_once() -> None:
    """Many regions begin with more writes than Azure takes in a second."""
    plan = make_plan(a_network(*list(AZURE_REGIONS)[:34]), Actual())
    buckets = Buckets()

    paced = max(item.end for item in timeline(plan, {}, buckets=buckets))

    assert buckets.have_waited
    assert paced > max(item.end for item in timeline(plan, {}))


def test_tags_alone_are_set_at_once() -> None:
    """A PATCH of a firewall answers at once, where its PUT takes minutes."""
    network = a_network("eastus")
    plan = make_plan(network, as_deployed(network))
    [firewall] = [step for step in plan.steps if step.resource.kind == "firewall"]
    tag = Change(firewall.resource, (FieldChange("tags.owner", None, "net"),))
    whole = Change(firewall.resource, (FieldChange("properties.sku.tier", "Standard", "Premium"),))

    assert sort_of(tag, plan) == "tag firewall"
    assert expected(tag, plan, {}).seconds < 5
    assert expected(whole, plan, {}).seconds > 100


def test_what_this_deployment_took_counts_more_than_recordings() -> None:
    """A median of past runs replaces the figure of its sort of step, and no other."""
    plan = make_plan(a_network("eastus"), Actual())
    history = {"create firewall": Learned(500.0, 6)}
    found = {sort_of(step, plan): expected(step, plan, history) for step in plan.work}

    assert (found["create firewall"].seconds, found["create firewall"].known) == (500, "learned")
    assert found["create public-ip"].known == "recorded"
    assert found["commit Routing"].known == "assumed"
