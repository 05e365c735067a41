"""Names of deleted definitions, which cannot be used again for a network group.

"Once deletion is completed, the definition name can't be reused or re-referenced when associating
a new definition to a network group" (facts.md section 1). That the PUT of such a definition is
what Azure refuses, and for names in the same scope only, is `assumed`.
"""

from simulator.arm.ids import ResourceId, make_id
from simulator.arm.store import Resource
from simulator.arm.world import World
from simulator.policy.types import SPENT


def spend(definition: ResourceId, world: World) -> None:
    """Remember the name of a definition that is gone, as long as the world lasts."""
    mark = _mark(definition)
    if mark is not None:
        world.store.save(Resource(mark, SPENT, None, None, {}))


def is_spent(definition: ResourceId, world: World) -> bool:
    """Tell whether a definition of this name in this scope was deleted before."""
    mark = _mark(definition)
    return mark is not None and world.store.get(mark.key) is not None


def _mark(definition: ResourceId) -> ResourceId | None:
    return make_id(definition, (SPENT.rpartition("/")[2],), definition.names)
