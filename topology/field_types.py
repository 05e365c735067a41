"""What the keys of a topology file are made of: names, regions, and how a rule is broken."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    WithJsonSchema,
)

from topology.regions import AZURE_REGIONS

# A network's name holds two of these and the longest region: 63 of the 64 that Azure takes.
NAME = re.compile(r"[a-z][a-z0-9-]{0,17}[a-z0-9]")


class PlacedError(ValueError):
    """A rule that spans fields; `path` is where in the topology file it is broken."""

    def __init__(self, path: tuple[str, ...], message: str) -> None:
        super().__init__(message)
        self.path = path


def _short_name(value: str) -> str:
    if not NAME.fullmatch(value):
        raise ValueError(
            f'"{value}" cannot be part of an Azure name; '
            "write 2 to 19 lower-case letters, digits or dashes, a letter first"
        )
    return value


def _known_region(value: str) -> str:
    if value not in AZURE_REGIONS:
        raise ValueError(
            f'"{value}" is not a public Azure region; '
            "write its short name, as `az account list-locations` prints it"
        )
    return value


def _nothing_is_default(value: Any) -> Any:
    """Read a key without a value as `{}`: `eastus:` alone is a whole region."""
    return {} if value is None else value


def or_nothing(model: type[BaseModel]) -> BeforeValidator:
    """Return the validator of a key whose value may be left out, which means all defaults."""
    return BeforeValidator(_nothing_is_default, json_schema_input_type=model | None)


Name = Annotated[
    str,
    AfterValidator(_short_name),
    WithJsonSchema({"type": "string", "pattern": f"^{NAME.pattern}$"}),
]
RegionName = Annotated[
    str,
    AfterValidator(_known_region),
    WithJsonSchema({"type": "string", "enum": sorted(AZURE_REGIONS)}),
]
# Ids are compared without case; Azure writes them in lower case.
SubscriptionId = Annotated[
    str,
    Field(pattern=r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"),
    AfterValidator(str.lower),
]
# "Naming rules and restrictions for Azure resources": Microsoft.Management.
ManagementGroup = Annotated[str, Field(pattern=r"^[a-zA-Z0-9]([a-zA-Z0-9_.()-]{0,88}[\w()-])?$")]


class Spec(BaseModel):
    """A part of the file: it has no other keys, and does not change."""

    model_config = ConfigDict(extra="forbid", frozen=True)
