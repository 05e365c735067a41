"""The map: every region with its state, and no label over another."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import pytest

from tests.builders import a_network, as_deployed
from tests.topology.pictures.reading import refers_elsewhere, titles, tree, words
from topology.compliance.drift import drift
from topology.compliance.finding import LIMIT, REACHABILITY, Finding
from topology.compliance.owners import Witnesses
from topology.kind import Severity, same_id
from topology.naming import HUB
from topology.network import Network
from topology.pictures.labels import Box, apart, lay_out
from topology.pictures.states import State, of_findings, of_network, of_plan, of_proof, of_rows
from topology.pictures.world import world
from topology.planning.actual import Actual
from topology.planning.at_once import rules_only
from topology.planning.destroy import plan_destroy
from topology.planning.planner import make_plan
from topology.regions import AZURE_REGIONS
from topology.verification.verdict import model_of, proof_of, prove


@pytest.fixture(scope="module")
def all_regions() -> Network:
    """Return a network of every region there is."""
    return a_network(*AZURE_REGIONS)


def test_every_region_is_on_the_map_once(all_regions: Network) -> None:
    """By its name, and with its addresses and spokes where one points at it."""
    picture = world(all_regions)

    assert [words(picture).count(name) for name in AZURE_REGIONS] == [1] * len(AZURE_REGIONS)
    for hub in all_regions.hubs:
        [told] = [text for text in titles(picture) if text.startswith(f"{hub.region}: ")]
        assert str(hub.block) in told
        assert all(str(spoke.prefix) in told for spoke in hub.spokes)


def test_a_map_needs_nothing_else() -> None:
    """No script, font or image comes from elsewhere."""
    assert refers_elsewhere(world(a_network()).svg) == []


def test_every_state_is_told_in_words_and_by_a_sign_too(all_regions: Network) -> None:
    """Who sees no colours reads the same."""
    states = dict(zip(AZURE_REGIONS, list(State) * 6, strict=False))
    picture = world(all_regions, states)

    assert len({item.sign for item in State}) == len(State)
    for state in State:
        count = list(states.values()).count(state)
        assert f"{state.word} {count}" in words(picture)
        assert all(
            any(text.startswith(f"{region}: {state.word};") for text in titles(picture))
            for region, found in states.items()
            if found is state
        )


def test_names_are_written_as_they_are() -> None:
    """Whatever a topology is called, the picture stays whole."""
    network = a_network()
    named = network.topology.model_copy(update={"topology": 'a<b>&"c"'})
    picture = world(Network(named, network.hubs))

    assert 'a<b>&"c"' in words(picture)
    assert (tree(picture).get("aria-label") or "").startswith('a<b>&"c"')


def test_a_map_tells_in_a_sentence_what_it_shows() -> None:
    """Those who do not see it have its regions and states by words."""
    picture = world(a_network(), {"eastus": State.FAILED, "westus": State.IN_PLACE}, "after it")

    assert picture.label == "sample, after it: failed: eastus; in place: westus"


def test_lines_say_what_becomes_of_a_link() -> None:
    """Of a region that was taken back, or not begun, nobody knows whether others reach it."""
    network = a_network("eastus", "westus", "westeurope")
    states = of_network(network)
    back, new = states | {"eastus": State.TAKEN_BACK}, states | {"eastus": State.NEW}

    assert "3 links of the mesh" in titles(world(network, states))
    assert {"1 link of the mesh", "2 links of the mesh, perhaps not there"} <= _told(network, back)
    assert {"1 link of the mesh", "2 links of the mesh, which are new"} <= _told(network, new)


def _told(network: Network, states: dict[str, State]) -> set[str]:
    return set(titles(world(network, states)))


def test_labels_lie_over_nothing(all_regions: Network) -> None:
    """Not over each other, and not over another's node."""
    nodes = apart({name: (14.0 * n, 9.0 * (n % 5)) for n, name in enumerate(AZURE_REGIONS)}, 17)
    boxes = [Box(x - 8, y - 8, 16, 16) for x, y in nodes.values()]
    found = lay_out(
        nodes, dict.fromkeys(nodes, (70.0, 13.0)), Box(-300, -300, 1500, 700), boxes, 11
    )

    labels = [label.box for label in found.values()]
    assert not any(one.overlaps(other) for one, other in combinations(labels, 2))
    assert not any(label.overlaps(box) for label in labels for box in boxes)
    assert len(found) == len(all_regions.hubs)


# -- states ------------------------------------------------------------------------------

WEB = ({"name": "web", "fqdns": ["*.example.com"]},)


def test_a_plan_makes_regions_new_changed_or_gone() -> None:
    """The one that comes is new, the one that leaves goes, the others are changed by both."""
    before = a_network("eastus", "westus")
    after = a_network("eastus", "northeurope")

    states = of_plan(after, make_plan(after, as_deployed(before)))

    assert states == {"eastus": State.CHANGED, "northeurope": State.NEW, "westus": State.GONE}


def test_a_first_plan_makes_all_new_and_an_empty_one_leaves_them_in_place() -> None:
    """Nothing stood before; nothing is to be done."""
    network = a_network()

    assert set(of_plan(network, make_plan(network, Actual())).values()) == {State.NEW}
    assert set(of_plan(network, make_plan(network, as_deployed(network))).values()) == {
        State.IN_PLACE
    }


