"""Which of two managers wins where both reach the same network.

The manager with the higher scope wins (facts.md sections 1 and 3): a management group is
above a subscription. Between managers of one level the older wins, `assumed`; that they do
not overlap in what they do is checked when they are written.
"""

from simulator.arm.store import Resource
from simulator.arm.world import World
from simulator.avnm.types import MANAGER


def rank(manager: Resource) -> tuple[int, str]:
    """Return what managers are sorted by, the winning one first."""
    scopes = manager.properties["networkManagerScopes"]
    created: str = manager.hidden.get("created", "")
    return (0 if scopes["managementGroups"] else 1), created


def ranked_managers(world: World) -> list[Resource]:
    """Return all managers, the winning one first."""
    return sorted(world.store.of_type(MANAGER), key=rank)


def shared_scope(left: Resource | dict[str, list[str]], right: Resource) -> str | None:
    """Return a management group or a subscription that both managers name, if any."""
    own = left if isinstance(left, dict) else left.properties["networkManagerScopes"]
    other = right.properties["networkManagerScopes"]
    for level in ("managementGroups", "subscriptions"):
        known = {item.lower().rstrip("/") for item in other[level]}
        for item in own[level]:
            if item.lower().rstrip("/") in known:
                return item
    return None
