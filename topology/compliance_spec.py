"""What a check makes of its findings: which are exempted until when, which are remedied."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Self

from pydantic import Field, model_validator

from topology.field_types import Spec


class ExemptionSpec(Spec):
    """Findings that somebody answers for, until a day: all that fit everything it says.

    In texts `*` is anything.
    """

    rule: str = Field("*", description="drift, or a rule of reachability, such as inspection.")
    kind: str | None = Field(default=None, description="The kind of resource, by default any.")
    name: str = Field("*", description="The resource's name; of reachability `A to B`.")
    region: str = Field("*", description="The region, or global for what belongs to none.")
    property: str = Field("*", description="The path of what differs, as a check prints it.")
    traffic: str = Field(
        "*", description="The traffic that reachability is not so of, as a check prints it."
    )
    owner: str = Field(min_length=1, description="Who answers for it.")
    reason: str = Field(min_length=1)
    until: date = Field(description="The last day on which it holds, in UTC.")

    @model_validator(mode="after")
    def _says_of_what(self) -> Self:
        texts = {self.rule, self.name, self.region, self.property, self.traffic}
        if self.kind is None and texts == {"*"}:
            raise ValueError(
                "it exempts everything; give rule, kind, name, region, property or traffic"
            )
        return self


class ComplianceSpec(Spec):
    """What a check makes of its findings."""

    exemptions: tuple[ExemptionSpec, ...] = ()
    remediate: tuple[str, ...] = Field(
        default=(),
        description="Kinds whose drift is taken back without asking; by default none.",
    )

    def named_kinds(self) -> Iterator[tuple[tuple[str, ...], str]]:
        """Yield the kinds that are named, each with its place below `compliance`."""
        for number, exemption in enumerate(self.exemptions):
            if exemption.kind is not None:
                yield ("exemptions", str(number), "kind"), exemption.kind
        for number, kind in enumerate(self.remediate):
            yield ("remediate", str(number)), kind
