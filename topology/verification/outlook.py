"""What a plan will do to traffic, told before its first write, and whether it may be done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import Any

from topology.network import Network
from topology.planning.actual import Actual
from topology.planning.plan import Plan
from topology.verification.consequences import Difference, differences
from topology.verification.finding import Finding, one_of_each
from topology.verification.foreseen import foresee
from topology.verification.goals import Goal, goals
from topology.verification.intent import each_of_traffic, of_traffic
from topology.verification.known import Known, everything
from topology.verification.model import Model
from topology.verification.moments import Moment, OnTheWay, Passed, on_the_way
from topology.verification.proof import Proof
from topology.verification.rules import Traffic
from topology.verification.taken_away import taken_away
from topology.verification.taken_away import told as taken_told
from topology.verification.unread import unread
from topology.verification.verdict import as_wanted, model_of
from topology.verify_spec import opposites

IN_THIS_ORDER = "In this order, with the steps of each stage"
_MOST_TOLD = 2
_MOST_IN_A_ROW = 8


@dataclass(frozen=True)
class Outlook:
    """The consequences of a plan.

    `broken` is what the file itself cannot hold, or the plan would bring about: it is refused.
    `remains` is not as it must be before and after, which others may have made so.
    `environments` are those of the topology's networks, by name. `goals` are the goal states
    that its commits make, `on_the_way` the states on the way to it, and what is wrong there.
    `stands_on` are the assumptions
    without which what comes of it would not be as it must be, `unread` what may decide there
    and was not read. `taken` are peerings that AVNM would take away again, a sentence each.
    """

    differences: tuple[Difference, ...]
    environments: Mapping[str, str]
    goals: tuple[Goal, ...]
    on_the_way: OnTheWay
    broken: tuple[Finding, ...]
    remains: tuple[Finding, ...]
    stands_on: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    taken: tuple[str, ...] = ()

    @property
    def moments(self) -> tuple[Moment, ...]:
        """Return what is wrong on the way."""
        return self.on_the_way.moments

    @property
    def is_clean(self) -> bool:
        """Say whether nothing is otherwise than it must be: on the way, and when it is done."""
        return self.refusal is None and not self.moments and not self.remains

    @property
    def refusal(self) -> str | None:
        """Return why the plan may not be carried out, with the way out; None where it may."""
        if self.taken:
            return (
                f"peerings of this plan would not stay: {_few([*self.taken])}: nothing was done. "
                "Have it deployed without deleteExistingPeering, or take these networks out of its "
                "groups"
            )
        if self.broken:
            told = _few([item.text for item in self.broken])
            return (
                f"what would come of this plan is not as it must be: {told}: nothing was done. "
                "Change the file, or say in it that the rule is not checked (`verify.without`); "
                "`orrery verify` tells all"
            )
        if unsafe := [item for item in self.moments if item.is_unsafe]:
            told = _few([str(item) for item in unsafe])
            return (
                f"the order of this plan is unsafe: {told}: nothing was done. Take the change in "
                "two steps, denials and firewalls before what leads to them"
            )
        if dropping := [
            f"{item.region}: {', '.join(item.drops)}" for item in self.goals if item.drops
        ]:
            return (
                "a commit would undo what others have deployed: "
                f"{_few(dropping)}: nothing was done. Plan again, so that it is carried along"
            )
        return None

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON, with the refusal where there is one."""
        return {"refusal": self.refusal, **asdict(self)}


def look_ahead(network: Network, plan: Plan, actual: Actual) -> Outlook:
    """Return the consequences of a plan for what Azure holds; seconds, where it is large."""
    before = model_of(network, actual)
    then = foresee(actual, plan.steps, plan.topology)
    after = model_of(network, then)
    proof = Proof(network, after)
    broken, remains = _parted(network, before, everything(proof))
    return Outlook(
        differences=differences(before, after),
        environments=_environments(network, actual, before),
        goals=tuple(sorted(goals(plan, actual, before, after), key=lambda goal: goal.region)),
        on_the_way=on_the_way(network, plan, actual),
        broken=one_of_each(broken),
        remains=one_of_each(remains),
        stands_on=tuple(_stands_on(proof)) if plan.work else (),
        unread=tuple(unread(after, proof.own)) if plan.work else (),
        taken=tuple(taken_told(taken_away(then, plan.work))),
    )


def _environments(network: Network, actual: Actual, before: Model) -> dict[str, str]:
    """Return the environments of spokes, by the name of the network; of those that leave too."""
    found = {}
    for key, item in before.fabric.networks.items():
        tags = (actual.resources[key].body.get("tags") or {}) if key in actual.resources else {}
        if tags.get("topology") == network.topology.topology and "environment" in tags:
            found[item.name] = str(tags["environment"])
    names = network.names
    spokes = {names.vnet_name(item.region, item.name): item.environment for item in network.spokes}
    return {**found, **spokes}


def _stands_on(proof: Proof) -> Iterator[str]:
    """Yield the assumptions whose opposite gives other findings.

    They are about ways, which are the same for every traffic: one kind is asked.
    """
    found = {item.key for item in of_traffic(proof, Traffic())}
    for taken, other in opposites(proof.model.assumptions):
        model = proof.model.assuming(other)
        if not model.ways_as(proof.model) and _differs(Proof(proof.network, model), found):
            yield f"stands on {taken}"


def _differs(proof: Proof, found: set[tuple[str, str]]) -> bool:
    """Say whether a proof finds anything else, or less: the first that is new tells."""
    same = set()
    for item in each_of_traffic(proof, Traffic()):
        if item.key not in found:
            return True
        same.add(item.key)
    return same != found


