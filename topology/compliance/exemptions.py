"""Exemptions: findings that somebody answers for until a day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from topology.compliance.finding import DRIFT, LIMIT, Finding
from topology.compliance_spec import ExemptionSpec
from topology.kind import fits


@dataclass(frozen=True)
class Sorted:
    """Findings that stand, those that are exempted with why, and exemptions of nothing."""

    standing: tuple[Finding, ...]
    exempted: tuple[Finding, ...]
    unused: tuple[ExemptionSpec, ...]


def exempt(
    findings: Iterable[Finding],
    exemptions: Iterable[ExemptionSpec],
    today: date,
    about: str = DRIFT,
) -> Sorted:
    """Sort findings by whether an exemption holds for them today (in UTC).

    One whose last day is over exempts nothing, and the finding says so. `about` is what was
    looked for: an exemption of something else is not one of nothing.
    """
    listed, standing, exempted = tuple(exemptions), [], []
    used: set[int] = set()
    for finding in findings:
        mine = [number for number, item in enumerate(listed) if matches(item, finding)]
        used.update(mine)
        held = next((listed[number] for number in mine if listed[number].until >= today), None)
        if held:
            exempted.append(replace(finding, note=f"exempted until {_told(held)}"))
        elif mine:
            over = max((listed[number] for number in mine), key=lambda item: item.until)
            standing.append(replace(finding, note=f"the exemption expired on {_told(over)}"))
        else:
            standing.append(finding)
    unused = tuple(
        item for number, item in enumerate(listed) if number not in used and _concerns(item, about)
    )
    return Sorted(tuple(standing), tuple(exempted), unused)


def matches(exemption: ExemptionSpec, finding: Finding) -> bool:
    """Say whether a finding is of those that an exemption is about, expired or not."""
    return exemption.kind in {None, finding.kind} and all(
        fits(pattern, text)
        for pattern, text in (
            (exemption.rule, finding.rule),
            (exemption.name, finding.name),
            (exemption.region, finding.region),
            (exemption.property, finding.path),
            (exemption.traffic, finding.traffic),
        )
    )


def _told(exemption: ExemptionSpec) -> str:
    return f"{exemption.until}, {exemption.owner}: {exemption.reason}"


def _concerns(exemption: ExemptionSpec, about: str) -> bool:
    """Say whether an exemption can only be about this; one by name or region may be of both."""
    of_a_resource = exemption.kind is not None or exemption.property != "*"
    if exemption.traffic != "*":
        return about != DRIFT
    if about == DRIFT:
        return of_a_resource or exemption.rule in {DRIFT, LIMIT}
    return not of_a_resource and exemption.rule not in {"*", DRIFT, LIMIT}
