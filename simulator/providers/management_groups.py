"""Microsoft.Management/managementGroups: groups of groups and subscriptions, and who is where."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from simulator import hierarchy
from simulator.arm.at_once import AtOnceProvider
from simulator.arm.call import Call, Reply
from simulator.arm.draft import Draft
from simulator.arm.errors import ArmError, management_group_not_found
from simulator.arm.families import Family
from simulator.arm.ids import MANAGEMENT_GROUP, ResourceId
from simulator.arm.provider import Action
from simulator.arm.store import Resource
from simulator.arm.world import World


class ManagementFamily(Family):
    """Management groups: writes are done when they are answered (`assumed`), without etags."""

    shares_etags = False
    top_order = ("id", "type", "name", "properties")
    child_order = top_order


class _ManagementProvider(AtOnceProvider):
    """A PUT is 200 (specification 2020-05-01, which has a 202 for groups beside)."""

    family: ClassVar[Family] = ManagementFamily()
    has_etag_header = False
    scopes = frozenset({"tenant"})

    def put(self, call: Call) -> Reply:
        """Answer a PUT: 200, at once."""
        self.require_parent(call)
        return Reply(200, super().put(call).body)

    def show(self, resource: Resource, world: World) -> dict[str, Any]:
        """Return the body, which has neither etag nor state."""
        body = super().show(resource, world)
        del body["etag"]
        del body["properties"]["provisioningState"]
        return body

    def absent(self, resource_id: ResourceId) -> ArmError:
        """Return the type's own 404."""
        return management_group_not_found(resource_id)

    def check(self, draft: Draft, call: Call, existing: Resource | None) -> None:
        """Check a body in the type's own words."""
        self.validate(draft, call, existing)


class ManagementGroups(_ManagementProvider):
    """Groups; the tenant's root group holds what no other does."""

    type = MANAGEMENT_GROUP
    operation_name = "ManagementGroup"
    layout = ("tenantId", "displayName", "details")
    read_only = frozenset({"tenantId", "children"})

    @property
    def questions(self) -> Mapping[str, Action]:
        """Return what is asked of a group."""
        return {"descendants": _descendants}

    def get(self, call: Call) -> Reply:
        """Answer a GET, with what is in the group if `$expand` says so, and below by `$recurse`."""
        reply = super().get(call)
        if call.query.get("$expand", "").lower() == "children":
            deep = call.query.get("$recurse", "").lower() == "true"
            reply.body["properties"]["children"] = _tree(self.require(call), call.world, deep=deep)
        return reply

    def listed(self, call: Call) -> Sequence[Resource]:
        """Return all groups."""
        return list(call.world.store.of_type(self.type))

    def adjust(self, draft: Draft) -> None:
        """Call a group by its name where the body does not say how."""
        draft.properties.setdefault("displayName", draft.name)

    def validate(self, draft: Draft, call: Call, existing: Resource | None) -> None:
        """Check the group above: it exists, is not below, and is the root group if none is named.

        Codes and words are `assumed`.
        """
        top = hierarchy.root(call.world)
        if existing is not None and existing is top:
            return
        details = draft.properties.setdefault("details", {})
        if not (details.get("parent") or {}).get("id") and top is not None:
            above = existing and hierarchy.parent_of(call.world, existing)
            details["parent"] = {"id": (above or top).id.text}
        parent = call.world.store.find(details["parent"]["id"])
        if parent is None or parent.type != self.type:
            raise ArmError(404, "NotFound", f"'{details['parent']['id']}' not found")
        if hierarchy.holds(call.world, draft.id.text, parent.id.text):
            raise ArmError(400, "BadRequest", f"'{parent.id.text}' is in '{draft.id.text}' itself.")

    def check_deletable(self, resource: Resource, call: Call) -> None:
        """Refuse while something is in the group (specification); the code is `assumed`."""
        if resource is hierarchy.root(call.world) or _children(call.world, resource):
            raise ArmError(
                400,
                "BadRequest",
                f"The group '{resource.name}' is not empty.",
            )

    def computed(self, resource: Resource, world: World) -> dict[str, Any]:
        """Return whose it is, and what is above it."""
        above = hierarchy.parent_of(world, resource)
        parent = {} if above is None else {"parent": _shown(above)}
        return {"tenantId": world.settings.tenant_id, "details": {"version": 1, **parent}}


