"""Faults as people write them: what is refused, with which words."""

from pathlib import Path
from typing import Any

import pytest

from simulator.fault import Fault
from simulator.fault_input import FaultInputError, known_types, load_faults, read_faults
from simulator.providers import PROVIDERS

TYPES = known_types(PROVIDERS)
NETWORKS = "Microsoft.Network/virtualNetworks"


@pytest.mark.parametrize(
    "given",
    [
        {"type": NETWORKS},
        [{"type": NETWORKS}],
        {"faults": [{"type": NETWORKS}]},
    ],
)
def test_one_fault_and_a_list_of_faults_are_read(given: Any) -> None:
    """With or without the word `faults` above them."""
    assert read_faults(given, TYPES) == [Fault(type=NETWORKS)]


def test_regions_may_be_written_as_people_say_them() -> None:
    """As in Azure's own input."""
    assert read_faults({"region": "West Europe"}, TYPES)[0].region == "westeurope"


@pytest.mark.parametrize(
    "name",
    [
        "Microsoft.Resources/resourceGroups",
        "microsoft.network/VIRTUALNETWORKS/subnets",
        "Microsoft.Network/networkManagers/commit",
        "Microsoft.Network/networkManagers/commits",
        "operations",
    ],
)
def test_types_actions_deployments_and_polls_can_be_named(name: str) -> None:
    """In any case."""
    assert read_faults({"type": name}, TYPES)[0].type == name


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"typ": "x"}, 'faults[0].typ: is not a field of a fault; did you mean "type"?'),
        (
            {"type": "Microsoft.Network/virtualNetwork"},
            (
                'faults[0].type: no type "Microsoft.Network/virtualNetwork" is simulated; '
                f'did you mean "{NETWORKS}"?'
            ),
        ),
        (
            {"region": "westeurop"},
            'faults[0].region: there is no region "westeurop"; did you mean "westeurope"?',
        ),
        (
            {"status": 200},
            "faults[0].status: Input should be greater than or equal to 400; it is 200",
        ),
        ({"times": 0}, "faults[0].times: Input should be greater than or equal to 1; it is 0"),
        (
            {"probability": 1.5},
            "faults[0].probability: Input should be less than or equal to 1; it is 1.5",
        ),
        (
            {"drop": "during"},
            "faults[0].drop: Input should be 'before' or 'after'; it is 'during'",
        ),
        (
            {"latency": float("inf")},
            "faults[0].latency: Input should be a finite number; it is inf",
        ),
        ({"outage": True}, "faults[0]: outage needs a region"),
        ({"after": 9, "until": 9}, "faults[0]: until must be later than after"),
        (
            {"drop": "after", "hang": "after"},
            "faults[0]: drop and hang cannot go together: give two faults",
        ),
        (
            {"drop": "after", "code": "X"},
            "faults[0]: code describes an error, and drop is none",
        ),
        (
            {"throttle": 5, "times": 2},
            "faults[0]: a throttle that is a number lasts: use until in place of times",
        ),
        ("nonsense", "faults: must be a fault or a list of faults"),
    ],
)
def test_what_makes_no_sense_is_refused_with_the_place(given: Any, told: str) -> None:
    """And with the way out where there is one."""
    with pytest.raises(FaultInputError) as caught:
        read_faults(given, TYPES)
    assert str(caught.value) == told


def test_all_problems_are_told_at_once() -> None:
    """Nobody likes to be corrected one word at a time."""
    with pytest.raises(FaultInputError) as caught:
        read_faults([{"status": 1, "times": -1}, {"region": "nowhere"}], TYPES)
    assert [item.place for item in caught.value.problems] == [
        "faults[0].times",
        "faults[0].status",
        "faults[1].region",
    ]


def test_problems_of_a_file_name_their_lines(tmp_path: Path) -> None:
    """An editor can jump there."""
    file = tmp_path / "faults.yaml"
    file.write_text("- status: 503\n\n- region: westeurope\n  outige: true\n")
    with pytest.raises(FaultInputError) as caught:
        load_faults(file, TYPES)
    told = 'faults[1].outige: is not a field of a fault; did you mean "outage"?'
    assert str(caught.value) == f"{file}:4: {told}"


@pytest.mark.parametrize(
    ("text", "told"), [(None, "No such file or directory"), ("a: [", "is not YAML: ")]
)
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, text: str | None, told: str) -> None:
    """Missing, or not YAML."""
    file = tmp_path / "faults.yaml"
    if text is not None:
        file.write_text(text)
    with pytest.raises(FaultInputError, match=told) as caught:
        load_faults(file, TYPES)
    assert str(caught.value).startswith(str(file))


def test_an_empty_file_is_no_fault(tmp_path: Path) -> None:
    """All of it may be commented out."""
    file = tmp_path / "faults.yaml"
    file.write_text("# nothing yet\n")
    assert load_faults(file, TYPES) == []


@pytest.mark.parametrize(
    ("given", "times"),
    [
        ({}, 1),
        ({"drop": "before"}, 1),
        ({"until": 60}, None),
        ({"latency": 2}, None),
        ({"stale": 2}, None),
        ({"throttle": 4}, None),
        ({"throttle": "empty"}, 1),
        ({"region": "westeurope", "outage": True}, None),
        ({"latency": 2, "times": 3}, 3),
    ],
)
def test_what_lasts_strikes_for_good_and_the_rest_once(
    given: dict[str, Any], times: int | None
) -> None:
    """Unless told otherwise."""
    assert Fault(**given).times == times
