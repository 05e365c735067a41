"""docs/simulator.md says what is so."""

import re
from pathlib import Path

from simulator.fault import Fault
from simulator.fault_input import known_types, load_faults
from simulator.faults import Faults
from simulator.principal_input import load_principals
from simulator.providers import PROVIDERS
from tests.simulator.azure import Azure

_PAGE = (Path(__file__).parents[2] / "docs" / "simulator.md").read_text()


def _block(tmp_path: Path, heading: str) -> Path:
    """Return a file with the example of the section with this heading."""
    _, _, section = _PAGE.partition(f"\n## {heading}\n")
    [block] = re.findall(r"```yaml\n(.*?)```", section.partition("\n## ")[0], flags=re.DOTALL)
    file = tmp_path / "example.yaml"
    file.write_text(block)
    return file


def _example(tmp_path: Path) -> list[Fault]:
    return load_faults(_block(tmp_path, "Faults"), known_types(PROVIDERS))


def test_the_example_of_principals_can_be_used_as_it_stands(tmp_path: Path) -> None:
    """One has a secret and a role, the other trusts an issuer."""
    reader, pipeline = load_principals(_block(tmp_path, "Who may sign in"))
    assert (reader.role, pipeline.role) == ("Reader", None)
    assert pipeline.federated


def test_the_example_can_be_used_as_it_stands(tmp_path: Path) -> None:
    """And shows every kind of fault."""
    stages = {stage for fault in _example(tmp_path) for stage in fault.stages}
    assert stages == {"sign-in", "gateway", "request", "deployment", "slow", "stale"}


def test_every_field_of_a_fault_is_described() -> None:
    """A new one needs a word here."""
    assert [name for name in Fault.model_fields if f"`{name}" not in _PAGE] == []


async def test_an_example_may_be_given_while_the_server_runs(azure: Azure, tmp_path: Path) -> None:
    """What a server shows of its faults is what it takes."""
    faults = Faults(_example(tmp_path))
    given = [fault.model_dump() for fault in faults.active]
    answer = await azure.ask("POST", "/_simulator/faults", given)
    assert answer.status_code == 200, answer.text
