"""What stands beside a topology that is deployed as it should be, and what is found of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.builders import a_network, as_deployed
from tests.topology.cases import cases, load
from tests.topology.verification.written import table, written
from topology.kind import same_id
from topology.network import Network
from topology.planning.actual import Actual, Found
from topology.verification.model import Model
from topology.verification.proof import Proof
from topology.verification.question import put, told
from topology.verification.rules import Traffic
from topology.verification.verdict import model_of, prove

FILES = cases("beside")
_OURS = re.compile(r"\b([a-z]+us)/([a-z]+)")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_what_others_have_beside_a_topology_is_found(path: Path) -> None:
    """All of it and nothing else, and what is not read of it."""
    case = load(path)
    network, model = _network(case), _model(case)
    verdict = prove(Proof(network, model))
    found = [(item.rule, item.text) for item in verdict.findings]

    for expected in case["findings"]:
        words = (item for item in found if item[0] == expected["rule"])
        mine = next((item for item in words if expected["says"] in item[1]), None)
        assert mine is not None, (expected, found)
        found.remove(mine)
    assert found == []
    assert list(verdict.unread) == case.get("not_read", [])


@pytest.mark.parametrize(
    ("path", "question"),
    [
        pytest.param(path, question, id=f"{path.stem}-{place}")
        for path in FILES
        for place, question in enumerate(load(path).get("ask", ()))
    ],
)
def test_a_question_beside_others_has_its_answer(path: Path, question: dict[str, Any]) -> None:
    """As the command line answers it."""
    case = load(path)
    network, model = _network(case), _model(case)
    answer = told(model, put(network, model, question["from"], question["to"], Traffic()))

    assert (answer.works, answer.reason) == (question["works"], answer.reason)
    assert question["because"] in answer.reason


def _network(case: Mapping[str, Any]) -> Network:
    return a_network("eastus", "westus", **case.get("topology", {}))


def _model(case: Mapping[str, Any]) -> Model:
    """Return the model of the topology as it is deployed, with what a case has beside it."""
    network = _network(case)
    peerings = [_OURS.sub(lambda it: _id(network, it), line) for line in case.get("peerings", ())]
    beside = written({**case, "peerings": peerings}).resources
    actual = as_deployed(network)
    for place, routes in case.get("tables", {}).items():
        region, spoke = place.split("/")
        found = table(place.replace("/", "-"), region, routes)
        beside = {**beside, same_id(found.id): found}
        actual = _led_by(actual, network.names.vnet_id(region, spoke), found.id)
    around = {key: item for key, item in beside.items() if "/networkmanagers/" not in key}
    return model_of(network, replace(actual, around={**actual.around, **around}))


def _id(network: Network, place: re.Match[str]) -> str:
    return network.names.vnet_id(*place.groups())


def _led_by(actual: Actual, network: str, table_id: str) -> Actual:
    """Return it with a table at all subnets of a network."""
    item = actual.resources[same_id(network)]
    properties = item.body["properties"]
    subnets = [
        {**each, "properties": {**each["properties"], "routeTable": {"id": table_id}}}
        for each in properties["subnets"]
    ]
    body = {**item.body, "properties": {**properties, "subnets": subnets}}
    changed = Found(item.kind, item.id, body)
    return replace(actual, resources={**actual.resources, same_id(network): changed})
