"""What of a region cannot go back to rules that all shared: they are gone, and would hold for all.

As where regions went over to policies of their own, and the groups of rules of the shared one,
which all of these inherit, were deleted with the last wave.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from topology.graph import references
from topology.kind import Stage, parent_id, same_id
from topology.planning.actual import Actual
from topology.planning.plan import Change, Create, Delete, Nothing, Plan, Replace, Step
from topology.planning.removal import owned
from topology.planning.roll_back.alone import left
from topology.resources import KIND_BY_NAME


def following_on(
    steps: Iterable[Step], region: str | None, plan: Plan, actual: Actual
) -> tuple[list[Step], list[Nothing]]:
    """Return the steps that can be taken back in a region, and what says that the others cannot.

    Who follows rules of its own since keeps them, with all that it follows. Who has gone, or is
    made anew as it was, has none of its own: it comes back, and is told.
    """
    every = list(steps)
    if region is None:  # the shared rules come back, too
        return every, []
    policies = {policy for policy in _rules_that_go(plan).values() if actual.get(policy)}
    without_rules = {policy for policy in policies if not _has_rules(policy, actual, plan)}
    told, stays = [], set[str]()
    for step in every:
        if not (named := sorted(_let_go(step, plan) & without_rules)):
            continue
        none = f"{named[0].rsplit('/', 1)[-1]} has none until the whole run is taken back"
        if isinstance(step, Change):
            told.append(left(step.resource, f"it keeps to rules of its own: {none}"))
            stays |= {same_id(step.resource.id), *_followed(step, every)}
        else:
            told.append(left(step.resource, f"no rules let anything pass: {none}"))
    return [step for step in every if same_id(step.resource.id) not in stays], told


def keep_to_their_own(plan: Plan) -> Iterator[str]:
    """Yield notes on the regions that will not go back to shared rules once a run has ended.

    While it runs those stand, and a region that fails goes back to them.
    """
    stay = {
        same_id(parent_id(step.resource.id)) for step in plan.steps if not isinstance(step, Delete)
    }
    lose = set(_rules_that_go(plan).values()) - plan.deleted - stay
    regions: dict[tuple[str, bool], set[str]] = {}
    for step in plan.work:
        for policy in _let_go(step, plan) & lose if step.resource.region else ():
            comes_back = not isinstance(step, Change)
            regions.setdefault((policy, comes_back), set()).add(str(step.resource.region))
    for (policy, comes_back), names in sorted(regions.items()):
        name, is_one = policy.rsplit("/", 1)[-1], len(names) == 1
        keep, have = ("keeps", "has") if is_one else ("keep", "have")
        what = f"{have} no rules" if comes_back else f"{keep} to rules of their own"
        yield (
            f"{', '.join(sorted(names))} {what} when taken back alone after the run: "
            f"{name} has none until the whole run is taken back"
        )


def _rules_that_go(plan: Plan) -> dict[str, str]:
    """Return the shared rules that a plan deletes, each with the policy that it is of."""
    gone = (step.resource for step in plan.steps if isinstance(step, Delete))
    return {
        same_id(rules.id): same_id(parent_id(rules.id))
        for rules in gone
        if rules.region is None and KIND_BY_NAME[rules.kind].stage is Stage.POLICY
    }


def _has_rules(policy: str, actual: Actual, plan: Plan) -> bool:
    """Say whether anything of ours stands in a policy."""
    return any(
        key.startswith(f"{policy}/") and owned(found, actual, plan.topology)
        for key, found in actual.resources.items()
    )


def _let_go(step: Step, plan: Plan) -> set[str]:
    """Return what a change no longer names, or what a removal has named."""
    found = plan.found.get(step.resource.id)
    if found is None or not isinstance(step, Change | Replace | Delete):
        return set()
    kept = () if isinstance(step, Delete) else references(step.resource.body)
    return {*map(same_id, references(found.body))} - {*map(same_id, kept)}


def _followed(step: Step, steps: Iterable[Step]) -> Iterator[str]:
    """Yield what was made for a step: what it names, with what stands under that."""
    named = {*map(same_id, references(step.resource.body))}
    for other in steps:
        key = same_id(other.resource.id)
        if isinstance(other, Create) and any(f"{key}/".startswith(f"{it}/") for it in named):
            yield key
