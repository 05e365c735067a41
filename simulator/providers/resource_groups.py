"""Microsoft.Resources/resourceGroups: at once to create, a job to delete."""

import base64
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from simulator.arm import malformed
from simulator.arm.call import Call, Reply
from simulator.arm.constraints import LENIENT
from simulator.arm.errors import ArmError, group_not_found
from simulator.arm.families import Family
from simulator.arm.filters import read_filter
from simulator.arm.ids import ResourceId
from simulator.arm.operations import Operation
from simulator.arm.provider import Action, Provider
from simulator.arm.store import Resource
from simulator.arm.world import World
from simulator.providers.templates import export_template
from simulator.regions import PLACES, REGIONS, region_name

TYPE = "Microsoft.Resources/resourceGroups"
_TYPE_SHOWN_SINCE = "2018-05-01"
_LONGEST_JOB_NAME = 63


class ResourceGroupFamily(Family):
    """Groups know no status URL: the Location answers 202 until it answers 200."""

    constant_polls = True
    takes_top = True
    shares_etags = False
    minds = LENIENT
    malformed = staticmethod(malformed.gateway)
    top_order = ("id", "name", "type", "location", "managedBy", "tags", "properties")

    def result_url(self, call: Call, operation: Operation) -> str:
        """Return the URL of the deletion job (recordings.md section 4)."""
        return (
            f"{call.base_url}/subscriptions/{call.id.subscription}/operationresults/"
            f"{operation.guid}?api-version={operation.api_version}"
        )

    status_url = result_url

    def delete_reply(self, call: Call, operation: Operation, body: dict[str, Any]) -> Reply:  # noqa: ARG002
        """Return 202 and where the job is asked for."""
        wait = call.world.clock.retry_after(operation.retry_after)
        return Reply(202, None, {"Location": operation.url, "Retry-After": wait})

    def result_reply(self, call: Call, operation: Operation) -> Reply:
        """Return 202 while the job runs, then 200, or 409 when something would not go."""
        if not operation.is_done:
            return self.delete_reply(call, operation, {})
        if operation.error is not None:
            return Reply(409, {"error": operation.error})
        return Reply(200)


