"""Microsoft.Network/networkManagers/networkGroups/staticMembers."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from simulator.arm.call import Call
from simulator.arm.draft import Draft
from simulator.arm.store import Resource
from simulator.arm.world import World
from simulator.avnm import refusals
from simulator.avnm.provider import ManagerProvider
from simulator.avnm.types import FIRST_VERSION, MEMBER, NETWORK, SUBNET


class StaticMembers(ManagerProvider):
    """Members by name; the group counts them from the moment they read Succeeded."""

    type = MEMBER
    has_guid = False
    layout = ("resourceId", "provisioningState", "location", "region")
    defaults: ClassVar[Mapping[str, Any]] = {}
    read_only = frozenset({"location", "region"})

    def references(self, draft: Draft) -> Iterable[str]:
        """Return the network or subnet; that it must exist is `assumed`."""
        member = draft.properties.get("resourceId")
        return (member,) if isinstance(member, str) and member else ()

    def validate(self, draft: Draft, call: Call, existing: Resource | None) -> None:  # noqa: ARG002
        """Check that the member is what the group is made of, and there only once."""
        refusals.require_property(draft.properties, "resourceId", draft.id)
        group = call.world.store.get(draft.id.parent.key) if draft.id.parent else None
        wanted = SUBNET if group and group.properties["memberType"] == "Subnet" else NETWORK
        member = call.world.store.find(draft.properties["resourceId"])
        if member is None or member.type != wanted:
            raise refusals.refusal(
                f"Member {draft.properties['resourceId']} of {draft.id.text} is not of type "
                f"{wanted}, as its group asks for.",
                "InvalidPropertyValue",
            )

    def holds(self, user: Resource, used: Resource) -> bool:  # noqa: ARG002
        """Return False: a network can be deleted while it is a member, `assumed`."""
        return False

    def on_written(self, resource: Resource, call: Call) -> None:
        """Read Updating for about two seconds (recordings.md section 6)."""
        world = call.world
        resource.state = "Updating"
        resource.hidden["version"] = resource.hidden.get("version", 0) + 1
        version = resource.hidden["version"]
        seconds = world.draw(world.settings.static_member_duration)
        world.timeline.after(seconds, lambda: self._arrived(resource, version, world))

    def _arrived(self, resource: Resource, version: int, world: World) -> None:
        if resource.hidden["version"] != version or world.store.get(resource.key) is not resource:
            return
        resource.state = "Succeeded"
        resource.hidden["arrived"] = resource.properties["resourceId"]
        world.store.save(resource)

    def computed(self, resource: Resource, world: World) -> dict[str, Any]:
        """Return the member's region, empty while Updating.

        The recorded api-version 2022-01-01 calls it `location`; that later ones show only
        the specified `region` is `assumed`.
        """
        member = world.store.find(resource.properties["resourceId"])
        known = member is not None and resource.state == "Succeeded"
        region = member.location if member and known else ""
        return {"location" if world.api_version <= FIRST_VERSION else "region": region}
