"""Forecasts as cases: what is wanted, what Azure holds, and what it will take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from ruamel.yaml.compat import StringIO

from tests.builders import SUBSCRIPTION, a_topology, as_deployed
from tests.topology.cases import cases, load
from topology.addressing import AddressLock, allocate, resolve
from topology.forecast import telling
from topology.forecast.duration import Learned
from topology.forecast.forecast import Forecast, forecast_of
from topology.forecast.prices import BUILT_IN, PriceTable, parse_prices
from topology.forecast.refusals import refused
from topology.network import Network
from topology.planning.actual import Actual, Found
from topology.planning.at_once import rules_only
from topology.planning.destroy import plan_destroy
from topology.planning.plan import Plan
from topology.planning.planner import make_plan

every_case = pytest.mark.parametrize("path", cases("forecast"), ids=lambda path: str(path.stem))


@cache
def _foreseen(path: Path) -> tuple[Network, Forecast]:
    case = load(path)
    before, lock = _network(case.get("deployed") or {}, None)
    network, _ = _network(case["topology"], lock if "deployed" in case else None)
    actual = _with_users(as_deployed(before)) if "deployed" in case else Actual()
    actual = replace(actual, others=_others(case.get("others")))
    history = {sort: Learned(seconds, 1) for sort, seconds in case.get("history", {}).items()}
    plan, whole = _plan(case.get("does", "apply"), network, actual)
    return network, forecast_of(network, plan, actual, history, _table(case), whole=whole)


def _plan(does: str, network: Network, actual: Actual) -> tuple[Plan, bool]:
    """Return the plan of a command, and whether it is carried out whole."""
    command, _, region = does.partition(" ")
    if command == "destroy":
        return plan_destroy(network, region or None, actual), True
    plan = make_plan(network, actual)
    return (rules_only(plan) if command == "policy" else plan), False


def _network(fields: Mapping[str, Any], lock: AddressLock | None) -> tuple[Network, AddressLock]:
    values = {"regions": {"eastus": None, "westus": None}, **fields}
    topology = a_topology(*values["regions"], **values)
    complete = allocate(topology, lock)
    return resolve(topology, complete), complete


def _with_users(actual: Actual) -> Actual:
    """Return it with policies that say who follows them, as Azure's do."""
    firewalls = [{"id": item.id} for item in actual.resources.values() if item.kind == "firewall"]
    found = {
        key: replace(
            item,
            body={**item.body, "properties": {**item.body["properties"], "firewalls": firewalls}},
        )
        if item.kind == "firewall-policy"
        else item
        for key, item in actual.resources.items()
    }
    return replace(actual, resources=found)


def _others(case: Mapping[str, Any] | None) -> tuple[Found, ...]:
    group = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-team/providers/Microsoft.Network"
    return tuple(
        Found(
            "virtual-network",
            f"{group}/virtualNetworks/theirs-{number}",
            {"location": case["region"], "properties": {}},
        )
        for number in range(case["count"] if case else 0)
        if case
    )


def _table(case: Mapping[str, Any]) -> PriceTable:
    if "prices" not in case:
        return BUILT_IN
    text = StringIO()
    YAML(typ="safe", pure=True).dump(case["prices"], text)
    return parse_prices(text.getvalue(), "prices.yaml")


@every_case
def test_lines_of_the_case_are_told(path: Path) -> None:
    """What stands under a plan."""
    case = load(path)
    _, forecast = _foreseen(path)
    told = list(telling.in_short(forecast))

    wanted = case.get("short")
    if wanted is None:
        return
    assert len(wanted) == len(told)
    missing = [
        (words, line)
        for line, all_words in zip(told, wanted, strict=True)
        for words in all_words.split(" ... ")
        if words not in line
    ]
    assert missing == []


@every_case
def test_figures_of_the_case_are_foreseen(path: Path) -> None:
    """Limits as they are used, money before and after, parts and the longest way."""
    case = load(path)
    _, forecast = _foreseen(path)

    used = {room.limit.name: room.used for room in forecast.limits}
    assert case.get("limits", {}) == {name: used[name] for name in case.get("limits", {})}
    lines = {line.meter: (line.before, line.after) for line in forecast.cost.lines}
    for meter, costs in case.get("cost", {}).items():
        assert lines[meter] == tuple(
            None if cost is None else pytest.approx(cost) for cost in costs
        )
    parts = [part.title for part in forecast.parts]
    assert case.get("parts", parts) == parts
    assert case.get("critical", forecast.critical) == forecast.critical


@every_case
def test_what_the_case_refuses_is_refused_and_nothing_else(path: Path) -> None:
    """The sentence says what would be passed, and the way out."""
    case = load(path)
    network, forecast = _foreseen(path)
    told = refused(network, forecast)

    assert (told is None) == ("refused" not in case), told
    assert [words for words in case.get("refused", ()) if words not in (told or "")] == []
