"""Microsoft.Network/networkManagers/networkGroups."""

from collections.abc import Mapping
from typing import Any, ClassVar

from simulator.arm.call import Call
from simulator.arm.draft import Draft
from simulator.arm.store import Resource
from simulator.arm.world import World
from simulator.avnm import refusals
from simulator.avnm.provider import ManagerProvider
from simulator.avnm.types import FIRST_VERSION, GROUP, MEMBER

_MEMBER_TYPES = ("VirtualNetwork", "Subnet")


class NetworkGroups(ManagerProvider):
    """Groups of networks or of subnets."""

    type = GROUP
    layout = ("description", "provisioningState", "memberType", "resourceGuid")
    defaults: ClassVar[Mapping[str, Any]] = {"description": "", "memberType": "VirtualNetwork"}

    def validate(self, draft: Draft, call: Call, existing: Resource | None) -> None:
        """Check the kind of members, which cannot change while there are any: `assumed`."""
        refusals.require_one_of(draft.properties, "memberType", _MEMBER_TYPES, draft.id)
        changed = existing and existing.properties["memberType"] != draft.properties["memberType"]
        if existing and changed and call.world.store.children(existing.key, MEMBER):
            raise refusals.refusal(
                f"The memberType of {draft.id.text} cannot change while the group has members.",
                "PropertyChangeNotAllowed",
            )

    def uses(self, resource: Resource, world: World) -> list[str]:
        """Return the configurations, collections and rules that name the group."""
        return [item.id.text for item in world.store.referrers(resource.key)]

    def cleans_up(self, resource: Resource, world: World) -> bool:
        """Tell whether the group has members or users (recordings.md section 7).

        By api-version 2022-01-01 members are gone at once
        (test_network_manager_connect_config_crud@2023-09).
        """
        has_members = bool(world.store.children(resource.key, MEMBER))
        by_members = has_members and world.api_version > FIRST_VERSION
        return by_members or bool(self.uses(resource, world))
