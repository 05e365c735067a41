"""What of a region cannot go back to rules that all shared: they are gone, and would hold for all.

As where regions went over to policies of their own, and the groups of rules of the shared one,
which all of these inherit, were deleted with the last wave.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from topology.graph import references
from topology.kind import Stage, parent_id, same_id
from topology.planning.actual import Actual
from topology.planning.plan import Change, Create, Delete, Nothing, Plan, Step
from topology.planning.roll_back.alone import left
from topology.resources import KIND_BY_NAME


def following_on(
    steps: Iterable[Step], region: str | None, plan: Plan, actual: Actual
) -> tuple[list[Step], list[Nothing]]:
    """Return the steps that can be taken back in a region, and what says that the others cannot.

    Who follows rules of its own since keeps them, with all that it follows.
    """
    every = list(steps)
    if region is None:  # the shared rules come back, too
        return every, []
    gone = _rules_that_go(plan)
    without_rules = {
        policy for key, policy in gone.items() if actual.get(key) is None and actual.get(policy)
    }
    told, stays = [], set[str]()
    for step in every:
        if policies := sorted(_let_go(step, plan) & without_rules):
            name = policies[0].rsplit("/", 1)[-1]
            why = f"it keeps to rules of its own: {name} has none until the whole run is taken back"
            told.append(left(step.resource, why))
            stays |= {same_id(step.resource.id), *_followed(step, every)}
    return [step for step in every if same_id(step.resource.id) not in stays], told


def keep_to_their_own(plan: Plan) -> Iterator[str]:
    """Yield a note on the regions that will not go back to shared rules once a run has ended.

    While it runs those stand, and a region that fails goes back to them.
    """
    lose = set(_rules_that_go(plan).values()) - plan.deleted
    regions: dict[str, set[str]] = {}
    for step in plan.work:
        for policy in _let_go(step, plan) & lose if step.resource.region else ():
            regions.setdefault(policy, set()).add(str(step.resource.region))
    for policy, names in sorted(regions.items()):
        name = policy.rsplit("/", 1)[-1]
        verb = "keeps" if len(names) == 1 else "keep"
        yield (
            f"{', '.join(sorted(names))} {verb} to rules of their own when taken back alone "
            f"after the run: {name} has none until the whole run is taken back"
        )


def _rules_that_go(plan: Plan) -> dict[str, str]:
    """Return the shared rules that a plan deletes, each with the policy that it is of."""
    gone = (step.resource for step in plan.steps if isinstance(step, Delete))
    return {
        same_id(rules.id): same_id(parent_id(rules.id))
        for rules in gone
        if rules.region is None and KIND_BY_NAME[rules.kind].stage is Stage.POLICY
    }


def _let_go(step: Step, plan: Plan) -> set[str]:
    """Return what a change no longer names."""
    found = plan.found.get(step.resource.id)
    if found is None or not isinstance(step, Change):
        return set()
    return {*map(same_id, references(found.body))} - {*map(same_id, references(step.resource.body))}


def _followed(step: Step, steps: Iterable[Step]) -> Iterator[str]:
    """Yield what was made for a step: what it names, with what stands under that."""
    named = {*map(same_id, references(step.resource.body))}
    for other in steps:
        key = same_id(other.resource.id)
        if isinstance(other, Create) and any(f"{key}/".startswith(f"{it}/") for it in named):
            yield key