class SubscriptionPlaces(_ManagementProvider):
    """Which subscriptions a group holds itself: a PUT takes one from where it was."""

    type = hierarchy.PLACE
    operation_name = "ManagementGroupSubscription"
    layout = ("tenant", "displayName", "parent", "state")

    def validate(self, draft: Draft, call: Call, existing: Resource | None) -> None:  # noqa: ARG002
        """Check that the subscription is one of the tenant's."""
        known = {item.lower() for item in call.world.settings.subscription_ids}
        if draft.name.lower() not in known:
            raise ArmError(404, "NotFound", f"'/subscriptions/{draft.name}' not found")

    def put(self, call: Call) -> Reply:
        """Answer a PUT, with the subscription in one place."""
        before = hierarchy.place_of(call.world, call.id.name)
        reply = super().put(call)
        if before is not None and before.key != call.id.key:
            self.remove(before, call.world)
        return reply

    def on_deleted(self, resource: Resource, world: World) -> None:
        """Let the root group have what is in no other (specification)."""
        top = hierarchy.root(world)
        if top is not None and hierarchy.place_of(world, resource.name) is None:
            hierarchy.place(world, top.id, resource.name)

    def computed(self, resource: Resource, world: World) -> dict[str, Any]:
        """Return whose it is, and in which group."""
        return {
            "tenant": world.settings.tenant_id,
            "displayName": "Simulated subscription",
            "parent": {"id": resource.id.root.text},
            "state": "Active",
        }


def _children(world: World, group: Resource) -> list[Resource]:
    below = [
        item
        for item in world.store.of_type(MANAGEMENT_GROUP)
        if hierarchy.parent_of(world, item) is group
    ]
    return [*below, *world.store.children(group.key, hierarchy.PLACE)]


def _tree(group: Resource, world: World, *, deep: bool) -> list[dict[str, Any]]:
    """Return what a group holds itself, each group of it with what that holds if it goes deep."""
    found = []
    for item in _children(world, group):
        shown = _descendant(item, world)
        entry = {key: shown[key] for key in ("type", "id", "name")}
        entry["displayName"] = shown["properties"]["displayName"]
        if deep and item.type == MANAGEMENT_GROUP:
            entry["children"] = _tree(item, world, deep=True)
        found.append(entry)
    return found


def _descendants(call: Call, group: Resource) -> Reply:
    """Answer with all that a group holds: its children first, then what these hold."""
    found = _children(call.world, group)
    for item in found:
        if item.type == MANAGEMENT_GROUP:
            found.extend(_children(call.world, item))
    return Reply(200, {"value": [_descendant(item, call.world) for item in found]})


def _descendant(item: Resource, world: World) -> dict[str, Any]:
    if item.type == MANAGEMENT_GROUP:
        above = hierarchy.parent_of(world, item)
        return {
            "id": item.id.text,
            "type": MANAGEMENT_GROUP,
            "name": item.name,
            "properties": {
                "displayName": item.properties["displayName"],
                "parent": {"id": above.id.text if above else ""},
            },
        }
    return {
        "id": f"/subscriptions/{item.name}",
        "type": "/subscriptions",
        "name": item.name,
        "properties": {
            "displayName": "Simulated subscription",
            "parent": {"id": item.id.root.text},
        },
    }


def _shown(group: Resource) -> dict[str, str]:
    shown = str(group.properties["displayName"])
    return {"id": group.id.text, "name": group.name, "displayName": shown}
