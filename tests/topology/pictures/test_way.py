"""A question's way, drawn: whom it passes, each step with what decided it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.builders import a_network
from tests.topology.pictures.reading import refers_elsewhere, tree, words
from tests.topology.verification.written import written
from topology.pictures.svg import Picture, width_of
from topology.pictures.way import way
from topology.verification.question import put, told
from topology.verification.rules import Traffic
from topology.verification.verdict import as_wanted, model_of

EGRESS = [{"name": "registry", "fqdns": ["registry.example.com"]}]
NETWORK = a_network("eastus", "westus", egress=EGRESS)
MODEL = model_of(NETWORK, as_wanted(NETWORK))


def _way(source: str, target: str, name: str = "") -> tuple[Picture, list[str]]:
    picture = way(MODEL, put(NETWORK, MODEL, source, target, Traffic("tcp", 443, name)))
    return picture, words(picture)


def _nodes(picture: Picture) -> list[str]:
    """Return the titles of boxes, as they are passed."""
    groups = tree(picture).iter("{http://www.w3.org/2000/svg}g")
    return [
        str(group[0].text)
        for group in groups
        if len(group) > 2 and "box" in str(group[1].get("class"))
    ]


def test_a_way_goes_by_the_firewalls_of_both_hubs_and_back() -> None:
    """There above, back below."""
    picture, _ = _way("eastus/prod", "westus/nonprod")

    there = [
        "vnet-sample-prod-eastus, snet-sample-workload, eastus",
        "afw-sample-eastus, firewall, eastus",
        "afw-sample-westus, firewall, westus",
        "vnet-sample-nonprod-westus, snet-sample-workload, westus",
    ]
    assert _nodes(picture) == [*there, *reversed(there)]
    assert "works, both ways, by afw-sample-eastus, afw-sample-westus" in picture.label
    assert refers_elsewhere(picture.svg) == []


def test_what_the_answer_stands_on_and_was_not_read_is_written_below_the_steps() -> None:
    """The mark of an answer that may be another is no green one."""
    asked = put(NETWORK, MODEL, "eastus/prod", "westus/nonprod", Traffic())
    unsure = way(MODEL, replace(asked, unread=("whom this rule is about",)))
    [stands_on] = asked.stands_on

    for picture in (way(MODEL, asked), unsure):
        assert " ".join(words(picture)).count(stands_on) == 1
        assert picture.label.count(stands_on) == 1
        assert picture.height > int(
            tree(picture).findall(".//{*}text")[-1].get("y", "0").split(".")[0]
        )
    assert words(unsure)[-1] == "not read: whom this rule is about"
    assert 'class="amber" r="8"' in unsure.svg
    assert 'class="green" r="8"' in way(MODEL, asked).svg


def test_every_step_is_told_with_the_rule_or_route_that_decided() -> None:
    """As the command prints them, each with the number that it has in the drawing."""
    asked = put(NETWORK, MODEL, "eastus/prod", "westus/nonprod", Traffic())
    answer = told(MODEL, asked)
    written = words(way(MODEL, asked))
    steps = [*answer.there, *answer.back]

    assert {str(number) for number in range(1, len(steps) + 1)} == {
        text for text in written if text.isdigit()
    }
    for line in steps:
        decided = line[line.rindex("(") + 1 : -1]
        assert any(text in decided for text in written if len(text) > 12), decided


@pytest.mark.parametrize(
    ("source", "target", "ends"),
    [
        ("eastus/nonprod", "westus/prod", "rules/deny-to-prod"),
        ("eastus/prod", "8.8.8.8", "no rule of afw-sample-eastus"),
    ],
)
def test_a_way_that_is_lost_ends_where_it_was_decided(source: str, target: str, ends: str) -> None:
    """There is no way back, and the last step says why."""
    picture, written = _way(source, target)

    assert "Back" not in written
    assert written[-1].endswith(ends)
    assert "does not work" in written
    assert '"red"' in picture.svg


def test_who_is_not_let_in_is_drawn_at_the_subnet_whose_rules_refuse_it() -> None:
    """The peering leads there, and the number of the last step is in the target's box."""
    subnets = {"web": {"prefix": "10.2.1.0/24", "rules": ["deny in any * from * to *"]}}
    asks = {"space": "10.1.0.0/16", "subnets": {"asks": "10.1.1.0/24"}}
    networks = {"a": asks, "b": {"space": "10.2.0.0/16", "subnets": subnets}}
    model = model_of(NETWORK, written({"networks": networks, "peerings": ["a - b"]}))
    asked = put(NETWORK, model, "10.1.1.4", "10.2.1.4", Traffic())
    picture = way(model, asked)
    boxes = [item for item in tree(picture).findall(".//{*}g") if len(item) > 2]
    badges = [item.get("class") for item in boxes[-1].findall(".//{*}circle")]

    assert _nodes(picture) == ["a, asks, eastus", "b, web, eastus"]
    assert [step.does for step in asked.answer.steps] == ["goes to b/web by peering", "not let in"]
    assert badges == ["red"]


def test_a_way_to_the_internet_comes_back_from_its_firewall() -> None:
    """The firewall's address is what the internet has seen."""
    picture, _ = _way("eastus/prod", "8.8.8.8", "registry.example.com")
    prod, firewall = "vnet-sample-prod-eastus", "afw-sample-eastus"

    assert [node.partition(",")[0] for node in _nodes(picture)] == [
        prod,
        firewall,
        "the internet",
        firewall,
        prod,
    ]


def test_what_is_written_in_a_box_stays_in_it() -> None:
    """However long names are; one that is cut is whole where one points at it."""
    name = "quite-a-long-name"
    network = a_network("switzerlandnorth", "germanywestcentral", topology=name)
    model = model_of(network, as_wanted(network))
    ends = ("switzerlandnorth/nonprod", "germanywestcentral/nonprod")
    picture = way(model, put(network, model, *ends, Traffic()))

    boxes = 0
    for group in tree(picture).iter("{http://www.w3.org/2000/svg}g"):
        if len(group) > 2 and group[1].get("class") == "box":
            boxes += 1
            room = float(str(group[1].get("width"))) - 20
            written = [str(item.text) for item in group if item.tag.endswith("text")]
            assert all(width_of(line, 11) <= room for line in written), written
    assert boxes == 8
    assert any(
        node.startswith(f"vnet-{name}-nonprod-switzerlandnorth,") for node in _nodes(picture)
    )
