"""Microsoft.Network/privateDnsZones."""

import base64
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from simulator.arm.call import Call, Reply
from simulator.arm.draft import Draft
from simulator.arm.errors import ArmError
from simulator.arm.families import PRIVATE_DNS
from simulator.arm.operations import Operation
from simulator.arm.provider import Provider
from simulator.arm.store import Resource
from simulator.arm.world import World
from simulator.providers.dns_conditions import failed_condition
from simulator.providers.private_dns_records import number_of_record_sets, start_of_authority

TYPE = "Microsoft.Network/privateDnsZones"
LINKS = TYPE + "/virtualNetworkLinks"


class PrivateDnsProvider(Provider):
    """What zones and links share: conditions that fail in the poll, never at once."""

    family = PRIVATE_DNS
    noun: ClassVar[str] = ""

    def locks(self, call: Call) -> frozenset[str]:
        """Return the resource alone: links of one zone do not exclude each other."""
        return frozenset({call.id.key})

    def busy_keys(self, call: Call) -> Iterable[str]:
        """Return the resource alone."""
        return (call.id.key,)

    def busy(self, call: Call, operation: Operation) -> ArmError:  # noqa: ARG002
        """Return the refusal of a write during a write (facts.md section 7 has the words)."""
        return ArmError(409, "Conflict", "Another operation is pending on the specified resource.")

    def require_parent(self, call: Call) -> None:
        """Let a delete under an absent zone be a 204 (recordings.md section 8)."""
        if call.method != "DELETE":
            super().require_parent(call)

    def put(self, call: Call) -> Reply:
        """Answer a PUT: 202 even when If-Match or If-None-Match will make it fail."""
        return self._doomed_reply(call, "Put") or super().put(call)

    def patch(self, call: Call) -> Reply:
        """Answer a PATCH; that its conditions fail as those of a PUT do is `assumed`."""
        return self._doomed_reply(call, "Put") or super().patch(call)

    def delete(self, call: Call) -> Reply:
        """Answer a DELETE; that its conditions fail as those of a PUT do is `assumed`."""
        is_there = call.world.store.get(call.id.key) is not None
        return (self._doomed_reply(call, "Delete") if is_there else None) or super().delete(call)

    def check_name(self, draft: Draft) -> None:
        """Let names be: zones have those of DNS, and what these may be is `assumed` to be wide."""

    def refuse_condition(self, call: Call, existing: Resource | None) -> None:
        """Let conditions be: they fail in the poll (recordings.md section 5)."""

    def _doomed_reply(self, call: Call, verb: str) -> Reply | None:
        """Return the 202 of a write whose condition fails, None when it does not."""
        existing = call.world.store.get(call.id.key)
        message = failed_condition(call, existing, self._title(call))
        if message is None:
            return None
        subject = existing or Resource(call.id, self.type, "global", None, {})
        seconds = self.duration(call, subject, "update")
        operation = self.new_operation(call, subject, verb, seconds, frozenset())
        operation.error = {"code": "PreconditionFailed", "message": message}
        call.world.operations.start(operation, lambda: None)
        return self.family.put_reply(call, {}, operation, created=False)

    def _title(self, call: Call) -> str:
        return f"{self.noun} {call.id.name}"


class PrivateDnsZones(PrivateDnsProvider):
    """Private zones; global, and with a start of authority from the first."""

    type = TYPE
    operation_name = "PrivateDnsZone"
    noun = "Zone"
    locations = "global"
    has_guid = False
    layout = (
        "internalId",
        "maxNumberOfRecordSets",
        "maxNumberOfVirtualNetworkLinks",
        "maxNumberOfVirtualNetworkLinksWithRegistration",
        "numberOfRecordSets",
        "numberOfVirtualNetworkLinks",
        "numberOfVirtualNetworkLinksWithRegistration",
        "provisioningState",
    )
    # In bodies of 2024-06-01 and not of 2018-09-01 (recordings); since when is `assumed`.
    since: ClassVar[Mapping[str, str]] = {"internalId": "2020-01-01"}
    read_only = frozenset(layout)

    def on_written(self, resource: Resource, call: Call) -> None:
        """Give a new zone its start of authority."""
        soa = start_of_authority(resource, call.world)
        if call.world.store.get(soa.key) is None:
            call.world.store.save(soa)

    def check_deletable(self, resource: Resource, call: Call) -> None:
        """Refuse while links exist (recordings.md section 8)."""
        links = call.world.store.children(resource.key, LINKS)
        if links:
            names = ",".join(f"'{LINKS.rsplit('/', 1)[0]}/{_path(item)}'" for item in links)
            raise ArmError(
                409,
                "CannotDeleteResource",
                "Cannot delete resource while nested resources exist. Some existing nested "
                f"resource IDs include: {names}. Please delete all nested resources before "
                "deleting this resource.",
                gateway=True,
            )

    def computed(self, resource: Resource, world: World) -> dict[str, Any]:
        """Return the limits and the counts."""
        links = world.store.children(resource.key, LINKS)
        registering = [item for item in links if item.properties.get("registrationEnabled")]
        identity = f"ImmutableZoneIdentity;{resource.guid};0"
        return {
            "internalId": base64.b64encode(identity.encode()).decode(),
            "maxNumberOfRecordSets": world.settings.zone_record_set_limit,
            "maxNumberOfVirtualNetworkLinks": world.settings.limits[LINKS],
            "maxNumberOfVirtualNetworkLinksWithRegistration": (
                world.settings.zone_registration_limit
            ),
            "numberOfRecordSets": number_of_record_sets(resource.key, world),
            "numberOfVirtualNetworkLinks": len(links),
            "numberOfVirtualNetworkLinksWithRegistration": len(registering),
        }


def _path(link: Resource) -> str:
    return f"{link.id.names[0]}/virtualNetworkLinks/{link.name}"
