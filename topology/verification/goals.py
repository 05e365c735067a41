"""What each commit of a plan will make of its region: all that is deployed there afterwards."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from topology.kind import same_id
from topology.planning.actual import Actual
from topology.planning.explain import commit_word
from topology.planning.plan import Commit, Plan
from topology.planning.removal import owned
from topology.verification.model import Model


@dataclass(frozen=True, slots=True)
class Goal:
    """A region's goal state of one type; configurations by name.

    `keeps` are those of others that stay deployed, `drops` those of others that the commit
    would undo without a word; `reaches` are the networks that follow what is deployed.
    """

    region: str
    what: str
    adds: tuple[str, ...]
    removes: tuple[str, ...]
    keeps: tuple[str, ...]
    drops: tuple[str, ...]
    reaches: tuple[str, ...]

    def __str__(self) -> str:
        signs = (("+", self.adds), ("-", self.removes), ("=", self.keeps), ("DROPS", self.drops))
        told = ", ".join(f"{sign} {name}" for sign, names in signs for name in names)
        count = len(self.reaches)
        who = f"{count} network{'' if count == 1 else 's'}"
        return f"{self.region}: {self.what}: {told or 'the same configurations'}; reaches {who}"


def goals(plan: Plan, actual: Actual, done: Model) -> Iterator[Goal]:
    """Yield the goal states that a plan's commits make; `done` is the model after it."""
    reached = _reached(done)
    for step in plan.work:
        if not isinstance(step, Commit):
            continue
        before = {same_id(name): name for name in step.before}
        after = {same_id(name): name for name in step.resource.body["configurationIds"]}
        gone = [name for key, name in before.items() if key not in after]
        ours = {name for name in before.values() if _is_ours(name, actual, plan.topology)}
        commit_type, region = step.resource.body["commitType"], step.resource.region or ""
        yield Goal(
            region=region,
            what=commit_word(commit_type),
            adds=_names(name for key, name in after.items() if key not in before),
            removes=_names(name for name in gone if name in ours),
            keeps=_names(name for key, name in before.items() if key in after and name not in ours),
            drops=_names(name for name in gone if name not in ours),
            reaches=tuple(sorted(reached[commit_type, region])),
        )


def _reached(model: Model) -> Mapping[tuple[str, str], set[str]]:
    """Return the names of the networks that follow each type of configuration, by region."""
    fabric, effects = model.fabric, model.effects
    routed = {fabric.subnets[key].network for key, routes in effects.routes.items() if routes}
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for commit_type, keys in (
        ("Connectivity", effects.meshes),
        ("SecurityAdmin", effects.rules),
        ("Routing", routed),
    ):
        for key in keys:
            network = fabric.networks[key]
            found[commit_type, network.region].add(network.name)
    return found


def _is_ours(configuration: str, actual: Actual, topology: str) -> bool:
    """Say whether a configuration is ours; one that is gone is nobody's to keep."""
    found = actual.get(configuration)
    return found is None or owned(found, actual, topology)


def _names(ids: Iterator[str]) -> tuple[str, ...]:
    return tuple(sorted(name.rsplit("/", 1)[-1] for name in ids))
