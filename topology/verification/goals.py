"""What each commit of a plan will make of its region: what is deployed there, and in effect."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from topology.kind import same_id
from topology.naming import generation_in
from topology.planning.actual import Actual
from topology.planning.explain import commit_word
from topology.planning.plan import Commit, Plan
from topology.planning.removal import owned
from topology.verification.deployed import manager_of
from topology.verification.model import Model


@dataclass(frozen=True, slots=True)
class Goal:
    """A region's goal state of one type; configurations by name.

    `keeps` are those of others that stay deployed, `drops` those of others that the commit
    would undo without a word; `reaches` are the networks that follow what is deployed. In
    effect there `comes`, `changes` and `goes` what is named: rules, routes, or members of
    meshes, those of others with the name of their configuration.
    """

    region: str
    what: str
    adds: tuple[str, ...]
    removes: tuple[str, ...]
    keeps: tuple[str, ...]
    drops: tuple[str, ...]
    reaches: tuple[str, ...]
    comes: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()
    goes: tuple[str, ...] = ()

    def __str__(self) -> str:
        told = _signed(
            ("+", self.adds), ("-", self.removes), ("=", self.keeps), ("DROPS", self.drops)
        )
        count = len(self.reaches)
        who = f"{count} network{'' if count == 1 else 's'}"
        effect = _signed(("+", self.comes), ("~", self.changes), ("-", self.goes))
        whole = f"{self.region}: {self.what}: {told or 'the same configurations'}; reaches {who}"
        return f"{whole}; in effect: {effect or 'as before'}"


def goals(plan: Plan, actual: Actual, before: Model, done: Model) -> Iterator[Goal]:
    """Yield the goal states that a plan's commits make, by the models before and after it."""
    reached, was, will_be = _reached(done), _in_effect(before), _in_effect(done)
    for step in plan.work:
        if not isinstance(step, Commit):
            continue
        there = {same_id(name): name for name in step.before}
        after = {same_id(name): name for name in step.resource.body["configurationIds"]}
        gone = [name for key, name in there.items() if key not in after]
        ours = {name for name in there.values() if _is_ours(name, actual, plan.topology)}
        commit_type, region = step.resource.body["commitType"], step.resource.region or ""
        old, new = was[commit_type, region], will_be[commit_type, region]
        yield Goal(
            region=region,
            what=commit_word(commit_type),
            adds=_names(name for key, name in after.items() if key not in there),
            removes=_names(name for name in gone if name in ours),
            keeps=_names(name for key, name in there.items() if key in after and name not in ours),
            drops=_names(name for name in gone if name not in ours),
            reaches=tuple(sorted(reached[commit_type, region])),
            comes=tuple(sorted(new.keys() - old.keys())),
            changes=tuple(sorted(name for name in new.keys() & old if new[name] != old[name])),
            goes=tuple(sorted(old.keys() - new.keys())),
        )


def _reached(model: Model) -> Mapping[tuple[str, str], set[str]]:
    """Return the names of the networks that follow each type of configuration, by region."""
    fabric, effects = model.fabric, model.effects
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for commit_type, key, ids in (
        *(("Connectivity", k, [m.configuration for m in v]) for k, v in effects.meshes.items()),
        *(("SecurityAdmin", k, [r.id for r in v]) for k, v in effects.rules.items()),
        *(
            ("Routing", fabric.subnets[k].network, [r.id for r in v])
            for k, v in effects.routes.items()
        ),
    ):
        if not all(_is_of_others(name, model) for name in ids):
            network = fabric.networks[key]
            found[commit_type, network.region].add(network.name)
    return found


def _is_of_others(name: str, model: Model) -> bool:
    """Say whether something stands in a manager of others, to which no commit of ours goes."""
    return manager_of(name) in model.fabric.actual.managers.goal_states


# What is in effect in a region by one type of configuration: by name, what each says.
_Content = Mapping[str, set[object]]


def _in_effect(model: Model) -> Mapping[tuple[str, str], _Content]:
    """Return what configurations do, by type and region; generations are not told apart."""
    found: dict[tuple[str, str], dict[str, set[object]]] = defaultdict(lambda: defaultdict(set))
    for commit_type, network, configuration, name, content in _each(model):
        if _is_of_others(configuration, model):
            continue
        region = model.fabric.networks[network].region
        is_ours = generation_in(configuration) is not None
        others = "" if is_ours else f" of {configuration.rsplit('/', 1)[-1]}"
        found[commit_type, region][name + others].add(content)
    return found


def _each(model: Model) -> Iterator[tuple[str, str, str, str, object]]:
    """Yield type, key of the network, configuration, name and content of what is in effect."""
    fabric, effects = model.fabric, model.effects
    for key, meshes in effects.meshes.items():
        for mesh in meshes:
            yield "Connectivity", key, mesh.configuration, fabric.networks[key].name, None
    for key, rules in effects.rules.items():
        for rule in rules:
            yield "SecurityAdmin", key, *_names_of(rule.id), replace(rule, id="")
    for key, routes in effects.routes.items():
        network = fabric.subnets[key].network
        for route in routes:
            if _MADE in route.id.lower():
                yield "Routing", network, *_names_of(route.id), replace(route, id="")


_MADE = "/rulecollections/"  # in the id of what a rule of AVNM's has made
_MOST_TOLD = 4


def _names_of(rule: str) -> tuple[str, str]:
    """Return the id of the configuration that holds a rule, and the rule's name."""
    return rule[: rule.lower().index(_MADE)], rule.rsplit("/", 1)[-1]


def _signed(*signs: tuple[str, tuple[str, ...]]) -> str:
    """Return names with their signs, of each sign the first few."""
    told: list[str] = []
    for sign, names in signs:
        told += [f"{sign} {name}" for name in names[:_MOST_TOLD]]
        if len(names) > _MOST_TOLD:
            told.append(f"{sign} {len(names) - _MOST_TOLD} more")
    return ", ".join(told)


def _is_ours(configuration: str, actual: Actual, topology: str) -> bool:
    """Say whether a configuration is ours; one that is gone is nobody's to keep."""
    found = actual.get(configuration)
    return found is None or owned(found, actual, topology)


def _names(ids: Iterator[str]) -> tuple[str, ...]:
    return tuple(sorted(name.rsplit("/", 1)[-1] for name in ids))
