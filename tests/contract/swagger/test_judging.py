"""The judge itself, on swagger made for the purpose."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.contract.swagger import sdk
from tests.contract.swagger.exchange import Exchange
from tests.contract.swagger.judge import Finding, Judge
from tests.contract.swagger.specs import SERVICES, Specs

_PLACE = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/lamps"
_LAMPS = "/subscriptions/{s}/resourceGroups/{g}/providers/Microsoft.Network/lamps/{lamp}"
_VERSION = {"name": "api-version", "in": "query", "required": True, "type": "string"}
_NAME = {"name": "lamp", "in": "path", "required": True, "pattern": "^[a-z]+$"}
_BODY = {"name": "lamp", "in": "body", "schema": {"$ref": "#/definitions/Lamp"}}
_DOCUMENT: dict[str, Any] = {
    "paths": {
        _LAMPS: {
            "put": {
                "parameters": [_VERSION, _NAME, _BODY],
                "responses": {
                    "201": {"schema": {"$ref": "#/definitions/Lamp"}},
                    "default": {"schema": {"$ref": "other.json#/definitions/Error"}},
                },
            }
        }
    },
    "definitions": {
        "Lamp": {
            "allOf": [{"$ref": "other.json#/definitions/Named"}],
            "properties": {
                "state": {"type": "string", "readOnly": True},
                "colour": {"type": "string", "enum": ["red"], "x-ms-enum": {"name": "Colour"}},
                "serial": {"type": "string", "format": "uuid"},
                "watts": {"type": "integer", "minimum": 0, "exclusiveMinimum": True},
                "bulb": {"$ref": "#/definitions/Bulb"},
                "tags": {"type": "object", "additionalProperties": {"type": "string"}},
            },
            "required": ["colour", "state"],
        },
        "Bulb": {
            "discriminator": "kind",
            "properties": {"kind": {"type": "string"}},
            "required": ["kind"],
        },
        "Led": {
            "allOf": [{"$ref": "#/definitions/Bulb"}],
            "properties": {"diodes": {"type": "integer"}},
            "x-ms-discriminator-value": "led",
        },
    },
}
_OTHER = {
    "definitions": {
        "Named": {"properties": {"name": {"type": "string"}}},
        "Error": {"properties": {"error": {"type": "object"}}},
    }
}


@pytest.fixture
def judge(tmp_path: Path) -> Judge:
    """Return a judge who knows lamps only."""
    folder = tmp_path / SERVICES[0] / "2024-03-01"
    folder.mkdir(parents=True)
    (folder / "lamps.json").write_text(json.dumps(_DOCUMENT))
    (folder / "other.json").write_text(json.dumps(_OTHER))
    return Judge(Specs(tmp_path))


def _put(
    body: Any, status: int = 201, answer: Any = None, name: str = "one", **query: str
) -> Exchange:
    asked = {"api-version": "2026-03-01", **query}
    shown = {"colour": "red", "state": "on"} if answer is None else answer
    return Exchange("PUT", f"{_PLACE.upper()}/{name}", asked, body, status, shown)


def _found(judge: Judge, exchange: Exchange) -> list[tuple[str, str]]:
    return sorted((item.what, item.name) for item in judge.findings(exchange))


def test_what_is_right_gives_no_finding(judge: Judge) -> None:
    """Case of the path, inherited properties, free tags, another version of the api."""
    body = {"name": "a", "colour": "red", "watts": 1, "tags": {"any": "thing"}}
    assert _found(judge, _put({**body, "bulb": {"kind": "led", "diodes": 3}})) == []


@pytest.mark.parametrize(
    ("body", "finding"),
    [
        ({"colour": "red", "shade": 1}, ("unknown", "shade")),
        ({"colour": "blue"}, ("value", "blue")),
        ({}, ("required", "colour")),
        ({"colour": "red", "state": "on"}, ("one-sided", "state")),
        ({"colour": "red", "bulb": {"kind": "led", "glass": 1}}, ("unknown", "glass")),
        ({"colour": "red", "bulb": {"kind": "gas"}}, ("value", "gas")),
        ({"colour": "red", "serial": "7"}, ("format", "'7' is not a 'uuid'")),
    ],
)
def test_each_mistake_in_a_request_is_one_finding(
    judge: Judge, body: Any, finding: tuple[str, str]
) -> None:
    """Named by its kind and by what is wrong."""
    assert _found(judge, _put(body)) == [finding]


def test_a_bound_that_is_excluded_is_not_reached(judge: Judge) -> None:
    """Swagger 2.0 says so with a flag."""
    assert [what for what, _ in _found(judge, _put({"colour": "red", "watts": 0}))] == [
        "exclusiveMinimum"
    ]


def test_answers_have_a_listed_status_and_a_known_body(judge: Judge) -> None:
    """Errors are the default."""
    good = {"colour": "red"}
    assert _found(judge, _put(good, status=200)) == [("status", "200")]
    assert _found(judge, _put(good, answer={"colour": "red"})) == [("required", "state")]
    assert _found(judge, _put(good, status=404, answer={"error": {"code": "NotFound"}})) == []
    assert _found(judge, _put(good, status=404, answer={"code": "x"})) == [("unknown", "code")]


def test_questions_are_judged_too(judge: Judge) -> None:
    """Unknown query parameters, bad names, and paths that nothing serves."""
    assert _found(judge, _put({"colour": "red"}, name="One")) == [("path pattern", "lamp One")]
    assert _found(judge, _put({"colour": "red"}, more="1")) == [("query", "more")]
    elsewhere = Exchange("DELETE", f"{_PLACE}/one", {}, None, 204, None)
    assert _found(judge, elsewhere) == [("operation", "DELETE")]


def test_the_sdk_knows_what_is_newer_and_its_form() -> None:
    """A property by its name on the wire, what is in it, and a value of an enum."""

    def newer(name: str, value: Any) -> bool:
        return sdk.knows(Finding("", "unknown", name, "RouteTablePropertiesFormat", value))

    assert newer("disablePeeringRoute", "None")
    assert not newer("disablePeeringRoute", 1)
    assert newer("subnets", [{"properties": {"addressPrefix": "10.0.0.0/24"}}])
    assert not newer("subnets", [{"properties": {"addressPrefx": "10.0.0.0/24"}}])
    assert not newer("disableNothing", "None")
    assert sdk.knows(Finding("", "value", "Tcp", "SecurityRuleProtocol"))


def test_operations_newer_than_the_swagger_are_held_against_the_sdks_models() -> None:
    """Of single resources and of lists."""
    pools = (
        "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/networkManagers/n/ipamPools"
    )
    wrong = {"location": "westeurope", "properties": {"addressPrefixes": "10.0.0.0/8"}, "size": 1}
    one = Exchange("PUT", f"{pools}/p", {}, {"location": "westeurope"}, 201, wrong)
    several = Exchange("GET", pools, {}, None, 200, {"value": [wrong]})

    assert sdk.knows(Finding("", "operation", "PUT", value=one))
    for exchange in (one, several):
        assert [item.name for item in sdk.unknown_in(exchange)] == ["properties", "size"]
