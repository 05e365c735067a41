"""The JSON schema that editors check a topology file with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from ruamel.yaml import YAML

from topology.schema import json_schema

ROOT = Path(__file__).parents[2]
EXAMPLES = [
    ROOT / f"examples/{name}.yaml" for name in ("branch", "globojava", "landing-zones", "shared")
]


def _validate(value: Any) -> None:
    jsonschema.Draft202012Validator(json_schema()).validate(value)


def _example() -> Any:
    return YAML(typ="safe").load(ROOT / "examples/globojava.yaml")


def test_schema_that_is_checked_in_is_the_one_of_the_model() -> None:
    """Write it anew with `python -m topology.schema > schemas/topology.schema.json`."""
    expected = json.loads((ROOT / "schemas/topology.schema.json").read_text())

    assert expected == json_schema()


def test_schema_is_a_schema() -> None:
    """Every keyword in it is used as the dialect has it."""
    jsonschema.Draft202012Validator.check_schema(json_schema())


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: str(path.stem))
def test_example_is_valid(path: Path) -> None:
    """An editor shows no error in a file that we give out; keys may stand without a value."""
    _validate(YAML(typ="safe").load(path))


def test_unknown_key_is_refused() -> None:
    """An editor underlines a key that is misspelt."""
    with pytest.raises(jsonschema.ValidationError, match="isolaton"):
        _validate({**_example(), "isolaton": "none"})


def test_unknown_region_is_refused() -> None:
    """An editor knows the names of the regions."""
    with pytest.raises(jsonschema.ValidationError, match="westeurop"):
        _validate({**_example(), "regions": {"westeurop": None}})


def test_name_that_azure_does_not_take_is_refused() -> None:
    """An editor knows what may be part of an Azure name."""
    with pytest.raises(jsonschema.ValidationError, match="Globo Java"):
        _validate({**_example(), "topology": "Globo Java"})