def _parted(
    network: Network, before: Model, found: tuple[Finding, ...]
) -> tuple[list[Finding], list[Finding]]:
    """Return what a plan answers for, and what is so already and follows from no file."""
    if not found:
        return [], []
    so_before = Known(Proof(network, before))
    so_by_file = Known(Proof(network, model_of(network, as_wanted(network))))
    broken, remains = list[Finding](), list[Finding]()
    for item in found:
        is_others = so_before.has(item) and not so_by_file.has(item)
        (remains if is_others else broken).append(item)
    return broken, remains


# -- in words ----------------------------------------------------------------------------


def told(outlook: Outlook) -> Iterator[tuple[str, list[str]]]:
    """Yield what there is to tell, by headings."""
    yield from _if_any("Traffic", (_sentence(item, outlook) for item in outlook.differences))
    yield from _if_any("What commits make of each region", map(str, outlook.goals))
    yield from _if_any("On the way", map(str, outlook.moments))
    yield from _if_any("Not as it must be, before and after", (i.text for i in outlook.remains))
    yield from _if_any("Not as it must be", (i.text for i in outlook.broken))
    yield from _if_any("Assumed where Azure's text is silent", outlook.stands_on)
    yield from _if_any("Not read", outlook.unread)


def markdown(outlook: Outlook) -> str:
    """Return the same as markdown, a section of a plan's."""
    lines = ["", "## Consequences", "", summary(outlook)]
    for heading, items in told(outlook):
        lines += ["", f"### {heading}", "", *(f"- {item}" for item in items)]
    if outlook.on_the_way.stages:
        lines += ["", f"### {IN_THIS_ORDER}", "", *(f"- {line}" for line in in_this_order(outlook))]
    return "\n".join(lines) + "\n"


def in_this_order(outlook: Outlook) -> Iterator[str]:
    """Yield a line for each part of the rollout: its stages as they end, and whether all is safe.

    Of how many states it is known the last line says.
    """
    way = outlook.on_the_way
    for part, passed in groupby(way.stages, key=lambda stage: stage.part):
        stages = [*passed]
        named = sorted({region for stage in stages for region in stage.regions})
        where = _regions(named, _MOST_TOLD)
        yield f"{part}{f' ({where})' if named else ''}: {' -> '.join(map(_passed, stages))}"
    states = f"{way.states:,} state{'' if way.states == 1 else 's'}"
    orders = f"{way.orders} order{'' if way.orders == 1 else 's'}"
    found = f"{way.wrong:,} not as they must be" if way.wrong else "each safe"
    yield f"{states} in {orders} looked at: {found}"


def order_rows(outlook: Outlook) -> list[dict[str, Any]]:
    """Return the stages of the rollout as rows of a table."""
    return [
        {
            "part": stage.part,
            "stage": stage.stage,
            "regions": _regions(stage.regions, _MOST_IN_A_ROW),
            "steps": stage.steps,
            "states after them": stage.states,
            "found": f"{stage.wrong} not as they must be" if stage.wrong else "each safe",
        }
        for stage in outlook.on_the_way.stages
    ]


def _regions(named: Collection[str], most: int) -> str:
    return ", ".join(named) if len(named) <= most else f"{len(named)} regions"


def _passed(stage: Passed) -> str:
    wrong = f", {stage.wrong} of {stage.states} states wrong" if stage.wrong else ""
    return f"{stage.stage} ({stage.steps}{wrong})"


def summary(outlook: Outlook) -> str:
    """Return in a sentence whether it is proved, and what on the way is not."""
    if outlook.refusal:
        return f"Refused: {outlook.refusal}."
    proved = "what comes of it is as it must be"
    if outlook.remains:
        proved = f"what it changes is as it must be, but {_remaining(outlook)}"
    if not outlook.moments:
        whole = "" if outlook.remains else ", and so is every moment on the way"
        return f"Proved{' in part' if outlook.remains else ''}: {proved}{whole}."
    count = len(outlook.moments)
    told = _few([str(item) for item in outlook.moments])
    return f"Proved except {count} moment{'' if count == 1 else 's'}: {proved}; {told}."


def _remaining(outlook: Outlook) -> str:
    """Return how many things stay as they are, and which."""
    count = len(outlook.remains)
    stays = "1 thing stays" if count == 1 else f"{count} things stay"
    return f"{stays} as before, not as it must be: {_few([item.text for item in outlook.remains])}"


def _sentence(item: Difference, outlook: Outlook) -> str:
    beside = tuple(name for name in item.targets if item.senders != (name,)) or item.targets
    senders, targets = (_who(names, outlook) for names in (item.senders, beside))
    verb = "can now open connections to" if item.gained else "can no longer open connections to"
    return f"{senders} {verb} {targets} ({item.told})"


def _who(names: tuple[str, ...], outlook: Outlook) -> str:
    """Return networks by name where they are few, else how many of each environment they are."""
    if len(names) <= _MOST_TOLD:
        return ", ".join(names)
    counts = Counter(outlook.environments.get(name, "others") for name in names)
    return " and ".join(
        f"{count} network{'' if count == 1 else 's'} of {name}" for name, count in counts.items()
    )


def _if_any(heading: str, items: Iterable[str]) -> Iterator[tuple[str, list[str]]]:
    if listed := list(items):
        yield heading, listed


def _few(texts: list[str]) -> str:
    more = f" and {len(texts) - _MOST_TOLD} more" if len(texts) > _MOST_TOLD else ""
    return "; ".join(texts[:_MOST_TOLD]) + more
