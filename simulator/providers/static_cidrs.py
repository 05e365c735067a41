"""Microsoft.Network/networkManagers/ipamPools/staticCidrs."""

from collections.abc import Mapping
from typing import Any, ClassVar

from simulator.arm.call import Call
from simulator.arm.draft import Draft
from simulator.arm.errors import ArmError
from simulator.arm.store import Resource
from simulator.arm.world import World
from simulator.avnm import ipam
from simulator.avnm.prefixes import as_networks, contains, overlap
from simulator.avnm.tracked import TrackedProvider, plain_error
from simulator.avnm.types import CIDR


class StaticCidrs(TrackedProvider):
    """Prefixes that somebody outside of Azure has, named or as many addresses as asked for."""

    type = CIDR
    operation_name = "StaticCidr"
    noun = "Static CIDR"
    has_tags = False
    layout = (
        "description",
        "numberOfIPAddressesToAllocate",
        "addressPrefixes",
        "totalNumberOfIPAddresses",
        "provisioningState",
    )
    defaults: ClassVar[Mapping[str, Any]] = {"description": ""}
    read_only = frozenset({"totalNumberOfIPAddresses"})

    def validate(self, draft: Draft, call: Call, existing: Resource | None) -> None:
        """Check the prefixes, or find them: the lowest that are free, `assumed`."""
        pool = call.world.store.get(draft.id.parent.key) if draft.id.parent else None
        if pool is None:
            return
        values = draft.properties
        if values.get("addressPrefixes"):
            _check(draft, pool, call.world)
        elif existing is not None and existing.properties.get("addressPrefixes"):
            values["addressPrefixes"] = existing.properties["addressPrefixes"]
        else:
            wanted = str(values.get("numberOfIPAddressesToAllocate") or "")
            if not wanted.isdigit() or int(wanted) < 1:
                raise _invalid(f"Static CIDR {draft.name} needs prefixes or a number of addresses.")
            found = ipam.first_fit(call.world, pool, int(wanted))
            if found is None:
                raise _invalid(f"Pool {pool.name} has no room for {wanted} addresses.")
            values["addressPrefixes"] = [found]

    def computed(self, resource: Resource, world: World) -> dict[str, Any]:  # noqa: ARG002
        """Return how many addresses it has."""
        found = ipam.count(as_networks(ipam.prefixes_in(resource)))
        return {"totalNumberOfIPAddresses": str(found)}


def _check(draft: Draft, pool: Resource, world: World) -> None:
    try:
        own = as_networks(draft.properties["addressPrefixes"])
    except ValueError as error:
        raise _invalid(f"Static CIDR {draft.name} has an invalid prefix: {error}.") from error
    users = [*ipam.child_pools(world, pool), *ipam.associated(world, pool)]
    others = [user for user in users if user.key != draft.key]
    for prefix in own:
        if not any(contains(space, prefix) for space in as_networks(ipam.prefixes_in(pool))):
            raise _invalid(f"Prefix {prefix} is outside of pool {pool.name}.")
        for user in others:
            if any(overlap(prefix, item) for item in as_networks(ipam.prefixes_in(user))):
                raise _invalid(f"Prefix {prefix} overlaps with {user.id.text}.")


def _invalid(message: str) -> ArmError:
    return plain_error(400, "InvalidRequest", message)
