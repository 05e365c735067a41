"""Who gains whom and who loses whom, from one state to the next."""

from __future__ import annotations

from typing import Any

import pytest

from tests.builders import a_network, as_deployed
from tests.topology.verification.written import written
from topology.addressing import allocate
from topology.network import Network
from topology.verification.consequences import Difference, differences
from topology.verification.model import Model

TWO = a_network("eastus", "westus")


def _model(network: Network) -> Model:
    return Model.of(as_deployed(network))


def _told(found: tuple[Difference, ...]) -> set[str]:
    return {
        f"{'+' if item.gained else '-'} {' '.join(item.senders)} > {' '.join(item.targets)}"
        for item in found
    }


def _two(**fields: Any) -> Network:
    return a_network("eastus", "westus", lock=allocate(TWO.topology), **fields)


def _all_of(environment: str) -> str:
    return f"vnet-sample-{environment}-eastus vnet-sample-{environment}-westus"


def test_nothing_changes_between_equal_states() -> None:
    """Though they are two models."""
    assert differences(_model(TWO), _model(_two())) == ()


def test_strict_isolation_takes_nonprod_from_prod() -> None:
    """And gives nobody anything."""
    found = differences(_model(TWO), _model(_two(isolation="strict")))

    assert _told(found) == {
        f"- {_all_of('prod')} > {_all_of('nonprod')}",
    }


def test_a_new_region_is_gained_by_all_that_may_reach_it() -> None:
    """And nobody loses anything."""
    three = a_network("eastus", "westus", "northeurope", lock=allocate(TWO.topology))

    found = differences(_model(TWO), _model(three))

    assert not [item for item in found if not item.gained]
    new = {name for item in found for name in (*item.senders, *item.targets)}
    assert new == {
        f"vnet-sample-{environment}-{region}"
        for environment in ("prod", "nonprod")
        for region in ("eastus", "westus", "northeurope")
    }


def test_a_rule_that_is_missing_loses_what_it_let_through() -> None:
    """Between environments, for every kind of traffic at once."""
    none = _two(isolation="none")

    found = differences(_model(none), _model(TWO))

    assert _told(found) == {
        f"- {_all_of('nonprod')} > {_all_of('prod')}",
    }


def _traffic(before: list[str], after: list[str]) -> dict[bool, str]:
    """Return by which traffic `a` gains and loses `b`, whose rules are changed."""

    def model(rules: list[str]) -> Model:
        web = {"prefix": "10.1.1.0/24", "rules": rules}
        a = {"space": "10.0.0.0/16", "subnets": {"asks": "10.0.1.0/24"}}
        b = {"space": "10.1.0.0/16", "subnets": {"web": web}}
        return Model.of(written({"networks": {"a": a, "b": b}, "peerings": ["a - b"]}))

    found = differences(model(before), model(after))
    return {item.gained: item.traffic for item in found if "a" in item.senders}


NOTHING = "deny in any * from * to *"
HTTPS, SSH, DNS, TCP, ALL = (
    f"allow in {what} from * to *" for what in ("tcp 443", "tcp 22", "udp 53", "tcp *", "any *")
)


@pytest.mark.parametrize(
    ("before", "after", "gained"),
    [
        ([NOTHING], [ALL], "all traffic"),
        ([HTTPS, NOTHING], [ALL], "all traffic but tcp 443"),
        ([NOTHING], [HTTPS, NOTHING], "tcp 443"),
        ([NOTHING], [TCP, NOTHING], "tcp"),
        ([HTTPS, NOTHING], [TCP, NOTHING], "tcp 0-442, tcp 444-65535"),
        ([HTTPS, NOTHING], [HTTPS, SSH, DNS, NOTHING], "tcp 22, udp 53"),
        ([NOTHING], [HTTPS, SSH, DNS, NOTHING], "tcp 22 and 2 more kinds"),
        (
            [HTTPS.replace("443", "443-444"), NOTHING],
            [HTTPS.replace("443", "443-446"), NOTHING],
            "tcp 445-446",
        ),
    ],
)
def test_a_change_tells_by_which_traffic_it_is(
    before: list[str], after: list[str], gained: str
) -> None:
    """One kind is not told for all, nor all by one of them; what is lost is told the same."""
    assert _traffic(before, after) == {True: gained}
    assert _traffic(after, before) == {False: gained}


def _internet(found: tuple[Difference, ...]) -> set[str]:
    return {
        f"{'+' if item.gained else '-'} {' '.join(item.senders)}: {item.told}"
        for item in found
        if item.targets == ("the internet",)
    }


def _opened(*names: str, environments: tuple[str, ...] = ("prod",)) -> Network:
    rule = {"name": "registry", "fqdns": list(names), "environments": list(environments)}
    return _two(egress=[rule])


def test_every_name_of_the_internet_that_is_opened_is_told() -> None:
    """As the file writes it, also where rules treat several alike; by whom they are opened to."""
    names = "pastebin.com", "transfer.sh", "*.ngrok.io"
    found = differences(_model(TWO), _model(_opened(*names)))

    assert [item.names for item in found] == [tuple(sorted(names))]
    assert _internet(found) == {
        f"+ {_all_of('prod')}: tcp 443 to *.ngrok.io, pastebin.com, transfer.sh"
    }


def test_of_many_names_the_first_few_are_told_and_all_are_there() -> None:
    """For programs; people read how many more there are."""
    names = [f"{letter}.example.com" for letter in "abcdefgh"]
    (found,) = differences(_model(TWO), _model(_opened(*names)))

    assert found.names == tuple(names)
    assert found.told == f"tcp 443 to {', '.join(names[:6])} and 2 more names"


def test_names_that_two_rules_open_to_the_same_are_told_together() -> None:
    """And those of others apart: each with whom it is opened to."""
    whose = {"one": "prod", "two": "prod", "three": "nonprod"}
    egress = [
        {"name": name, "fqdns": [f"{name}.example.com"], "environments": [environment]}
        for name, environment in whose.items()
    ]
    found = differences(_model(TWO), _model(_two(egress=egress)))

    assert _internet(found) == {
        f"+ {_all_of('prod')}: tcp 443 to one.example.com, two.example.com",
        f"+ {_all_of('nonprod')}: tcp 443 to three.example.com",
    }


def test_one_name_more_is_gained_alone_and_one_less_lost() -> None:
    """Beside others of the same rule, which stay."""
    old = _opened("a.example.com", "b.example.com")
    found = differences(_model(old), _model(_opened("b.example.com", "c.example.com")))

    assert _internet(found) == {
        f"+ {_all_of('prod')}: tcp 443 to c.example.com",
        f"- {_all_of('prod')}: tcp 443 to a.example.com",
    }


def test_every_name_of_the_internet_is_gained_without_a_name() -> None:
    """Who may call all may call any."""
    found = differences(_model(TWO), _model(_opened("*", environments=("nonprod",))))

    assert f"+ {_all_of('nonprod')}: tcp 443" in _internet(found)
