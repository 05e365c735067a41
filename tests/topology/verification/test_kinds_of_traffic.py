"""Kinds of traffic are few, and whatever is sent is of one of them."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import a_network
from tests.topology.verification.written import written
from topology.verification.kinds_of_traffic import kinds_of_traffic
from topology.verification.model import Model
from topology.verification.pairs import Answers, pairs
from topology.verification.plane import Plane
from topology.verification.rules import PROTOCOLS, Traffic
from topology.verification.verdict import as_wanted, model_of

_TO_FIREWALL = {"0.0.0.0/0": "10.0.0.4"}
_SPOKE = {"routes": _TO_FIREWALL, "rules": ["deny in tcp 22-25 from * port 1-1023 to *"]}
MANY_RULES = {
    "networks": {
        "hub": {
            "space": "10.0.0.0/16",
            "subnets": {"AzureFirewallSubnet": "10.0.0.0/26"},
            "firewall": "10.0.0.4",
        },
        "a": {"space": "10.1.0.0/16", "subnets": {"web": {"prefix": "10.1.1.0/24", **_SPOKE}}},
        "b": {"space": "10.2.0.0/16", "subnets": {"web": {"prefix": "10.2.1.0/24", **_SPOKE}}},
    },
    "peerings": ["hub - a", "hub - b"],
    "admin": [
        {
            "on": ["b"],
            "regions": ["eastus"],
            "rules": ["always in udp * from * port 53 to *", "deny in udp 53 from * to *"],
        }
    ],
    "policies": {
        "default": {
            "rules": [
                "deny tcp 8080 from * to 10.2.0.0/16",
                "allow any 1000-2000 from * to *",
                "allow name www.example.com from 10.1.0.0/16",
                "deny name *.example.com from *",
                "allow name *.com from 10.2.0.0/16",
            ]
        }
    },
}
_NAMES = ("", "www.example.com", "WWW.example.com", "a.example.com", "example.com", "b.org")
_PORTS = (0, 22, 53, 443, 1000, 8080, 65535)


@given(
    st.builds(
        Traffic,
        protocol=st.sampled_from(PROTOCOLS),
        port=st.sampled_from(_PORTS),
        name=st.sampled_from(_NAMES),
        source_port=st.sampled_from((53, 1023, 1024, 60000)),
    )
)
@settings(max_examples=150, deadline=None)
def test_whatever_is_sent_goes_the_ways_of_one_kind(traffic: Traffic) -> None:
    """By names, ports at either end and protocols."""
    assert _ways(traffic) in {_ways(kind) for kind in _kinds()}


@cache
def _many_rules() -> Answers:
    model = Model.of(written(MANY_RULES))
    return Answers(Plane.of(model), model)


@cache
def _kinds() -> tuple[Traffic, ...]:
    return tuple(kinds_of_traffic(_many_rules().model))


@cache
def _ways(traffic: Traffic) -> frozenset[object]:
    found = pairs(_many_rules(), traffic)
    return frozenset(
        (block.senders, block.targets, block.legs, block.end, block.network)
        for block in (*found.works, *found.astray, *found.heard, *found.unheard, *found.others)
    )


def test_kinds_before_subnets_are_among_those_that_firewalls_tell_apart_too() -> None:
    """So what firewalls have no say in is asked of the first alone."""
    whole = _many_rules().model
    without_firewalls = set(kinds_of_traffic(replace(whole, policies={})))

    assert without_firewalls
    assert without_firewalls < set(_kinds())


def test_names_that_are_open_to_the_same_are_one_kind() -> None:
    """However many there are, and in however many rules."""
    many = [
        {"name": f"r{number}", "fqdns": [f"{name}{number}.example.com" for name in "abcdef"]}
        for number in range(10)
    ]
    network = a_network(
        egress=[*many, {"name": "prod", "fqdns": ["*.org"], "environments": ["prod"]}]
    )
    named = {kind.name for kind in kinds_of_traffic(model_of(network, as_wanted(network)))}

    assert named == {"", "a0.example.com", "any.org"}


def test_a_pattern_stands_for_names_that_no_other_pattern_has() -> None:
    """Where a rule for one name goes before that for all of its kind."""
    rules = [
        "allow name any.example.com from 10.1.0.0/16",
        "deny name *.example.com from *",
        "allow name * from *",
    ]
    case = {**MANY_RULES, "policies": {"default": {"rules": rules}}}
    named = {kind.name for kind in kinds_of_traffic(Model.of(written(case)))}

    assert named == {"", "any.example.com", "any1.example.com"}


def test_a_port_that_askers_send_from_is_told_where_it_is_not_just_any() -> None:
    """In words."""
    assert str(Traffic("udp", 123, source_port=53)) == "udp 123 from port 53"
    assert str(Traffic("tcp", 443, "a.org")) == "tcp 443 to a.org"
