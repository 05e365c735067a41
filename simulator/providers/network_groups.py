"""Microsoft.Network/networkManagers/networkGroups."""

from collections.abc import Mapping
from typing import Any, ClassVar

from simulator.arm.call import Call
from simulator.arm.draft import Draft
from simulator.arm.provider import Action
from simulator.arm.store import Resource
from simulator.arm.world import World
from simulator.avnm import refusals
from simulator.avnm.effective_members import list_of_group
from simulator.avnm.membership import has_members
from simulator.avnm.provider import ManagerProvider
from simulator.avnm.types import ADMIN_RULE, FIRST_VERSION, GROUP, USER_RULE


class NetworkGroups(ManagerProvider):
    """Groups of networks or of subnets."""

    type = GROUP
    layout = ("description", "provisioningState", "memberType", "resourceGuid")
    defaults: ClassVar[Mapping[str, Any]] = {"description": "", "memberType": "VirtualNetwork"}

    @property
    def actions(self) -> Mapping[str, Action]:
        """Return what can be asked of a group."""
        return {"listeffectivevirtualnetworks": list_of_group}

    def validate(self, draft: Draft, call: Call, existing: Resource | None) -> None:
        """Check the kind of members, which cannot change while there are any: `assumed`."""
        changed = existing and existing.properties["memberType"] != draft.properties["memberType"]
        if existing and changed and has_members(call.world, existing.key):
            raise refusals.refusal(
                f"The memberType of {draft.id.text} cannot change while the group has members.",
                "PropertyChangeNotAllowed",
            )

    def uses(self, resource: Resource, world: World) -> list[str]:
        """Return the configurations, collections and rules that name the group."""
        return [item.id.text for item in world.store.referrers(resource.key)]

    def check_deletable(self, resource: Resource, call: Call) -> None:
        """Refuse what is in use, even when forced if a rule names it as addresses.

        Force is not supported for those (facts.md section 2); the code is `assumed`.
        """
        rules = [
            item.id.text
            for kind in (ADMIN_RULE, USER_RULE)
            for item in call.world.store.referrers(resource.key, kind)
        ]
        if rules:
            raise refusals.named_by_rules(resource.id, rules)
        super().check_deletable(resource, call)

    def cleans_up(self, resource: Resource, world: World) -> bool:
        """Tell whether the group has members or users (recordings.md section 7).

        By api-version 2022-01-01 members are gone at once
        (test_network_manager_connect_config_crud@2023-09).
        """
        is_filled = has_members(world, resource.key)
        return (is_filled and world.api_version > FIRST_VERSION) or bool(self.uses(resource, world))
