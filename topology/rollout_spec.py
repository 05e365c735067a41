"""How a topology is rolled out: in waves of regions, each proved good before the next."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, Field, model_validator

from topology.field_types import PlacedError, RegionName, Spec


class FreezeSpec(Spec):
    """A time in which nothing starts: no rollout, and no further wave of one."""

    start: AwareDatetime = Field(description="With its offset: 2026-12-20T00:00:00Z.")
    end: AwareDatetime
    reason: str = Field(min_length=1)

    @model_validator(mode="after")
    def _ends_after_its_start(self) -> Self:
        if self.end <= self.start:
            raise ValueError("the end is not after the start; exchange them")
        return self

    def holds(self, now: datetime) -> bool:
        """Say whether it is now."""
        return self.start <= now < self.end


class HookSpec(Spec):
    """A look at a wave of one's own: a Prefect deployment that must end Completed in time."""

    run: str = Field(
        pattern=r"^[^/]+/[^/]+$", description="Flow and deployment: reachability-probe/prod."
    )
    minutes: float = Field(default=30, gt=0, description="How long it may take.")


Check = Literal["deployment-status", "provisioning-states"] | HookSpec
BUILT_IN: tuple[Check, ...] = ("deployment-status", "provisioning-states")


class RolloutSpec(Spec):
    """Which regions go together, in which order, and when to stop.

    Either `waves` by name, or a rule: `canary` alone first, then `at_a_time`. Regions that
    `waves` does not name make the last wave; without any of these there is one wave.
    """

    waves: tuple[Annotated[tuple[RegionName, ...], Field(min_length=1)], ...] = ()
    canary: RegionName | None = Field(default=None, description="This region alone first.")
    at_a_time: int | None = Field(default=None, ge=1, description="Regions of each later wave.")
    parallel: int | None = Field(
        default=None, ge=1, description="Regions side by side within a wave; by default all."
    )
    bake_minutes: float = Field(
        default=0, ge=0, description="To wait after each wave but the last."
    )
    check: tuple[Check, ...] = Field(
        default=BUILT_IN,
        description=(
            "What must be good before the next wave, beside that Azure holds what is wanted. "
            "A hook is run with the parameter `regions`: those of the wave."
        ),
    )
    failures_allowed: int = Field(
        default=0,
        ge=0,
        description="Regions that may fail before no further wave starts.",
    )
    approval_minutes: float | None = Field(
        default=None,
        gt=0,
        description="Ask a person before the first write; no answer in this time means no.",
    )
    policy: Literal["at-once", "per-wave"] = Field(
        "at-once",
        description=(
            "at-once: all firewalls share one policy, and a change of it reaches all of them "
            "before the first wave; per-wave: each region has its rules in a child of it, and "
            "they change with the region's wave."
        ),
    )
    policy_approval_minutes: float | None = Field(
        default=None,
        gt=0,
        description="Ask a person before what reaches all firewalls at once is changed.",
    )
    freeze: tuple[FreezeSpec, ...] = ()

    @model_validator(mode="after")
    def _waves_or_a_rule(self) -> Self:
        if self.waves and (self.canary or self.at_a_time):
            raise PlacedError(
                ("rollout", "waves"),
                "waves are named, and canary or at_a_time gives a rule; take one of them out",
            )
        seen: set[str] = set()
        for path, region in self.named_regions():
            if region in seen:
                message = f'"{region}" is in two waves; take it out of one'
                raise PlacedError(("rollout", *path), message)
            seen.add(region)
        return self

    @property
    def hooks(self) -> tuple[HookSpec, ...]:
        """Return the checks that are deployments of one's own."""
        return tuple(item for item in self.check if isinstance(item, HookSpec))

    @property
    def makes_waves(self) -> tuple[str, ...]:
        """Return the keys that part the regions into waves, as far as the file has them."""
        return tuple(key for key in ("waves", "canary", "at_a_time") if getattr(self, key))

    def named_regions(self) -> Iterator[tuple[tuple[str, ...], str]]:
        """Yield the regions that are named, each with its place below `rollout`."""
        if self.canary:
            yield ("canary",), self.canary
        for number, wave in enumerate(self.waves):
            for position, region in enumerate(wave):
                yield ("waves", str(number), str(position)), region

    def frozen(self, now: datetime) -> str | None:
        """Return why nothing may start now, or None."""
        found = next((item for item in self.freeze if item.holds(now)), None)
        return f"frozen until {found.end.isoformat()}: {found.reason}" if found else None


def waves(rollout: RolloutSpec, regions: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """Return the regions in waves; each region is in one, and no wave is empty."""
    if rollout.waves:
        named = {region for wave in rollout.waves for region in wave}
        rest = tuple(region for region in regions if region not in named)
        return (*rollout.waves, rest) if rest else rollout.waves
    first = (rollout.canary,) if rollout.canary else ()
    rest = tuple(region for region in regions if region not in first)
    size = rollout.at_a_time or len(rest) or 1
    later = (rest[start : start + size] for start in range(0, len(rest), size))
    return tuple(wave for wave in (first, *later) if wave)
