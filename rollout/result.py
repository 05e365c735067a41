"""What came of a rollout and of its parts, and how the run says it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from topology.forecast.outcome import Done
from topology.network import Network
from topology.planning.explain import summary
from topology.planning.places import GLOBAL
from topology.planning.plan import Plan
from topology.planning.status import NOT_STARTED
from topology.verification.finding import Finding

MOST_TOLD = 5  # of what is wrong, in a message


@dataclass(frozen=True)
class Ending:
    """How a run ends, as people read it: the state's name, if it has one of its own."""

    message: str
    name: str | None = None
    is_well: bool = False


@dataclass(frozen=True)
class PolicyResult:
    """What came of a change that reaches all regions at once.

    `ended` is how the rollout must end then, or None; `rows` are the result's; `done` is what
    was carried out when.
    """

    ended: Ending | None
    rows: list[dict[str, Any]] = field(default_factory=list)
    done: tuple[Done, ...] = ()


@dataclass(frozen=True)
class WaveResult:
    """What came of a wave.

    `failed` has a word on each region that failed, `good` are others of the topology that it
    changed, if nothing of theirs is missing, `behind` those that miss something; `error` is a
    sentence on the first error of what belongs to none, joins regions or goes; `rows` are the
    result's, a region each; `done` is what was carried out when, `begun` the plan without what
    was never written.
    """

    failed: dict[str, str]
    good: frozenset[str]
    behind: frozenset[str]
    error: str | None
    rows: list[dict[str, Any]]
    done: Done
    begun: Plan


@dataclass
class RolloutResult:
    """What has come of the `whole` plan.

    `failed`, `good` and `error` are those of all waves; `stopped` says why not all waves have
    started, or the last is not proved; `findings` are those after the last wave; `refused` is
    how the run ends where no wave was let start; `network` has the names that the parts have
    used up since.
    """

    network: Network
    whole: Plan
    failed: dict[str, str] = field(default_factory=dict)
    good: set[str] = field(default_factory=set)
    error: str | None = None
    stopped: str | None = None
    rows_by_region: dict[str, dict[str, Any]] = field(default_factory=dict)
    done: list[Done] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    refused: Ending | None = None

    @property
    def has_ended(self) -> bool:
        """Say whether so much has failed that nothing more starts, whatever else is found."""
        allowed = self.network.topology.rollout.failures_allowed
        return self.error is not None or len(self.failed) > allowed

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Return the result's rows: a region each, those whose turn did not come too."""
        regions = {region for step in self.whole.work if (region := step.resource.region)}
        rows = {region: {"region": region, "state": NOT_STARTED} for region in regions}
        rows |= self.rows_by_region
        return sorted(rows.values(), key=lambda row: (row["region"] != GLOBAL, row["region"]))

    @property
    def ending(self) -> Ending:
        """Return how the run ends."""
        more = f"; {self.stopped}" if self.stopped else ""
        if self.refused:
            return self.refused
        if self.failed:
            named = ", ".join(f"{region} {word}" for region, word in self.failed.items())
            error = f"; {self.error}" if self.error else ""
            return Ending(f"{named}; {self._in_place('other ')}{error}{more}", name="RolledBack")
        if self.error:
            return Ending(f"{self.error}; {self._in_place()}{more}")
        if self.stopped:
            return Ending(self.stopped, name="Stopped")
        if self.findings:
            named = "; ".join(item.text for item in self.findings[:MOST_TOLD])
            return Ending(f"done, and not as it must be: {named}", name="NotAsIntended")
        return Ending(f"{summary(self.whole)}; done", is_well=True)

    def _in_place(self, which: str = "") -> str:
        many = len(self.good) > 1
        return f"{len(self.good) or 'no'} {which}region{'s' if many else ''} in place"

    def add(self, wave: WaveResult) -> None:
        """Add what came of a wave."""
        self.failed |= wave.failed
        self.good = (self.good | wave.good) - {*self.failed} - wave.behind
        self.error = self.error or wave.error
        self.rows_by_region |= {row["region"]: row for row in wave.rows}
        self.done.append(wave.done)

    def add_policy(self, policy: PolicyResult) -> None:
        """Add what came of what reaches all regions at once."""
        self.rows_by_region |= {row["region"]: row for row in policy.rows}
        self.done += policy.done
        self.refused = policy.ended
