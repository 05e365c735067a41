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
    parent, store = draft.id.parent, world.store
    if parent is not None and store.count(draft.type, parent.key) >= limit:
        raise _reached(draft.type, limit, f"of {parent.text}", world)
    place = (draft.type, draft.id.subscription, draft.location)
    if parent is None and store.count_in_region(*place) >= limit:
        raise _reached(draft.type, limit, "for this subscription in this region", world)


def _reached(type_name: str, limit: int, where: str, world: World) -> ArmError:
    # After PublicIPCountLimitReached, which is public; codes and words are `assumed`.
    return ArmError(
        400,
        f"{world.provider(type_name).operation_name}CountLimitReached",
        f"Cannot create more than {limit} {type_name.rsplit('/', 1)[-1]} {where}.",
        details=[],
    )
