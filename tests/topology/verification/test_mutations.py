"""Whatever is spoilt in a network breaks the proof, which names it, or is without effect."""

from __future__ import annotations

import os
from random import Random

import pytest

from tests.builders import a_network, as_deployed
from tests.topology.examples import example
from tests.topology.verification.spoils import WITHOUT_EFFECT, Spoil, spoils
from topology.kind import fits
from topology.network import Network
from topology.verification.finding import Finding
from topology.verification.intent import findings, not_ready
from topology.verification.kinds_of_traffic import kinds_of_traffic
from topology.verification.model import Model
from topology.verification.pairs import Answers, pairs
from topology.verification.plane import Plane
from topology.verification.proof import Proof
from topology.verification.rules import Traffic
from topology.verification.walk import End

# A sample in every run; `make soak` spoils everything.
_SAMPLE = 80

GLOBOJAVA = example("globojava")
GOOD = as_deployed(GLOBOJAVA)
PEERED = a_network("eastus", "polandcentral", "westus", interconnect="peering")
PEERED_GOOD = as_deployed(PEERED)


def _some(found: list[Spoil]) -> list[Spoil]:
    if "ORRERY_EXAMPLES" in os.environ or len(found) < _SAMPLE:
        return found
    return Random(5).sample(found, _SAMPLE)  # noqa: S311  the same in every run


@pytest.mark.parametrize("spoil", _some(list(spoils(GOOD))), ids=str)
def test_whatever_is_spoilt_is_named_or_without_effect(spoil: Spoil) -> None:
    """Every route, peering, rule, member, firewall and commit of GloboJava in turn."""
    _is_named_or_without_effect(GLOBOJAVA, Model.of(spoil.apply(GOOD)), Model.of(GOOD), spoil)


BETWEEN_HUBS = [
    spoil
    for spoil in spoils(PEERED_GOOD)
    if "/virtualnetworkpeerings/" in spoil.id.lower() and "hub-to-" not in spoil.id
]


@pytest.mark.parametrize("spoil", BETWEEN_HUBS, ids=str)
def test_whatever_is_spoilt_between_peered_hubs_is_named_or_without_effect(spoil: Spoil) -> None:
    """Every peering of theirs in turn, and each of its flags."""
    model, reference = Model.of(spoil.apply(PEERED_GOOD)), Model.of(PEERED_GOOD)
    _is_named_or_without_effect(PEERED, model, reference, spoil)


def _is_named_or_without_effect(
    network: Network, model: Model, reference: Model, spoil: Spoil
) -> None:
    proof = Proof(network, model, reference)
    found = [*findings(proof), *not_ready(proof)]
    if found:
        assert any(_names(finding, spoil) for finding in found), found[0]
    else:
        assert _reason(spoil)
        for traffic in {*kinds_of_traffic(model), *kinds_of_traffic(reference)}:
            assert _who_reaches_whom(model, traffic) == _who_reaches_whom(reference, traffic)


def _reason(spoil: Spoil) -> str:
    """Return why a spoil has no effect, "" where nothing says so."""
    reasons = (why for pattern, why in WITHOUT_EFFECT.items() if fits(pattern, str(spoil)))
    return next(reasons, "")


def test_no_reason_is_there_for_nothing() -> None:
    """Each is about something that may be spoilt."""
    told = [str(spoil) for spoil in spoils(GOOD)]

    assert [
        pattern for pattern in WITHOUT_EFFECT if not any(fits(pattern, text) for text in told)
    ] == []


def _names(finding: Finding, spoil: Spoil) -> bool:
    told = f"{finding.text} {finding.by} {finding.planned}".lower()
    of_region = _region(spoil) in told
    return of_region and any(word.lower() in told for word in _words(spoil))


def _region(spoil: Spoil) -> str:
    """Return the region of a commit, "" of all else: that has it in its name, or belongs to all."""
    kind, name = spoil.id.split("/")[-2:]
    return name.partition("-")[2] if kind == "commits" else ""


def _words(spoil: Spoil) -> list[str]:
    """Return what may stand for a thing: its name, or what it is in a mesh or a group for."""
    kind, name = spoil.id.split("/")[-2:]
    if kind == "commits":
        made = {"Connectivity": "mesh-g1", "SecurityAdmin": "security-g1", "Routing": "routing-g1"}
        return [made[name.split("-")[0]]]
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


def _who_reaches_whom(model: Model, traffic: Traffic) -> set[tuple[str, str, tuple[str, ...]]]:
    plane = Plane.of(model)
    found, everything = set(), pairs(Answers(plane, model), traffic)
    for block in (*everything.works, *everything.heard):
        for sender, network in model.fabric.networks.items():
            is_out = block.end is End.INTERNET
            hosts = block.targets & plane.workloads  # firewalls are nobody's aim
            if block.senders & plane.of_network(network) and (is_out or hosts):
                found.add((sender, block.network, block.way))
    return found
