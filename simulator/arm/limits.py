"""How many of a type a region of a subscription holds, or a parent, for children."""

from simulator.arm.draft import Draft
from simulator.arm.errors import ArmError
from simulator.arm.store import Resource
from simulator.arm.world import World


def refuse_excess(draft: Draft, world: World, existing: Resource | None) -> None:
    """Refuse a resource, or a list of children in its body, beyond `Settings.limits`."""
    for type_name, children in draft.children.items():
        limit = world.settings.limits.get(type_name)
        if limit is not None and len(children) > limit:
            raise _reached(type_name, limit, f"of {draft.id.text}", world)
    limit = world.settings.limits.get(draft.type)
    if limit is None or existing is not None:
        return
    parent = draft.id.parent
    if parent is not None and world.store.count(draft.type, parent.key) >= limit:
        raise _reached(draft.type, limit, f"of {parent.text}", world)
    if parent is None and _number_beside(draft, world, limit) >= limit:
        raise _reached(draft.type, limit, "for this subscription in this region", world)


def _number_beside(draft: Draft, world: World, enough: int) -> int:
    """Return how many there are in the region, or fewer than `enough`, as is quicker."""
    everywhere = world.store.count(draft.type)
    if everywhere < enough:
        return everywhere
    return number_in_region(draft.type, draft.id.subscription, draft.location, world)


def number_in_region(type_name: str, subscription: str, location: str | None, world: World) -> int:
    """Return how many of a type there are in a region of a subscription."""
    prefix = f"/subscriptions/{subscription}/".lower()
    return sum(
        item.location == location and item.key.startswith(prefix)
        for item in world.store.of_type(type_name)
    )


def _reached(type_name: str, limit: int, where: str, world: World) -> ArmError:
    # After PublicIPCountLimitReached, which is public; codes and words are `assumed`.
    return ArmError(
        400,
        f"{world.provider(type_name).operation_name}CountLimitReached",
        f"Cannot create more than {limit} {type_name.rsplit('/', 1)[-1]} {where}.",
        details=[],
    )
