"""A topology file is read whole, or refused with what is wrong and the way out."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.topology.cases import cases, load
from topology.network import Network
from topology.reading import TopologyError, parse, parse_lock, read

ROOT = Path(__file__).parents[2]
HEAD = """
topology: sample
subscription: 00000000-0000-4000-8000-000000000001
home: eastus
dns_zone: sample.internal
"""


def _read(text: str, lock: str | None = None) -> Network:
    kept = None if lock is None else parse_lock(lock, "sample.lock.yaml")
    return read(text, "sample.yaml", kept)[0]


@pytest.mark.parametrize("path", cases("topology"), ids=lambda path: str(path.stem))
def test_mistake_is_told_with_line_path_and_way_out(path: Path) -> None:
    """Each case is a file that someone may write, and what they are told."""
    case = load(path)

    with pytest.raises(TopologyError) as refused:
        _read(case["topology"], case.get("lock"))

    [problem] = refused.value.problems
    assert (case["error"]["line"], case["error"]["path"]) == (problem.line, problem.path)
    missing = [words for words in case["error"]["message"] if words not in problem.message]
    assert (missing, problem.message) == ([], problem.message)


@pytest.mark.parametrize("name", ["globojava", "branch"])
def test_example_is_read(name: str) -> None:
    """The files that we give out have no mistakes."""
    network = _read((ROOT / f"examples/{name}.yaml").read_text())

    assert name == network.topology.topology


def test_all_mistakes_are_told_at_once() -> None:
    """Nobody has to run the command once for each mistake."""
    text = f"{HEAD}isolation: loose\nregions:\n  atlantis:\n  eastus:\n    zone: 1\n"

    with pytest.raises(TopologyError) as refused:
        parse(text, "sample.yaml")

    assert [problem.path for problem in refused.value.problems] == [
        "isolation",
        "regions.atlantis",
        "regions.eastus.zone",
    ]


def test_mistake_starts_with_file_and_line() -> None:
    """An editor's terminal makes a link of it."""
    with pytest.raises(TopologyError) as refused:
        parse(f"{HEAD}regions:\n  atlantis:\n", "sample.yaml")

    assert str(refused.value).startswith("sample.yaml:7: regions.atlantis: ")


def test_anchors_of_yaml_may_be_used() -> None:
    """Regions that are alike may share their lines."""
    text = f"{HEAD}regions:\n  eastus: &alike\n    spokes: {{prod: }}\n  westus: *alike\n"

    network = _read(text)

    assert [[spoke.name for spoke in hub.spokes] for hub in network.hubs] == [["prod"], ["prod"]]


def test_off_is_a_word_and_no_boolean() -> None:
    """YAML 1.1 would read it as false."""
    topology = parse(
        f"{HEAD}firewall: {{threat_intelligence: Off}}\nregions:\n  eastus:\n", "sample.yaml"
    )

    assert topology.firewall.threat_intelligence == "Off"
