"""Azure's own word on what is effective, beside the model's: AVNM's lists, and told routes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from topology.kind import same_id
from topology.verification.deployed import manager_of
from topology.verification.disagreement import LAG, UNSEEN, Disagreement, whose
from topology.verification.finding import Finding
from topology.verification.model import Model
from topology.verification.told_routes import ToldRoutes
from topology.verification.unread_managers import called, first_of
from topology.verification.verdict import Verdict

Effective = Mapping[str, Mapping[str, Collection[str]]]


EFFECTIVE = "effective"  # the rule of findings in which Azure's own word is another
_SAYS = "Azure lists the admin rules and meshes as effective that the proof stands on"


@dataclass(frozen=True, slots=True)
class Heard:
    """What Azure says is effective in so many networks: where it differs, what interfaces told."""

    networks: int
    differing: tuple[Disagreement, ...]
    routes: tuple[ToldRoutes, ...]

    def lines(self) -> Iterator[str]:
        """Yield it in lines; the differences are told by themselves."""
        told = sum(not item.refused for item in self.routes)
        routes = f"routes of machines in {_counted(told, 'subnet')}"
        if not self.routes:
            routes = "no routes, for no machine stands in them"
        yield (
            f"Held against the model: admin rules and meshes of "
            f"{_counted(self.networks, 'network')}, {routes}; "
            f"{_counted(len(self.differing), 'difference')}."
        )
        refused: dict[str, list[ToldRoutes]] = {}
        for item in self.routes:
            if item.refused:
                refused.setdefault(item.refused.partition(":")[0], []).append(item)
        for items in refused.values():
            others = f" and {len(items) - 1} more" if len(items) > 1 else ""
            yield f"Not told: routes of {items[0].name}{others}: {items[0].refused}"

    @property
    def told_otherwise(self) -> str:
        """Return, as the end of a sentence, that machines tell other routes; "" where none does."""
        names = {item.network for item in self.differing if not item.region and item.whose != LAG}
        if not names:
            return ""
        return f"; machines tell other routes in {_counted(len(names), 'subnet')}"

    def to_json(self) -> dict[str, Any]:
        """Return what was heard, in the same lines, and each difference."""
        return {
            "heard": list(self.lines()),
            "differing": [asdict(item) for item in self.differing],
        }


def disagreements(model: Model, effective: Effective) -> Iterator[Disagreement]:
    """Yield where the model knows other admin rules or configurations than Azure says work.

    `effective` are ids by type of configuration and network, as Azure lists them for a network.
    What is of a manager that was not read is told by itself.
    """
    effects = model.effects
    known = {
        "SecurityAdmin": {
            key: {same_id(rule.id) for rule in rules} for key, rules in effects.rules.items()
        },
        "Connectivity": {
            key: {same_id(name) for name in ids} for key, ids in effects.connected.items()
        },
    }
    for what, networks in effective.items():
        for name, ids in networks.items():
            says, mine = {same_id(item) for item in ids}, known[what].get(same_id(name), set())
            yield from _differing(model, what, name, says, mine)


_WORDS = {"SecurityAdmin": "admin rules", "Connectivity": "connectivity"}


def _differing(
    model: Model, what: str, name: str, says: set[str], mine: set[str]
) -> Iterator[Disagreement]:
    key, unseen = same_id(name), defaultdict[str, set[str]](set)
    for item in says - mine:
        if (manager := manager_of(item)) not in model.fabric.actual.goal_states:
            unseen[manager].add(item)
    found = Disagreement(
        network=name.rsplit("/", 1)[-1],
        what=_WORDS[what],
        azure=_names((says - mine).difference(*unseen.values())),
        model=_names(mine - says),
        whose=whose(model, key, {what}),
        region=model.fabric.networks[key].region if key in model.fabric.networks else "",
    )
    if found.azure or found.model:
        yield found
    for manager, items in unseen.items():
        of = f"{_WORDS[what]} of {called(manager)}"
        yield replace(found, what=of, azure=_names(items), model=(), whose=UNSEEN, manager=manager)


def _names(ids: Iterable[str]) -> tuple[str, ...]:
    """Return ids as the names that they hold, from the manager's on."""
    return tuple(sorted("/".join(name.split("/")[8::2]) for name in ids))


# -- what it comes to --------------------------------------------------------------------


def after_hearing(verdict: Verdict, heard: Heard) -> Verdict:
    """Return a verdict that has nothing proved where Azure's lists for networks say otherwise.

    What differs and is not Azure's lag is a finding: the model did not know what holds, so what
    was proved on it may not be so. Managers that were not read are named as that, too. Routes of
    machines are told and find nothing: they hold what gateways have learned.
    """
    stays = [item for item in heard.differing if item.region and item.whose != LAG]
    by_manager: dict[str, list[Disagreement]] = defaultdict(list)
    for item in stays:
        if item.manager:
            by_manager[item.manager].append(item)
    unseen = [_of_unseen(manager, items) for manager, items in by_manager.items()]
    faults = [_of_model(item) for item in stays if not item.manager]
    return replace(
        verdict,
        findings=(*verdict.findings, *unseen, *faults),
        checked={**verdict.checked, EFFECTIVE: _SAYS},
        unread=(*verdict.unread, *(f"what {item.between} does: {item.text}" for item in unseen)),
    )


def _of_unseen(manager: str, items: Sequence[Disagreement]) -> Finding:
    names = sorted({name for item in items for name in item.azure})
    networks = sorted({item.network for item in items})
    subscription = manager.split("/")[2] if manager else ""
    text = (
        f"Azure lists {first_of(names)} as effective in {first_of(networks)}, and the manager "
        f"(in subscription {subscription}) is not read"
    )
    return Finding(EFFECTIVE, called(manager), text, by=manager)


def _of_model(item: Disagreement) -> Finding:
    return Finding(EFFECTIVE, item.network, str(item), by="", region=item.region)


def _counted(count: int, what: str) -> str:
    return f"{count or 'no'} {what}{'' if count == 1 else 's'}"