class ResourceGroups(Provider):
    """Resource groups."""

    type = TYPE
    family = ResourceGroupFamily()
    operation_name = "ResourceGroup"
    has_guid = False
    extras = ("managedBy",)

    @property
    def actions(self) -> Mapping[str, Action]:
        """Return what a group can be asked to do."""
        return {"exporttemplate": export_template}

    def location_of(self, call: Call, existing: Resource | None) -> str | None:
        """Return the region, refused in the words that only groups use."""
        given = str(call.body.get("location") or "")
        if given and region_name(given) not in PLACES:
            raise ArmError(
                400,
                "LocationNotAvailableForResourceGroup",
                f"The provided location '{given}' is not available for resource group. List of "
                f"available regions is '{','.join(REGIONS)}'.",
                gateway=True,
            )
        return super().location_of(call, existing)

    def absent(self, resource_id: ResourceId) -> ArmError:
        """Return the group's own 404."""
        return group_not_found(resource_id.name)

    def get(self, call: Call) -> Reply:
        """Answer a GET: groups have no etag."""
        return Reply(200, self.show(self.require(call), call.world))

    def listed(self, call: Call) -> Sequence[Resource]:
        """Return the groups that a `$filter` on tags keeps."""
        wanted = read_filter(call.query.get("$filter", ""))
        return [item for item in super().listed(call) if wanted.keeps(item)]

    def put(self, call: Call) -> Reply:
        """Answer a PUT at once: 201 new, 200 existing."""
        existing = call.world.store.get(call.id.key)
        self.refuse_if_busy(call)
        draft = self.draft(call, existing)
        resource = existing or Resource(draft.id, self.type, draft.location, None, {})
        resource.tags, resource.extras = draft.tags, draft.extras
        call.world.store.save(resource)
        return Reply(200 if existing else 201, self.show(resource, call.world))

    def _canonical(self, resource_id: ResourceId) -> ResourceId:
        return resource_id

    def show(self, resource: Resource, world: World) -> dict[str, Any]:
        """Return the body, which has no etag, and no type by old api-versions.

        NetworkManagerRoutingRuleCRUD has 2016-09-01 without; where it began is `assumed`.
        """
        body = super().show(resource, world)
        del body["etag"]
        if world.api_version < _TYPE_SHOWN_SINCE:
            del body["type"]
        return body

    def busy(self, call: Call, operation: Operation) -> ArmError:  # noqa: ARG002
        """Return the refusal while the group is being deleted."""
        return ArmError(
            409,
            "ResourceGroupBeingDeleted",
            f"The resource group '{call.id.name}' is in deprovisioning state and cannot perform "
            "this operation.",
            gateway=True,
        )

    def delete(self, call: Call) -> Reply:
        """Answer a DELETE: 202 and a job that takes the group's resources with it.

        Who asks again is told of the job that runs (recording
        CreateResourceGroupThatAlreadyExists).
        """
        resource = self.require(call)
        running = call.world.operations.holder(resource.key)
        if running is not None:
            return self.family.delete_reply(call, running, {})
        seconds = self.duration(call, resource, "delete")
        operation = self.new_operation(call, resource, "Delete", seconds, frozenset({call.id.key}))
        operation.guid = _job_token(resource)
        operation.url = self.family.result_url(call, operation)
        world = call.world
        world.operations.start(operation, lambda: self._emptied(resource, world, operation))
        return self.family.delete_reply(call, operation, {})

    def duration(self, call: Call, resource: Resource, operation: str) -> float:
        """Return the job's seconds: a firewall within makes it as long as its own delete."""
        seconds = super().duration(call, resource, operation)
        kinds = {item.type for item in call.world.store.in_group(resource.key)}
        if "Microsoft.Network/azureFirewalls" in kinds:
            bounds = call.world.settings.duration("Microsoft.Network/azureFirewalls", "delete")
            seconds += call.world.draw(bounds)
        return seconds

    def _emptied(self, group: Resource, world: World, operation: Operation) -> None:
        blocked = _held_from_outside(group, world)
        if blocked:
            operation.status, operation.error = "Failed", _blocked(group, blocked)
            return
        for item in world.store.in_group(group.key):
            if world.store.get(item.key) is item:
                world.provider_of(item).remove(item, world)
        world.store.remove(group)


def _job_token(group: Resource) -> str:
    name = _job_name(group.name)
    region = (group.location or "").upper()
    job = {"jobId": f"RESOURCEGROUPDELETIONJOB-{name}-{region}", "jobLocation": group.location}
    text = json.dumps(job, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _job_name(group_name: str) -> str:
    """Return a group's name as jobs have it: in capitals, with ":2D" for "-" and so on.

    A long one is cut and ends in a hash (recordings.md section 4, test_resource_group);
    from which length on is `assumed`.
    """
    name = re.sub(r"[^A-Z0-9]", lambda found: f":{ord(found[0]):02X}", group_name.upper())
    if len(name) <= _LONGEST_JOB_NAME:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:16].upper()
    return f"{name[: _LONGEST_JOB_NAME - len(digest) - 1]}|{digest}"


def _held_from_outside(group: Resource, world: World) -> list[Resource]:
    inside = group.key + "/"
    return [
        item
        for item in world.store.in_group(group.key)
        if any(
            not user.key.startswith(inside) and world.provider_of(user).holds(user, item)
            for user in world.store.referrers(item.key)
        )
    ]


def _blocked(group: Resource, blocked: list[Resource]) -> dict[str, Any]:
    # The code is from general knowledge of Azure, not from a recording: `assumed`.
    names = ", ".join(f"{item.type}/{'/'.join(item.id.names)}" for item in blocked)
    return {
        "code": "ResourceGroupDeletionBlocked",
        "message": f"Deletion of resource group '{group.name}' failed as resources with "
        f"identifiers '{names}' could not be deleted. The provisioning state of the resource "
        "group will be rolled back.",
    }
