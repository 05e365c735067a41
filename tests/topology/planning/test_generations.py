"""Generations: what is deployed anywhere is not edited in place."""

from __future__ import annotations

from dataclasses import replace

from tests.builders import a_network, a_topology, as_deployed
from topology.addressing import allocate
from topology.kind import same_id
from topology.network import Network
from topology.planning.actual import Actual, Found
from topology.planning.plan import Commit, Create, Delete, Plan
from topology.planning.planner import make_plan

STRICT, ONE_WAY = a_network(isolation="strict"), a_network()
SECURITY = "securityAdminConfigurations"


def _configurations(plan: Plan, does: type) -> list[str]:
    return [
        step.resource.name
        for step in plan.work
        if isinstance(step, does) and step.resource.kind.endswith("-configuration")
    ]


def _committed(plan: Plan, commit_type: str = "SecurityAdmin") -> dict[str | None, list[str]]:
    return {
        step.resource.region: [
            name.rsplit("/", 1)[-1] for name in step.resource.body["configurationIds"]
        ]
        for step in plan.work
        if isinstance(step, Commit) and step.resource.body["commitType"] == commit_type
    }


def _with_generation(actual: Actual, network: Network, number: int, *regions: str) -> Actual:
    """Return Azure with the security configuration in a further generation, deployed there."""
    later = network.at({SECURITY: number})
    found = [item for item in as_deployed(later).resources.values() if f"/{SECURITY}/" in item.id]
    manager = same_id(network.names.manager_id)
    states = tuple(
        replace(state, configuration_ids=(later.names.configuration_id(SECURITY),))
        if state.region in regions and state.commit_type == "SecurityAdmin"
        else state
        for state in actual.goal_states[manager]
    )
    both = {**actual.resources, **{same_id(item.id): item for item in found}}
    return Actual(both, {manager: states})


def test_change_makes_the_next_generation_and_takes_the_old_one_away() -> None:
    """Every region moves over by a commit."""
    plan = make_plan(STRICT, as_deployed(ONE_WAY))

    assert _configurations(plan, Create) == ["security-g2"]
    assert _configurations(plan, Delete) == ["security-g1"]
    assert _committed(plan) == {"eastus": ["security-g2"], "westus": ["security-g2"]}


def test_configurations_that_do_not_change_stay_at_their_generation() -> None:
    """Mesh and routing have nothing to do with who is kept from whom."""
    plan = make_plan(STRICT, as_deployed(ONE_WAY))

    assert _committed(plan, "Connectivity") == {}
    assert _committed(plan, "Routing") == {}


def test_commit_tells_what_the_next_generation_brings() -> None:
    """A reader of the plan need not compare two configurations."""
    plan = make_plan(STRICT, as_deployed(ONE_WAY))

    commit = next(s for s in plan.work if isinstance(s, Commit) and s.resource.region == "eastus")
    assert commit.reason == "the next generation"
    assert "security-admin-rule deny-to-nonprod" in {change.path for change in commit.fields}


def test_generation_that_nobody_has_deployed_is_taken_up_again() -> None:
    """As after a roll-back: it is finished, not left beside a third."""
    left_over = _with_generation(as_deployed(ONE_WAY), STRICT, 2)

    plan = make_plan(STRICT, left_over)

    assert _configurations(plan, Create) == []
    assert _committed(plan) == {"eastus": ["security-g2"], "westus": ["security-g2"]}


def test_left_over_generation_goes_when_the_file_is_taken_back() -> None:
    """What every region has deployed is what is wanted: nothing is committed."""
    plan = make_plan(ONE_WAY, _with_generation(as_deployed(ONE_WAY), STRICT, 2))

    assert _configurations(plan, Delete) == ["security-g2"]
    assert _committed(plan) == {}


def test_half_moved_network_is_moved_on() -> None:
    """A wave that was cut: one region has the next generation, the other the old one."""
    halfway = _with_generation(as_deployed(ONE_WAY), STRICT, 2, "eastus")

    plan = make_plan(STRICT, halfway)

    assert _committed(plan) == {"westus": ["security-g2"]}
    assert _configurations(plan, Delete) == ["security-g1"]


def test_old_generation_needs_the_commits_that_leave_it() -> None:
    """A commit that fails keeps it: to delete what a region has deployed would undo it there."""
    plan = make_plan(STRICT, as_deployed(ONE_WAY))

    old = ONE_WAY.names.configuration_id(SECURITY)
    needs = {e.need: e.orders_only for e in plan.edges if same_id(e.step) == same_id(old)}
    for region in ("eastus", "westus"):
        assert needs[STRICT.names.commit_id("SecurityAdmin", region)] is False


def test_rules_of_a_new_region_stand_in_the_present_generation() -> None:
    """They change nothing for those that have it deployed."""
    plan = make_plan(a_network("eastus", "westus"), as_deployed(a_network("eastus")))

    assert _committed(plan, "Routing") == {"westus": ["routing-g1"]}


def test_rules_of_all_are_not_edited_while_a_region_that_leaves_has_them() -> None:
    """Nor would waves find them deployed by then, and come to other names than were shown."""
    lock = allocate(a_topology("eastus", "westus", "uksouth"))
    before = a_network("eastus", isolation="strict", lock=lock)
    after = a_network("westus", "uksouth", lock=lock, home="eastus")

    plan = make_plan(after, as_deployed(before))

    assert _configurations(plan, Create) == ["security-g2"]
    assert _committed(plan)["westus"] == ["security-g2"]


def test_what_does_not_fit_beside_the_present_generation_is_edited_in_place() -> None:
    """A manager holds a hundred admin rules."""
    actual = as_deployed(ONE_WAY)
    theirs = f"{ONE_WAY.names.manager_id}/{SECURITY}/theirs/ruleCollections/c/rules"
    others = [Found("security-admin-rule", f"{theirs}/r{n}", {}) for n in range(97)]
    full = Actual.of([*actual.resources.values(), *others], actual.goal_states)

    plan = make_plan(STRICT, full)

    assert _committed(plan) == {"eastus": ["security-g1"], "westus": ["security-g1"]}
    assert plan.notes[0] == (
        "security-g1 is edited in place: beside its next generation the manager would hold 103 of "
        "100 admin rules. eastus, westus cannot be taken back alone, only with the whole run"
    )
