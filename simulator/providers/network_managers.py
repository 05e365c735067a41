"""Microsoft.Network/networkManagers, with what is asked of a whole manager."""

from collections.abc import Mapping
from typing import Any, ClassVar

from simulator.arm.call import Call
from simulator.arm.draft import Draft
from simulator.arm.errors import ArmError
from simulator.arm.store import Resource
from simulator.arm.world import World
from simulator.avnm import refusals
from simulator.avnm.provider import ManagerProvider, is_forced
from simulator.avnm.types import MANAGER

_ACCESSES = ("SecurityAdmin", "Connectivity", "SecurityUser", "Routing")


class NetworkManagers(ManagerProvider):
    """Network managers: their scope decides which networks they can touch."""

    type = MANAGER
    locations = "regional"
    layout = (
        "description",
        "networkManagerScopes",
        "provisioningState",
        "networkManagerScopeAccesses",
        "resourceGuid",
    )
    defaults: ClassVar[Mapping[str, Any]] = {"description": "", "networkManagerScopeAccesses": []}

    def adjust(self, draft: Draft) -> None:
        """Show all three lists of the scope, and tags even when there are none."""
        scopes = draft.properties.get("networkManagerScopes") or {}
        draft.properties["networkManagerScopes"] = {
            "managementGroups": scopes.get("managementGroups") or [],
            "subscriptions": scopes.get("subscriptions") or [],
            "crossTenantScopes": [],
        }
        draft.tags = draft.tags or {}

    def validate(self, draft: Draft, call: Call, existing: Resource | None) -> None:  # noqa: ARG002
        """Check the scope: it must name something."""
        scopes = draft.properties["networkManagerScopes"]
        if not scopes["managementGroups"] and not scopes["subscriptions"]:
            raise refusals.refusal(
                f"Resource {draft.id.text} needs a management group or a subscription in "
                "networkManagerScopes.",
                "MissingRequiredProperty",
            )
        for access in draft.properties["networkManagerScopeAccesses"]:
            refusals.require_one_of(
                {"networkManagerScopeAccesses": access},
                "networkManagerScopeAccesses",
                _ACCESSES,
                draft.id,
            )

    def check_deletable(self, resource: Resource, call: Call) -> None:
        """Refuse while there are children, unless forced (facts.md section 2)."""
        below = [item.id.text for item in call.world.store.descendants(resource)]
        if below and not is_forced(call):
            raise ArmError(
                409,
                "CannotDeleteResource",
                "Cannot delete resource while nested resources exist. Some existing nested "
                f"resource IDs include: '{', '.join(below[:5])}'. Please delete all nested "
                "resources before deleting this resource.",
                gateway=True,
            )

    def cleans_up(self, resource: Resource, world: World) -> bool:
        """Tell whether there are children left (recordings.md section 7)."""
        return next(world.store.descendants(resource), None) is not None
