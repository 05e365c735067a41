"""Azure's own word on what is effective, beside the model's: AVNM's lists, and told routes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from topology.kind import same_id
from topology.verification.disagreement import Disagreement, whose
from topology.verification.model import Model
from topology.verification.told_routes import ToldRoutes

Effective = Mapping[str, Mapping[str, Collection[str]]]


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

    def to_json(self) -> dict[str, Any]:
        """Return what was heard, in the same lines, and each difference."""
        return {
            "heard": list(self.lines()),
            "differing": [asdict(item) for item in self.differing],
        }


def disagreements(model: Model, effective: Effective) -> Iterator[Disagreement]:
    """Yield where the model knows other admin rules or configurations than Azure says work.

    `effective` are ids by type of configuration and network, as Azure lists them for a network.
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
            key, says = same_id(name), {same_id(item) for item in ids}
            mine = known[what].get(key, set())
            if says != mine:
                yield Disagreement(
                    network=name.rsplit("/", 1)[-1],
                    what="admin rules" if what == "SecurityAdmin" else "connectivity",
                    azure=_names(says - mine),
                    model=_names(mine - says),
                    whose=whose(model, key, {what}),
                )


def _names(ids: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted("/".join(name.split("/")[-3:]) for name in ids))


def _counted(count: int, what: str) -> str:
    return f"{count or 'no'} {what}{'' if count == 1 else 's'}"
