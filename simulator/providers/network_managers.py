"""Microsoft.Network/networkManagers, with what is asked of a whole manager."""

from collections.abc import Mapping
from typing import Any, ClassVar

from simulator.arm.call import Call, Reply
from simulator.arm.draft import Draft
from simulator.arm.provider import Action
from simulator.arm.store import Resource
from simulator.arm.world import World
from simulator.avnm import commits, manager_scopes, refusals
from simulator.avnm.deployments import Deployments
from simulator.avnm.effective import manager_actions
from simulator.avnm.effective_members import list_of_manager
from simulator.avnm.provider import ManagerProvider, is_forced
from simulator.avnm.types import MANAGER


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

    @property
    def actions(self) -> Mapping[str, Action]:
        """Return what can be asked of a manager."""
        return {
            "commit": commits.commit,
            "listdeploymentstatus": commits.list_deployment_status,
            "listeffectivevirtualnetworks": list_of_manager,
            **manager_actions(),
        }

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
        manager_scopes.refuse_preview(draft, call.api_version)
        manager_scopes.refuse_wedged(draft, call.world)
        manager_scopes.refuse_closed_groups(draft, call)
        manager_scopes.refuse_second_manager(draft, call.world)

    def check_deletable(self, resource: Resource, call: Call) -> None:
        """Refuse while there are children, unless forced (facts.md section 2)."""
        below = [item.id.text for item in call.world.store.descendants(resource)]
        if below and not is_forced(call):
            raise refusals.nested(below)

    def cleans_up(self, resource: Resource, world: World) -> bool:
        """Tell whether there are children left (recordings.md section 7)."""
        return next(world.store.descendants(resource), None) is not None

    def on_written(self, resource: Resource, call: Call) -> None:
        """Give a new manager its goal states, all empty."""
        if "deployments" not in resource.hidden:
            resource.hidden["deployments"] = Deployments(resource, call.world)

    def on_deleted(self, resource: Resource, world: World) -> None:
        """Undeploy everything."""
        deployments: Deployments = resource.hidden["deployments"]
        deployments.close()
        manager_scopes.wedge_if_hasty(resource, world)

    def result(self, call: Call, guid: str) -> Reply:
        """Answer a poll; that of a commit says accepted from the first time on."""
        if guid == commits.ZERO:
            self.require(call)
            return Reply(204)
        return super().result(call, guid)
