"""What of a plan takes drift back: steps of chosen kinds, and nothing that is not drift.

What differs because the file has moved on is a rollout's to write. What is exempted stays. A
step writes a whole resource, so it goes only when all that it would set is to be remedied.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from topology.compliance.drift import drift_by_step, followers, in_place_of_ours
from topology.compliance.exemptions import matches
from topology.compliance.finding import Finding, Owner
from topology.compliance.owners import Witnesses
from topology.compliance_spec import ExemptionSpec
from topology.kind import same_id
from topology.naming import generation_in
from topology.network import Network
from topology.planning.actual import Actual
from topology.planning.parts import by_itself
from topology.planning.plan import Commit, Plan, Step
from topology.planning.planner import plan_beside_rules_of_others
from topology.resources import KINDS


@dataclass(frozen=True)
class Remedy:
    """The part of a plan that takes drift back, and what stays of the chosen kinds, with why."""

    plan: Plan
    left: tuple[str, ...]


@dataclass(frozen=True)
class Asked:
    """What is to be remedied: which kinds, and who asks.

    By policy nobody is there to judge: then only that goes which someone else, or AVNM, is
    known to have changed. Azure Policy would write its own again, and who is not known may be
    we ourselves.
    """

    kinds: frozenset[str]
    by_policy: bool
    today: date

    @classmethod
    def of(cls, network: Network, kinds: Iterable[str] | None, today: date) -> Asked:
        """Make it of the kinds that a person names, or of the file's own where nobody does.

        Raises ValueError for what is no kind.
        """
        if kinds is None:
            return cls(
                frozenset(network.topology.compliance.remediate), by_policy=True, today=today
            )
        named = frozenset(kinds)
        if unknown := sorted(named - {kind.name for kind in KINDS}):
            raise ValueError(
                f"no kind of resource: {', '.join(unknown)}; write them as a check names them: "
                + ", ".join(sorted(kind.name for kind in KINDS))
            )
        return cls(named, by_policy=False, today=today)

    def refusal(self, finding: Finding, exemptions: Iterable[ExemptionSpec]) -> str | None:
        """Return why a finding is not to be remedied, or None."""
        if finding.kind not in self.kinds:
            return f"it differs in a {finding.kind} too, which is not to be remedied"
        if any(item.until >= self.today and matches(item, finding) for item in exemptions):
            return "it is exempted"
        if finding.owner is Owner.US:
            return "the file has moved on, which a rollout writes"
        if self.by_policy and finding.owner not in {Owner.OTHERS, Owner.AVNM}:
            return f"it was changed by {finding.owner}"
        return None


def remedy(network: Network, actual: Actual, witnesses: Witnesses, asked: Asked) -> Remedy:
    """Return what takes drift of the kinds that are asked for back, as `make_plan` would.

    A commit goes along when all that it deploys is as wanted, or is remedied by this plan; so
    does what names the address of a firewall that is made again. Where others have security admin
    rules deployed in the place of ours, those stay, and keep nothing else from being remedied.
    """
    whole = plan_beside_rules_of_others(network, actual)
    exemptions = network.topology.compliance.exemptions
    found: dict[str, list[Finding]] = {}
    refused: dict[str, str] = {}
    for step, finding in drift_by_step(network, actual, witnesses):
        found.setdefault(_place(step), []).append(finding)
        if reason := asked.refusal(finding, exemptions):
            refused.setdefault(_place(step), reason)
    mended = found.keys() - refused.keys()
    made = _of(whole, mended)
    mended |= {
        _place(step)
        for step, awaited in followers(network, actual)
        if awaited & made and _place(step) not in refused
    }
    chosen = _of(whole, mended)
    commits = {
        same_id(step.resource.id)
        for step in whole.work
        if isinstance(step, Commit) and _goes_along(step, whole, chosen, found)
    }
    part = by_itself(whole, lambda step: same_id(step.resource.id) in chosen | commits)
    done = {_place(step) for step in part.work}
    left = [
        f"{finding.region}: {finding.resource}: {refused.get(place, _WAITS)}"
        for place, findings in found.items()
        for finding in findings
        if finding.kind in asked.kinds and place not in done
    ]
    theirs = [item for item in in_place_of_ours(network, actual) if item.kind in asked.kinds]
    left += [f"{item.region}: {item.resource}: {item.found} of others stays" for item in theirs]
    return Remedy(part, tuple(dict.fromkeys(left)))


def _of(whole: Plan, places: Collection[str]) -> set[str]:
    """Return the ids of a plan's steps at these places, in lower case."""
    return {same_id(step.resource.id) for step in whole.work if _place(step) in places}


_WAITS = "it needs, or deploys, what is not remedied"


def _place(step: Step) -> str:
    """Return what stands or falls together: a resource, or a whole configuration.

    A configuration that is deployed is remedied by its next generation, which is all of it.
    """
    parts = same_id(step.resource.id).split("/")
    for end in range(len(parts), 1, -1):
        if generation := generation_in("/".join(parts[:end])):
            return "/".join([*parts[: end - 1], generation[0]])
    return same_id(step.resource.id)


def _goes_along(step: Commit, whole: Plan, chosen: Collection[str], found: Collection[str]) -> bool:
    """Say whether a commit deploys what is chosen, and nothing else that this plan writes."""
    own = same_id(step.resource.id)
    written = _writes(step, whole)
    if own in found:  # its goal state is itself a finding
        return own in chosen and written <= set(chosen)
    return bool(written) and written <= set(chosen)


def _writes(step: Commit, whole: Plan) -> set[str]:
    """Return the ids of what a plan writes and a commit waits for, other commits left out."""
    needs = {same_id(edge.need) for edge in whole.edges if edge.step == step.resource.id}
    return {
        same_id(other.resource.id)
        for other in whole.work
        if same_id(other.resource.id) in needs and not isinstance(other, Commit)
    }