def test_the_rows_of_a_run_say_what_came_of_each_region() -> None:
    """A region without a row is as it was, and one that should have gone and is done has gone."""
    rows = [
        {"region": "global", "state": "done"},
        {"region": "eastus", "state": "rolled back"},
        {"region": "westus", "state": "done"},
        {"region": "uksouth", "state": "done"},
        {"region": "ukwest", "state": "in part"},
    ]
    planned = {
        "eastus": State.NEW,
        "westus": State.CHANGED,
        "northeurope": State.IN_PLACE,
        "uksouth": State.GONE,
        "ukwest": State.GONE,
        "francecentral": State.NEW,
    }

    assert of_rows(planned, rows) == {
        "eastus": State.TAKEN_BACK,
        "westus": State.IN_PLACE,
        "northeurope": State.IN_PLACE,
        "uksouth": State.GONE,
        "ukwest": State.IN_PART,
        "francecentral": State.NOT_STARTED,
    }


def test_what_a_destroy_takes_away_goes_and_the_rest_stays_in_place() -> None:
    """All of it, or one region, from which others lose their routes."""
    network = a_network("eastus", "westus", "uksouth")
    actual = as_deployed(network)
    whole, one = (plan_destroy(network, region, actual) for region in (None, "westus"))
    done = [{"region": name, "state": "done"} for name in ("eastus", "westus", "uksouth")]

    assert set(of_plan(network, whole).values()) == {State.GONE}
    assert of_plan(network, one) == {
        "eastus": State.CHANGED,
        "westus": State.GONE,
        "uksouth": State.CHANGED,
    }
    assert of_rows(of_plan(network, one), done) == {
        "eastus": State.IN_PLACE,
        "westus": State.GONE,
        "uksouth": State.IN_PLACE,
    }


def test_a_plan_about_something_else_does_not_say_that_a_region_is_there() -> None:
    """Rules are changed while a region of the file still waits for its rollout."""
    before, after = a_network("eastus"), a_network("eastus", "westus", egress=WEB)

    assert of_plan(after, rules_only(make_plan(after, as_deployed(before)))) == {
        "eastus": State.IN_PLACE,
        "westus": State.MISSING,
    }


def test_findings_say_which_regions_have_drifted_and_which_are_not_as_intended() -> None:
    """A finding of reachability is about the regions of both networks that it names."""
    network = a_network("eastus", "westus", "northeurope", "uksouth")
    found = [_finding("drift", "uksouth", "hub"), _between(network, "eastus", "westus")]

    assert of_findings(network, found) == {
        "eastus": State.NOT_AS_MEANT,
        "westus": State.NOT_AS_MEANT,
        "northeurope": State.IN_PLACE,
        "uksouth": State.DRIFTED,
    }


@pytest.mark.parametrize(
    ("region", "name", "marked"),
    [
        ("eastus", "vnet-sample-prod-eastus from nonprod", {"eastus"}),
        ("eastus", "rcg/collection/a-rule", {"eastus"}),
        ("global", "rcg/collection/a-rule", {"eastus", "westus"}),
    ],
)
def test_a_finding_that_names_no_two_networks_marks_its_region_or_all(
    region: str, name: str, marked: set[str]
) -> None:
    """As of a denial that is lost, and of a rule that all firewalls follow; a limit marks none."""
    network = a_network("eastus", "westus")
    states = of_findings(network, [_finding("too-open", region, name)])

    assert {key for key, state in states.items() if state is State.NOT_AS_MEANT} == marked
    of_limit = of_findings(network, [_finding(LIMIT, region, name)])
    assert set(of_limit.values()) == {State.IN_PLACE}


def test_a_denial_that_is_lost_marks_its_region_on_the_map_of_a_proof() -> None:
    """As a proof finds it on what Azure holds."""
    network = a_network("eastus", "westus")
    actual = as_deployed(network)
    manager = same_id(network.names.manager_id)
    states = tuple(
        replace(state, configuration_ids=())
        if (state.region, state.commit_type) == ("westus", "SecurityAdmin")
        else state
        for state in actual.goal_states[manager]
    )
    lost = replace(actual, goal_states={**actual.goal_states, manager: states})
    verdict = prove(proof_of(network, model_of(network, lost)))

    assert {item.rule for item in verdict.findings} == {"denial"}
    assert of_proof(network, verdict.findings, lost) == {
        "eastus": State.IN_PLACE,
        "westus": State.NOT_AS_MEANT,
    }


def test_a_region_whose_hub_is_missing_has_not_drifted_it_is_not_there() -> None:
    """As a check finds before the first rollout: whatever else of it is missing too."""
    network = a_network("eastus", "westus")
    actual = as_deployed(network)
    hub = network.names.vnet_id("eastus", HUB)
    gone = {key: item for key, item in actual.resources.items() if same_id(hub) not in key}
    found = drift(network, replace(actual, resources=gone), Witnesses())

    assert of_findings(network, found)["eastus"] is State.MISSING
    assert of_findings(network, [_finding("drift", "eastus", "hub")])["eastus"] is State.DRIFTED


def test_what_azure_does_not_hold_is_not_shown_in_place() -> None:
    """Of a proof of what is wanted nobody knows."""
    whole, part = a_network("eastus", "westus", "uksouth"), a_network("eastus", "westus")
    found = [_between(whole, "westus", "westus")]

    assert of_proof(whole, found, as_deployed(part)) == {
        "eastus": State.IN_PLACE,
        "westus": State.NOT_AS_MEANT,
        "uksouth": State.MISSING,
    }
    assert set(of_proof(whole, (), None).values()) == {State.WANTED}


def _finding(rule: str, region: str, name: str) -> Finding:
    return Finding(rule, Severity.HIGH, region, "" if rule != "drift" else "hub", name, "", "", "")


def _between(network: Network, one: str, other: str) -> Finding:
    ends = [network.names.vnet_id(region, "prod").rsplit("/", 1)[-1] for region in (one, other)]
    return _finding(REACHABILITY, "global", " to ".join(ends))
