"""What our last run left: what is known of it while runs write, and after they were killed."""

from __future__ import annotations

from dataclasses import replace

from tests.builders import a_network, as_deployed
from topology.compliance.drift import drift
from topology.compliance.finding import Finding
from topology.compliance.last_state import LastState
from topology.compliance.owners import Witnesses
from topology.network import Network
from topology.planning.actual import Actual
from topology.planning.planner import make_plan

NETWORK = a_network()
LEFT = as_deployed(NETWORK)


def _without_tag(actual: Actual, *names: str) -> Actual:
    resources = {
        key: replace(found, body={**found.body, "tags": {**found.body["tags"], "region": "moved"}})
        for key, found in actual.resources.items()
        if key.endswith(tuple(f"/virtualnetworks/{name}" for name in names))
    }
    return replace(actual, resources={**actual.resources, **resources})


def _owners(network: Network, actual: Actual, last: LastState) -> dict[str, str]:
    def key(finding: Finding) -> str:
        return f"{finding.name} {finding.path}".strip()

    return {key(item): item.owner for item in drift(network, actual, Witnesses(last=last))}


def test_it_is_the_same_when_it_is_read_back() -> None:
    """It is kept as JSON."""
    last = LastState(LEFT).during(make_plan(a_network("eastus"), LEFT))

    assert LastState.from_json(last.to_json()) == last
    assert last.writing


def test_what_a_run_does_not_write_stays_anothers() -> None:
    """A run that remedies one of two changes does not make the other ours."""
    first, second = "vnet-sample-prod-eastus", "vnet-sample-prod-westus"
    found = _without_tag(LEFT, first, second)
    plan = make_plan(NETWORK, found).only(
        {key for key in LEFT.resources if key.endswith(f"virtualnetworks/{first}")}
    )
    mended = _without_tag(LEFT, second)

    last = LastState(LEFT).during(plan).after(mended)
    assert last.writing == frozenset()
    assert _owners(NETWORK, mended, last) == {f"{second} tags.region": "someone else"}


def test_of_what_a_killed_run_was_to_write_nothing_is_known() -> None:
    """Of all else it is, and the next run that ends knows all."""
    protected = "vnet-sample-prod-eastus"
    found = _without_tag(LEFT, protected, "vnet-sample-prod-westus")
    part = make_plan(NETWORK, found).only(
        {k for k in LEFT.resources if k.endswith(f"virtualnetworks/{protected}")}
    )
    killed = LastState(LEFT).during(part)

    assert _owners(NETWORK, found, killed) == {
        f"{protected} tags.region": "not known",
        "vnet-sample-prod-westus tags.region": "someone else",
    }
    assert _owners(NETWORK, found, killed.after(found)) == {
        f"{protected} tags.region": "us",
        "vnet-sample-prod-westus tags.region": "someone else",
    }


def test_what_the_first_run_did_not_write_may_be_anybodys() -> None:
    """As long as none has found all as it is wanted; what it wrote itself is ours."""
    written, other = "vnet-sample-prod-eastus", "vnet-sample-prod-westus"
    found = _without_tag(LEFT, written, other)
    part = make_plan(NETWORK, found).only(
        {key for key in LEFT.resources if key.endswith(f"virtualnetworks/{written}")}
    )
    first = LastState().during(part).after(found)

    assert _owners(NETWORK, found, first) == {
        f"{written} tags.region": "us",
        f"{other} tags.region": "not known",
    }
    assert _owners(NETWORK, found, first.during(part).after(found)) == _owners(
        NETWORK, found, first
    )
    assert set(_owners(NETWORK, found, LastState.of(LEFT)).values()) == {"someone else"}


def test_a_goal_state_that_a_run_committed_is_left_by_it() -> None:
    """Those of others' regions are as before."""
    states = LEFT.goal_states[NETWORK.names.manager_id.lower()]
    gone = replace(LEFT, goal_states={NETWORK.names.manager_id.lower(): states[1:]})
    last = LastState(gone).during(make_plan(NETWORK, gone)).after(LEFT)

    assert last.left is not None
    assert set(last.left.goal_states[NETWORK.names.manager_id.lower()]) == set(states)
