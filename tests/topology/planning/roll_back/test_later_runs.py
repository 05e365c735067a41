"""A run is taken back after others: what they wrote stays, and what cannot be is told."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest

from tests.builders import a_network, as_deployed
from topology.addressing import allocate
from topology.kind import at, same_id
from topology.network import Network
from topology.planning import late
from topology.planning.actual import Actual
from topology.planning.explain import title
from topology.planning.plan import Plan, Step
from topology.planning.planner import make_plan
from topology.planning.roll_back.later_runs import built_on, done_by_then
from topology.planning.roll_back.planner import plan_roll_back
from topology.verification.foreseen import foresee
from topology.verification.known import everything
from topology.verification.moments import on_the_way
from topology.verification.proof import Proof
from topology.verification.verdict import model_of

Keys = dict[str, Any]


def _regions(*names: str, **more: Any) -> Keys:
    return {"regions": {name: {} for name in names}, **more}


def _names(end: str) -> Keys:
    return {"egress": [{"name": "updates", "fqdns": [f"updates.example.{end}"]}]}


def _networks(*topologies: Keys) -> list[Network]:
    """Return networks of one topology as it was edited, with the addresses of the first."""
    found, lock = list[Network](), None
    for keys in topologies:
        network = a_network(lock=lock, **keys)
        lock = allocate(network.topology, lock)
        found.append(network)
    return found


def _run(network: Network, actual: Actual) -> tuple[Plan, Actual]:
    plan = make_plan(network, actual)
    return plan, _assigned(network, foresee(actual, plan.steps, plan.topology))


def _assigned(network: Network, actual: Actual) -> Actual:
    """Return a state in which Azure has given firewalls their addresses, which routes name."""
    found = dict(actual.resources)
    for hub in network.hubs:
        key = same_id(network.names.firewall_id(hub.region))
        body = deepcopy(dict(found[key].body))
        at(body, "properties.ipConfigurations.0.properties")["privateIPAddress"] = str(
            hub.firewall_prefix[4]
        )
        found[key] = replace(found[key], body=body)
    known = late.known(Actual(found))
    filled = {key: replace(item, body=late.fill(item.body, known)) for key, item in found.items()}
    return replace(actual, resources=filled)


def _not_so(network: Network, actual: Actual) -> list[str]:
    return [finding.text for finding in everything(Proof(network, model_of(network, actual)))]


_MORE: Keys = {"prod": {}, "nonprod": {}, "web": {"environment": "prod"}}
_E, _W, _N = "eastus", "westus", "northeurope"

# What stood; what the run made of it; what a later run made of that; what is there when the
# first is taken back.
_KEPT: dict[str, tuple[Keys, Keys, Keys, Keys]] = {
    "a region came, then another": (
        _regions(_E),
        _regions(_E, _W),
        _regions(_E, _W, _N),
        _regions(_E, _N),
    ),
    "a region came, then other rules": (
        _regions(_E),
        _regions(_E, _W),
        _regions(_E, _W, isolation="strict"),
        _regions(_E, isolation="strict"),
    ),
    "a region came, then one by peerings": (
        _regions(_E, interconnect="peering"),
        _regions(_E, _W, interconnect="peering"),
        _regions(_E, _W, _N, interconnect="peering"),
        _regions(_E, _N, interconnect="peering"),
    ),
    "a region went, then others got a spoke": (
        _regions(_E, _W),
        _regions(_E),
        {"regions": {_E: {"spokes": _MORE}}},
        {"regions": {_E: {"spokes": _MORE}, _W: {}}},
    ),
    "other rules, then others again": (
        _regions(_E, _W),
        _regions(_E, _W, isolation="strict"),
        _regions(_E, _W, isolation="none"),
        _regions(_E, _W, isolation="none"),
    ),
    "other names, then others again": (
        _regions(_E, _W, **_names("org")),
        _regions(_E, _W, **_names("net")),
        _regions(_E, _W, **_names("com")),
        _regions(_E, _W, **_names("com")),
    ),
}


@pytest.mark.parametrize("case", _KEPT.values(), ids=[*_KEPT])
def test_what_a_later_run_made_is_as_it_means_it(case: tuple[Keys, Keys, Keys, Keys]) -> None:
    """What both have written is left and told; on the way nothing is open, either."""
    before, run, later, kept = _networks(*case)
    plan, actual = _run(run, as_deployed(before))
    after, actual = _run(later, actual)
    assert after.work

    back = plan_roll_back(plan, None, actual)
    now = foresee(actual, back.steps, plan.topology)

    assert back.held != ()
    assert _not_so(kept, now) == []
    assert [str(it) for it in on_the_way(kept, back, actual).moments if it.is_unsafe] == []
    assert built_on([plan], None, actual, {"later": after}) is None


def test_a_region_is_said_not_to_be_joined_to_one_that_came_since() -> None:
    """It has the routes that it had; the other knows nothing of it."""
    before, run, later = _networks(_regions(_E, _W), _regions(_E), _regions(_E, _N))
    plan, actual = _run(run, as_deployed(before))
    _, actual = _run(later, actual)

    told = [f"{title(step)}: {step.reason}" for step in plan_roll_back(plan, None, actual).held]

    assert (
        "westus: leave route table rt-sample-afw-westus: it is joined to northeurope, new since, "
        "by the next rollout"
    ) in told


def test_a_later_run_that_builds_on_a_run_goes_first() -> None:
    """The region that it made follows the policy, and stands in the manager, of the first."""
    first, second = _networks(_regions(_E), _regions(_E, _W))
    plan, actual = _run(first, Actual())
    later, actual = _run(second, actual)

    refused = built_on([plan], None, actual, {"2": later})

    assert refused is not None
    assert refused.startswith("later runs have built on this one (")
    assert "static-member vnet-sample-hub-westus needs network-group hubs" in refused
    assert refused.endswith(
        "nothing was done. Take run 2 back first, or change the topology and roll out"
    )
    assert built_on([plan], _E, actual, {"2": later}) is None


def test_what_a_killed_run_did_is_what_the_next_one_found() -> None:
    """It has saved all that it was to do; the next did the rest."""
    network = a_network(_E, _W)
    killed = make_plan(network, Actual())
    done = killed.steps[: len(killed.steps) // 2]
    later, actual = _run(network, foresee(Actual(), done, killed.topology))

    [did] = done_by_then([killed], {"2": later})

    assert {_id(step) for step in did.work if "#" not in _id(step)} == {*map(_id, done)}
    refused = built_on([did], None, actual, {"2": later})
    assert refused is not None
    assert "Take run 2 back first" in refused


def test_a_run_is_taken_back_after_the_later_one_was() -> None:
    """Then what it did stands as it left it, whatever the later one had made of it."""
    first, second, third = _networks(_regions(_E), _regions(_E, _W), _regions(_E, _W, _N))
    start = as_deployed(first)
    plan, one = _run(second, start)
    later, two = _run(third, one)
    again = foresee(two, plan_roll_back(later, None, two).steps, plan.topology)

    [did] = done_by_then([plan], {"2": later})
    back = plan_roll_back(did, None, again)

    assert did == plan
    assert back.held == ()
    assert make_plan(first, foresee(again, back.steps, plan.topology)).work == ()


def _id(step: Step) -> str:
    return same_id(step.resource.id)
