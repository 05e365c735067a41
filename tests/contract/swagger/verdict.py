"""All findings of a run, sorted by what explains them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from tests.contract.swagger import recorded, sdk
from tests.contract.swagger.differences import DIFFERENCES
from tests.contract.swagger.exchange import Exchange
from tests.contract.swagger.judge import Finding, Judge
from tests.contract.swagger.lives import lives
from tests.contract.swagger.specs import specs
from tests.contract.swagger.tour import tour

NEWER = Path(__file__).parent / "newer_than_swagger.yaml"
# That of the swagger, and that of the installed SDK.
VERSIONS = ("2024-03-01", "2026-03-01")
_HEADER = """\
# What product and simulator say and the swagger (2024-03-01) does not know, but the models of
# the installed SDK (2026-03-01) do. Generated: python -m tests.contract.swagger
"""


@cache
def judged() -> Judge:
    """Return a judge; only called where there is swagger."""
    found = specs()
    assert found is not None
    return Judge(found)


@cache
def findings() -> tuple[Finding, ...]:
    """Return what the swagger does not allow in lives, tours and replayed recordings."""
    judge = judged()
    toured = [exchange for version in VERSIONS for exchange in tour(version)]
    found = (*judge.judge([*lives(), *toured]), *_answers(judge))
    newer_still = (sdk.unknown_in(item.value) for item in found if item.what == "operation")
    return (*found, *chain.from_iterable(newer_still))


def _answers(judge: Judge) -> Iterator[Finding]:
    """Yield what is wrong with answers to recorded requests; the requests are Azure's clients'."""
    for exchange in recorded.of_simulator():
        operation = judge.specs.operation(exchange)
        if operation is not None and not exchange.is_poll:
            yield from judge.in_answer(operation, exchange)


def newer(found: Iterable[Finding]) -> dict[str, list[str]]:
    """Return what only the SDK knows: names by definition or enum, verbs by type."""
    lists: dict[str, set[str]] = {}
    for finding in found:
        if sdk.knows(finding):
            lists.setdefault(finding.definition or finding.where.split()[-1], set()).add(
                finding.name
            )
    return {definition: sorted(names) for definition, names in sorted(lists.items())}


def unexplained(found: Iterable[Finding]) -> list[str]:
    """Return the findings that neither the SDK nor a recording explains, as lines."""
    known = {entry["finding"] for entry in DIFFERENCES}
    rest = {item for item in found if item.key not in known and not sdk.knows(item)}
    return sorted(
        f"{item.key}: in {item.where}, recorded: {recordings_of(item.key)}" for item in rest
    )


@cache
def keys_of(exchanges: tuple[Exchange, ...]) -> set[str]:
    """Return the keys of what is found in recorded exchanges."""
    return {finding.key for finding in judged().judge(exchanges)}


def recordings_of(key: str) -> list[str]:
    """Return the scenarios in which Azure itself gives cause for a finding."""
    return [name for name, all_of in recorded.of_azure().items() if key in keys_of(all_of)]


def load_newer() -> Any:
    """Return the list as it was generated last."""
    return YAML(typ="safe").load(NEWER.read_text())


def write_newer() -> None:
    """Generate the list anew."""
    with NEWER.open("w") as file:
        file.write(_HEADER)
        yaml = YAML()
        # A key that is broken in two cannot be read again.
        yaml.width = 4096
        yaml.default_flow_style = False
        yaml.dump(newer(findings()), file)
