"""Where the model and Azure's own word on what is effective differ, and whose fault that is."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from topology.kind import at
from topology.verification.model import Model

LAG, FAULT = "Azure's lag", "the model's fault"
UNSEEN = "of a network manager that is not read"

_MOVING = frozenset({"NotStarted", "Deploying"})  # of goal states
_ENDED = frozenset({None, "Succeeded", "Failed"})  # of resources


@dataclass(frozen=True, slots=True)
class Disagreement:
    """What the model and Azure's effective configurations do not agree on, of one network.

    `azure` and `model` are what only one of them has: names from the manager on, or prefixes and
    hops. `whose` is Azure's lag where something of it is under way, or where it was gone at
    another look; else it is the model's fault, or of the `manager`, by its id, that is not read.
    `region` is the network's where one of Azure's lists for the network differs; "" of routes.
    """

    network: str
    what: str
    azure: tuple[str, ...]
    model: tuple[str, ...]
    whose: str
    manager: str = ""
    region: str = ""

    def __str__(self) -> str:
        """Return it as a sentence."""
        told = ((self.azure, "only Azure says"), (self.model, "only the model says"))
        said = "; ".join(f"{who} {', '.join(names)}" for names, who in told if names)
        return f"{self.network}: {self.what}: {said}: {self.whose}"

    def row(self) -> dict[str, str]:
        """Return it as a row of a table."""
        return {
            "network": self.network,
            "what": self.what,
            "only Azure says": ", ".join(self.azure),
            "only the model says": ", ".join(self.model),
            "whose": self.whose,
        }


def settled(
    first: Iterable[Disagreement], again: Iterable[Disagreement]
) -> tuple[Disagreement, ...]:
    """Return what two looks found: what was gone at the second was Azure's lag."""
    stays = tuple(again)
    still = {(item.network, item.what) for item in stays}
    gone = (item for item in first if (item.network, item.what) not in still)
    return (*(replace(item, whose=LAG) for item in gone), *stays)


def whose(model: Model, network: str, moved_by: Collection[str], *beside: str) -> str:
    """Say whose a difference is: Azure's lag while anything that it may come of is under way.

    That are goal states of these types in the network's region, and what is `beside`, by key. What
    has failed is under way no more.
    """
    region = model.fabric.networks[network].region if network in model.fabric.networks else ""
    states = [state for each in model.fabric.actual.goal_states.values() for state in each]
    moving = any(
        state.region == region and state.commit_type in moved_by and state.status in _MOVING
        for state in states
    )
    found = (model.fabric.actual.get(key) for key in (network, *beside))
    changing = any(
        at(item.body, "properties.provisioningState") not in _ENDED
        for item in found
        if item is not None
    )
    return LAG if moving or changing else FAULT
