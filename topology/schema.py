"""The JSON schema of a topology file, for editors: `schemas/topology.schema.json`.

Written by `python -m topology.schema > schemas/topology.schema.json`. What one
value says about another, such as blocks that overlap, only `reading` checks.
"""

from __future__ import annotations

import json
from typing import Any

from pydantic.json_schema import GenerateJsonSchema

from topology.spec import Topology


def json_schema() -> dict[str, Any]:
    """Return the schema of a topology file, in the dialect that its `$schema` names."""
    schema = Topology.model_json_schema()
    return {"$schema": GenerateJsonSchema.schema_dialect, **schema, "title": "Orrery topology"}


if __name__ == "__main__":
    print(json.dumps(json_schema(), indent=2, sort_keys=True))  # noqa: T201  it is a command here
