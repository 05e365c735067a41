"""What Azure says when steps are done: against what was foreseen, and against its own word."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from topology.kind import same_id
from topology.network import Network
from topology.planning.actual import Actual
from topology.planning.plan import Step
from topology.verification.foreseen import foresee
from topology.verification.intent import Finding
from topology.verification.model import Model
from topology.verification.verdict import findings_of, model_of


def unforeseen(
    network: Network, before: Actual, steps: Iterable[Step], after: Actual
) -> list[Finding]:
    """Return what is not as it must be in what was read after steps, and was not foreseen of them.

    Between waves much is not yet as it must be; that, and what was so before, was foreseen.
    """
    found = findings_of(network, model_of(network, after, as_read=True))
    if not found:
        return []
    expected = foresee(before, steps, network.topology.topology)
    known = {
        (item.rule, item.between) for item in findings_of(network, model_of(network, expected))
    }
    return [item for item in found if (item.rule, item.between) not in known]


# -- Azure's own word --------------------------------------------------------------------

Effective = Mapping[str, Mapping[str, Collection[str]]]


@dataclass(frozen=True, slots=True)
class Disagreement:
    """What the model and Azure's effective configurations do not agree on, of one network.

    `azure` and `model` are names that only one of them has. `whose` is Azure's lag where its
    region is being deployed, else it is the model's fault.
    """

    network: str
    what: str
    azure: tuple[str, ...]
    model: tuple[str, ...]
    whose: str

    def row(self) -> dict[str, str]:
        """Return it as a row of a table."""
        return {
            "network": self.network,
            "what": self.what,
            "only Azure says": ", ".join(self.azure),
            "only the model says": ", ".join(self.model),
            "whose": self.whose,
        }


def disagreements(model: Model, effective: Effective) -> Iterator[Disagreement]:
    """Yield where the model knows other admin rules or meshes than Azure says are effective.

    `effective` are ids by type of configuration and network, as Azure lists them for a network.
    """
    effects = model.effects
    known: dict[str, dict[str, set[str]]] = {
        "SecurityAdmin": {
            key: {same_id(rule.id) for rule in rules} for key, rules in effects.rules.items()
        },
        "Connectivity": {
            key: {same_id(mesh.configuration) for mesh in meshes}
            for key, meshes in effects.meshes.items()
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
                    whose=_whose(model, key, what),
                )


def _whose(model: Model, network: str, what: str) -> str:
    region = model.fabric.networks[network].region if network in model.fabric.networks else ""
    states = [state for each in model.fabric.actual.goal_states.values() for state in each]
    moving = any(
        (state.region, state.commit_type) == (region, what) and state.status != "Deployed"
        for state in states
    )
    return "Azure's lag" if moving else "the model's fault"


def _names(ids: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted("/".join(name.split("/")[-3:]) for name in ids))
