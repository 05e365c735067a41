"""What the topology means is proved, and whatever is spoilt breaks the proof or changes nothing."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from tests.builders import a_network, as_deployed
from tests.strategies import topologies
from tests.topology.examples import NAMES, example
from tests.topology.verification.spoils import Spoil, spoils
from topology.addressing import allocate, resolve
from topology.planning.actual import Actual
from topology.planning.planner import make_plan
from topology.spec import Topology
from topology.verification.finding import Finding
from topology.verification.foreseen import foresee
from topology.verification.intent import findings
from topology.verification.model import Model
from topology.verification.pairs import Answers, pairs
from topology.verification.plane import Plane
from topology.verification.proof import Proof
from topology.verification.rules import Traffic

GLOBOJAVA = example("globojava")
GOOD = as_deployed(GLOBOJAVA)
REFERENCE = Model.of(GOOD)
SPOILS = tuple(spoils(GOOD))


@pytest.mark.parametrize("name", NAMES)
def test_an_example_is_proved_before_anything_is_written(name: str) -> None:
    """Over what its first plan leads to."""
    network = example(name)
    plan = make_plan(network, Actual())
    state = foresee(Actual(), plan.steps, network.topology.topology)

    assert findings(Proof(network, Model.of(state))) == ()


@given(topologies())
@settings(max_examples=20, deadline=None)
def test_any_topology_is_proved_before_anything_is_written(topology: Topology) -> None:
    """Whatever its regions, spokes, environments and isolation."""
    network = resolve(topology, allocate(topology, None))
    plan = make_plan(network, Actual())
    state = foresee(Actual(), plan.steps, topology.topology)

    assert findings(Proof(network, Model.of(state))) == ()


@pytest.mark.parametrize("spoil", SPOILS, ids=str)
def test_whatever_is_spoilt_is_named_or_without_effect(spoil: Spoil) -> None:
    """Every route, peering, rule, member, firewall and commit of GloboJava in turn."""
    model = Model.of(spoil.apply(GOOD))
    found = findings(Proof(GLOBOJAVA, model, REFERENCE))

    if found:
        assert any(_names(finding, spoil) for finding in found), found[0]
    else:
        assert _who_reaches_whom(model) == _who_reaches_whom(REFERENCE)


PEERED = a_network("eastus", "polandcentral", "westus", interconnect="peering")
BETWEEN_HUBS = tuple(
    spoil
    for spoil in spoils(as_deployed(PEERED))
    if "/virtualnetworkpeerings/" in spoil.id.lower() and "hub-to-" not in spoil.id
)


@pytest.mark.parametrize("spoil", BETWEEN_HUBS, ids=str)
def test_whatever_is_spoilt_between_peered_hubs_is_named_or_without_effect(spoil: Spoil) -> None:
    """Every peering of theirs in turn, and each of its flags."""
    good = as_deployed(PEERED)
    model, reference = Model.of(spoil.apply(good)), Model.of(good)
    found = findings(Proof(PEERED, model, reference))

    if found:
        assert any(_names(finding, spoil) for finding in found), found[0]
    else:
        assert _who_reaches_whom(model) == _who_reaches_whom(reference)


def _names(finding: Finding, spoil: Spoil) -> bool:
    told = f"{finding.text} {finding.by} {finding.planned}".lower()
    return any(word.lower() in told for word in _words(spoil))


def _words(spoil: Spoil) -> list[str]:
    """Return what may stand for a thing: its name, or what it is in a mesh or a group for."""
    kind, name = spoil.id.split("/")[-2:]
    if kind == "commits":
        return {"Connectivity": ["mesh-g1"], "Routing": ["routing-g1"]}[name.split("-")[0]]
    if kind == "staticMembers":
        group = spoil.id.split("/")[-3]
        return ["mesh-g1"] if group == "hubs" else [group]
    if kind == "virtualNetworkPeerings":  # a peering has two sides, and needs both
        prefix, _, ends = name.partition("-")[2].partition("-")
        other = "-to-".join(reversed(ends.split("-to-")))
        return [name, f"peer-{prefix}-{other}"]
    if name == "AzureFirewallSubnet":
        return [f"rt-globojava-afw-{spoil.id.split('/')[-3].rpartition('-')[2]}"]
    return [name]


def _who_reaches_whom(model: Model) -> set[tuple[str, str, tuple[str, ...]]]:
    plane = Plane.of(model)
    found = set()
    for block in pairs(Answers.of(plane, model), Traffic()).works:
        for sender, network in model.fabric.networks.items():
            if block.senders & plane.of_network(network):
                found.add((sender, block.network, block.way))
    return found
