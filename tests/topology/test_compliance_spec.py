"""The part `compliance` of a topology file: what is refused, with the way out."""

from __future__ import annotations

import pytest

from topology.reading import TopologyError, read

_TEXT = """\
topology: sample
subscription: 00000000-0000-4000-8000-000000000001
home: eastus
dns_zone: sample.internal
regions:
  eastus:
compliance:
"""
_WHO = "owner: a team, reason: being moved, until: 2026-12-31"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f"  exemptions:\n    - {{{_WHO}}}", "it exempts everything; give rule, kind, name"),
        (f"  exemptions:\n    - {{kind: vnet, {_WHO}}}", '9: compliance.exemptions.0.kind: "vnet"'),
        ("  exemptions:\n    - {kind: peering, reason: x, until: 2026-12-31}", "key is missing"),
        ("  exemptions:\n    - {kind: peering, owner: x, reason: x, until: soon}", "until: "),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_place(text: str, message: str) -> None:
    """One clear error, with the line."""
    with pytest.raises(TopologyError) as refused:
        read(_TEXT + text, "sample.yaml", None)

    assert message in str(refused.value)


def test_a_name_that_is_almost_a_kind_is_understood() -> None:
    """The error names the kind that was meant."""
    with pytest.raises(TopologyError, match='did you mean "route-table"'):
        read(f"{_TEXT}  exemptions:\n    - {{kind: route-tabel, {_WHO}}}", "sample.yaml", None)
