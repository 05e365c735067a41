"""Microsoft.Network/networkManagers/ipamPools."""

from collections.abc import Mapping
from typing import Any, ClassVar

from simulator.arm.call import Call, Reply
from simulator.arm.draft import Draft
from simulator.arm.errors import ArmError
from simulator.arm.ids import ResourceId
from simulator.arm.provider import Action
from simulator.arm.store import Resource
from simulator.arm.world import World
from simulator.avnm import ipam
from simulator.avnm.prefixes import as_networks, contains, overlap
from simulator.avnm.tracked import TrackedProvider, plain_error
from simulator.avnm.types import POOL


class IpamPools(TrackedProvider):
    """Pools of addresses, in a tree by the name of the parent."""

    type = POOL
    operation_name = "IpamPool"
    layout = (
        "description",
        "displayName",
        "ipAddressType",
        "parentPoolName",
        "addressPrefixes",
        "provisioningState",
    )
    defaults: ClassVar[Mapping[str, Any]] = {
        "description": "",
        "displayName": "",
        "parentPoolName": "",
    }
    read_only = frozenset({"ipAddressType"})
    patched = frozenset({"description", "displayName", "minAllocationSize", "maxAllocationSize"})

    @property
    def actions(self) -> Mapping[str, Action]:
        """Return what can be asked of a pool."""
        return {
            "getpoolusage": lambda call, pool: Reply(200, ipam.usage(call.world, pool)),
            "listassociatedresources": _associations,
        }

    def absent(self, resource_id: ResourceId) -> ArmError:
        """Return the recorded 404, which has the whole id."""
        return plain_error(404, "NotFound", f"Ipam pool '{resource_id.text}' not found.")

    def validate(self, draft: Draft, call: Call, existing: Resource | None) -> None:
        """Check prefixes, parent and siblings; that roots may overlap is `assumed`."""
        own = _read(draft.properties.get("addressPrefixes"), draft)
        name = str(draft.properties.get("parentPoolName") or "")
        if existing is not None and ipam.parent_name(existing).lower() != name.lower():
            raise _invalid(f"The parent of pool {draft.id.text} cannot be changed.")
        if name:
            self._check_parent(draft, own, name, call.world)
        if existing is not None:
            for item in ipam.allocated(call.world, existing):
                if not any(contains(space, item) for space in own):
                    raise _invalid(f"Pool {draft.id.text} has given away {item}, which it loses.")

    def _check_parent(self, draft: Draft, own: list[Any], name: str, world: World) -> None:
        manager = draft.id.root
        parent = world.store.get(manager.child("ipamPools", name).key)
        if parent is None or parent.key == draft.key:
            raise _invalid(f"Parent pool {name} of {draft.id.text} does not exist.")
        spaces = as_networks(ipam.prefixes_in(parent))
        users = [*ipam.child_pools(world, parent), *ipam.associated(world, parent)]
        for prefix in own:
            if not any(contains(space, prefix) for space in spaces):
                raise _invalid(f"Prefix {prefix} is outside of the parent pool {name}.")
            for user in users:
                others = as_networks(ipam.prefixes_in(user))
                if user.key != draft.key and any(overlap(prefix, item) for item in others):
                    raise _invalid(f"Prefix {prefix} overlaps with {user.id.text}.")

    def put_headers(self, call: Call, resource: Resource) -> dict[str, str]:
        """Return the operation, which has ended: the SDK polls one."""
        operation = self.new_operation(call, resource, "Put", 0, frozenset())
        operation.status = "Succeeded"
        call.world.operations.note(operation)
        return {"Azure-AsyncOperation": operation.url}

    def check_deletable(self, resource: Resource, call: Call) -> None:
        """Refuse while somebody has addresses of the pool; the code is `assumed`."""
        users = [*ipam.child_pools(call.world, resource), *ipam.associated(call.world, resource)]
        if users:
            raise plain_error(
                409,
                "IpamPoolInUse",
                f"Ipam pool '{resource.id.text}' is in use by {users[0].id.text}.",
            )

    def computed(self, resource: Resource, world: World) -> dict[str, Any]:  # noqa: ARG002
        """Return which kinds of addresses there are."""
        versions = {item.version for item in as_networks(ipam.prefixes_in(resource))}
        return {"ipAddressType": [f"IPv{version}" for version in sorted(versions)]}


def _associations(call: Call, pool: Resource) -> Reply:
    found = [ipam.association(pool, item) for item in ipam.associated(call.world, pool)]
    return Reply(200, {"value": found})


def _read(given: Any, draft: Draft) -> list[Any]:
    if not given:
        raise _invalid(f"Pool {draft.id.text} needs addressPrefixes.")
    try:
        return list(as_networks(given))
    except ValueError as error:
        raise _invalid(f"Pool {draft.id.text} has an invalid prefix: {error}.") from error


def _invalid(message: str) -> ArmError:
    return plain_error(400, "InvalidRequest", message)
