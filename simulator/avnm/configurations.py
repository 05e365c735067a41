"""What configurations, collections and rules share: they may be part of a deployment."""

from collections.abc import Iterator
from typing import Any, ClassVar

from simulator.arm.call import Call
from simulator.arm.draft import Draft
from simulator.arm.store import Resource
from simulator.arm.world import World
from simulator.avnm import refusals
from simulator.avnm.deployments import deployments_of
from simulator.avnm.provider import ManagerProvider, is_forced
from simulator.avnm.types import GROUP


def ids_in(listed: Any, name: str) -> list[str]:
    """Return the ids that the items of a list carry under a name, if they do."""
    return [item[name] for item in listed or [] if isinstance(item.get(name), str)]


def groups_as_addresses(rule: Draft) -> Iterator[str]:
    """Yield the groups that stand for addresses in a rule."""
    for side in ("sources", "destinations"):
        for item in rule.properties[side]:
            if item.get("addressPrefixType") == "NetworkGroup":
                yield item["addressPrefix"]


class ConfigurationProvider(ManagerProvider):
    """A configuration or a part of one.

    Editing it changes nothing that is deployed; deleting it does (facts.md section 2).
    """

    commit_type: ClassVar[str]

    def require_own_groups(self, draft: Draft, call: Call) -> None:
        """Raise unless every group it applies to is one of the same manager's."""
        values = draft.properties
        for item in values.get("appliesToGroups") or values.get("appliesTo") or []:
            refusals.require_property(item, "networkGroupId", draft.id)
            found = call.world.store.find(item["networkGroupId"])
            if found is None or found.type != GROUP or found.id.root.key != draft.id.root.key:
                raise refusals.missing_reference(item["networkGroupId"], draft.id.text)

    def regions(self, resource: Resource, world: World) -> list[str]:
        """Return the regions whose goal state holds this."""
        deployments = deployments_of(world, resource.id)
        return deployments.regions_of(self.commit_type, resource.key) if deployments else []

    def check_deletable(self, resource: Resource, call: Call) -> None:
        """Refuse what is deployed, unless forced: the refusal and its code are `assumed`."""
        regions = self.regions(resource, call.world)
        if regions and not is_forced(call):
            raise refusals.deployed(resource.id, regions)
        self.refuse_children(resource, call)

    def refuse_children(self, resource: Resource, call: Call) -> None:
        """Refuse while something is nested in it, unless forced: `assumed` as for managers."""
        below = [item.id.text for item in call.world.store.descendants(resource)]
        if below and not is_forced(call):
            raise refusals.nested(below)

    def cleans_up(self, resource: Resource, world: World) -> bool:
        """Tell whether it is deployed or has parts; rules go at once even so.

        recordings.md section 7; parts: the collection of NetworkManagerRoutingRuleCRUD.
        """
        if self.type.endswith("/rules"):
            return False
        has_parts = next(world.store.descendants(resource), None) is not None
        return has_parts or bool(self.regions(resource, world))

    def before_background_delete(self, resource: Resource, world: World) -> None:
        """Undeploy it in the background."""
        deployments = deployments_of(world, resource.id)
        if deployments is not None:
            deployments.undeploy(self.commit_type, resource.key)
