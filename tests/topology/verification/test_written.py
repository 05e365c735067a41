"""Cases that a network engineer can read: a network, questions, and why they are answered so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.topology.cases import cases, load
from tests.topology.verification.written import network_id, written
from topology.kind import same_id
from topology.verification.addresses import number
from topology.verification.answer import Answer, ask
from topology.verification.model import Model
from topology.verification.pairs import Answers, pairs
from topology.verification.plane import Plane
from topology.verification.rules import ASKER, Traffic
from topology.verification.unread import unread
from topology.verification.walk import End
from topology.verify_spec import Assumptions

FILES = cases("verification")
QUESTIONS = [
    pytest.param(path, question, id=f"{path.stem}-{place}")
    for path in FILES
    for place, question in enumerate(load(path)["ask"])
]


@pytest.mark.parametrize(("path", "question"), QUESTIONS)
def test_a_question_has_its_verdict_and_its_reason(path: Path, question: dict[str, Any]) -> None:
    """As the file says."""
    model = _model(path)
    answer = _ask(model, question)

    assert (_verdict(model, answer), answer.reason) == (question["verdict"], answer.reason)
    assert question["because"] in answer.reason
    way = iter(map(str, answer.steps))
    assert all(any(words in step for step in way) for words in question.get("steps", ()))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_all_pairs_of_a_case_agree_with_its_walks(path: Path) -> None:
    """For whatever is asked between two subnets; services of Azure's are no senders of pairs."""
    model = _model(path)
    plane = Plane.of(model)
    answers = Answers(plane, model)
    for question in load(path)["ask"]:
        sender = model.fabric.subnets[_end(model, question["from"])[0]]
        if "/" not in question["to"] or sender.is_reserved:
            continue
        walked = _ask(model, question)
        found = pairs(answers, _traffic(question))
        source, target = (_place(plane, model, question[end]) for end in ("from", "to"))
        told = [block for block in found.works if block.senders & source and block.targets & target]
        assert bool(told) is walked.works


@pytest.mark.parametrize(
    "path", [path for path in FILES if "not_read" in load(path)], ids=lambda path: path.stem
)
def test_a_case_names_all_that_is_not_read(path: Path) -> None:
    """As a proof does to whom all its networks belong."""
    model = _model(path)
    assert list(unread(model, model.fabric.networks)) == load(path)["not_read"]


def _model(path: Path) -> Model:
    case = load(path)
    return Model.of(written(case), Assumptions(**case.get("assume", {})))


def _ask(model: Model, question: dict[str, Any]) -> Answer:
    (subnet, source), (there, target) = _end(model, question["from"]), _end(model, question["to"])
    subnets = model.fabric.subnets
    meant = subnets.get(there)
    return ask(model, subnets[subnet], source, target, _traffic(question), meant=meant)


def _end(model: Model, text: str) -> tuple[str, int]:
    """Return the key of a subnet, if one is named, and the address that is meant."""
    name, _, given = text.partition(" ")
    if "/" not in name:
        return "", number(name) or 0
    network, _, subnet = name.partition("/")
    key = same_id(f"{network_id(network)}/subnets/{subnet}")
    first = model.fabric.subnets[key].prefixes[0].start
    return key, number(given) or first + 4


def _place(plane: Plane, model: Model, text: str) -> int:
    key, address = _end(model, text)
    subnet = model.fabric.subnets[key]
    return plane.places(subnet.network, 1 << plane.pieces.of(address))


def _traffic(question: dict[str, Any]) -> Traffic:
    words, _, source_port = str(question.get("for", "tcp 443")).partition(" from ")
    protocol, *rest = words.split()
    port, name = (*rest, "0", "")[0], (*rest, "", "")[1]
    return Traffic(protocol, int(port), name, int(source_port or ASKER))


def _verdict(model: Model, answer: Answer) -> str:
    way = [model.fabric.firewalls[key].name for key in answer.there.firewalls]
    by = f"by {', '.join(way)}" if way else "directly"
    match answer.there.end:
        case End.ARRIVED:
            return f"works {by}" if answer.works else "astray"
        case End.INTERNET:
            return f"internet {by}" if answer.works else "astray"
        case End.HOST:
            return "host"
        case End.DROPPED:
            return "dropped"
        case End.UNKNOWN:
            return "unknown"
