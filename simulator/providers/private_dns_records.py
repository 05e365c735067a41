"""The record sets of private zones: written at once, and refused without the error envelope."""

from collections.abc import Mapping, Sequence
from ipaddress import IPv4Address, IPv6Address
from typing import Any, ClassVar

from simulator.arm.call import Call, Reply
from simulator.arm.draft import Draft
from simulator.arm.errors import ArmError, parent_not_found
from simulator.arm.families import PRIVATE_DNS_RECORDS
from simulator.arm.ids import ResourceId
from simulator.arm.provider import Provider
from simulator.arm.store import Resource
from simulator.arm.world import World
from simulator.providers.dns_conditions import failed_condition

ZONES = "Microsoft.Network/privateDnsZones"
APEX = "@"
_VERBS = {"PUT": "write", "PATCH": "write", "DELETE": "delete"}


class RecordSets(Provider):
    """The record sets of one type; a subclass names the type and where its records stand."""

    family = PRIVATE_DNS_RECORDS
    locations = "none"
    has_guid = False
    # The property that holds the records.
    records: ClassVar[str]
    # What a record set without a lifetime gets: `assumed`.
    defaults: ClassVar[Mapping[str, Any]] = {"ttl": 3600}
    read_only = frozenset({"fqdn", "isAutoRegistered"})

    def adjust(self, draft: Draft) -> None:
        """Complete a record set without records; that it shows an empty list is `assumed`."""
        if self.records.endswith("s"):
            draft.properties.setdefault(self.records, [])

    def check_name(self, draft: Draft) -> None:
        """Let names be: those of DNS have stars, underscores and ends of their own."""

    @property
    def verbs(self) -> tuple[str, ...]:
        """Return all: records can be patched though they have no tags."""
        return (*super().verbs, "PATCH")

    # --- reads --------------------------------------------------------------------------

    def require_parent(self, call: Call) -> None:
        """Raise the gateway's 404, which names the zone as a parent (recordings.md section 8)."""
        zone = call.id.root
        if call.world.store.get(zone.key) is None:
            raise parent_not_found(call.id, zone, _VERBS.get(call.method, "read"))

    def absent(self, resource_id: ResourceId) -> ArmError:
        """Return the provider's own 404 (recordings.md section 8)."""
        return _refused(
            404,
            "NotFound",
            f"The resource record '{resource_id.name}' does not exist in resource group "
            f"'{resource_id.group}' of subscription '{resource_id.subscription}'.",
        )

    def listed(self, call: Call) -> Sequence[Resource]:
        """Return the record sets, perhaps only those whose name ends as asked for."""
        suffix = call.query.get("$recordsetnamesuffix", "").lower()
        return [item for item in super().listed(call) if item.name.lower().endswith(suffix)]

    def shown_properties(self, resource: Resource, world: World) -> dict[str, Any]:
        """Return the properties in the order recorded; there is no provisioning state."""
        del world
        given = resource.properties
        name, zone = resource.name, resource.id.names[0]
        shown = {"metadata": given["metadata"]} if given.get("metadata") else {}
        shown["fqdn"] = f"{zone}." if name == APEX else f"{name}.{zone}."
        shown["ttl"] = given["ttl"]
        if self.records in given:
            shown[self.records] = given[self.records]
        return {**shown, "isAutoRegistered": False}

    # --- writes -------------------------------------------------------------------------

    def refuse_condition(self, call: Call, existing: Resource | None) -> None:
        """Raise the 412 of a condition that fails (recordings.md section 5)."""
        message = failed_condition(call, existing, f"Record set {call.id.name}")
        if message is not None:
            raise _refused(412, "PreconditionFailed", message)

    def put(self, call: Call) -> Reply:
        """Answer a PUT at once, with an ETag header."""
        self.require_parent(call)
        existing = call.world.store.get(call.id.key)
        self.refuse_condition(call, existing)
        draft = self.draft(call, existing)
        self.check(draft, call, existing)
        resource = self.write(draft, call, existing, "update" if existing else "create")
        etag = self.family.etag_header(resource.etag)
        return Reply(200 if existing else 201, self.show(resource, call.world), {"ETag": etag})

    def patch(self, call: Call) -> Reply:
        """Answer a PATCH: what it does not mention stays as it is."""
        resource = self.require(call)
        call.body["properties"] = {**resource.properties, **(call.body.get("properties") or {})}
        return self.put(call)

    def delete(self, call: Call) -> Reply:
        """Answer a DELETE: 200 at once, 204 for what is not there."""
        self.require_parent(call)
        resource = call.world.store.get(call.id.key)
        if resource is None:
            return Reply(204)
        self.refuse_condition(call, resource)
        self.check_deletable(resource, call)
        self.remove(resource, call.world)
        return Reply(200)

    def validate(self, draft: Draft, call: Call, existing: Resource | None) -> None:
        """Refuse records that cannot be, and more record sets than a zone holds."""
        self.check_records(draft)
        zone, world = draft.id.root.key, call.world
        beside = [
            item
            for kind in RECORD_SETS
            for item in world.store.children(zone, kind.type)
            if item.name.lower() == draft.name.lower() and item.key != draft.key
        ]
        if any(CnameRecords.type in (draft.type, item.type) for item in beside):
            raise _bad_request(
                f"The record set {draft.name} cannot be created: a CNAME record set excludes "
                "others of the same name."
            )
        limit = world.settings.zone_record_set_limit
        if existing is None and number_of_record_sets(zone, world) >= limit:
            raise _bad_request(f"The zone {draft.id.names[0]} has {limit} record sets already.")

    def check_records(self, draft: Draft) -> None:
        """Raise an `ArmError` when the records cannot be."""


class ARecords(RecordSets):
    """IPv4 addresses."""

    type = f"{ZONES}/A"
    records = "aRecords"

    def check_records(self, draft: Draft) -> None:
        """Refuse what is no IPv4 address."""
        for item in draft.properties["aRecords"]:
            _check_address(item.get("ipv4Address"), IPv4Address)


class AaaaRecords(RecordSets):
    """IPv6 addresses."""

    type = f"{ZONES}/AAAA"
    records = "aaaaRecords"

    def check_records(self, draft: Draft) -> None:
        """Refuse what is no IPv6 address."""
        for item in draft.properties["aaaaRecords"]:
            _check_address(item.get("ipv6Address"), IPv6Address)


class CnameRecords(RecordSets):
    """One name for another, never for the zone itself."""

    type = f"{ZONES}/CNAME"
    records = "cnameRecord"

    def check_records(self, draft: Draft) -> None:
        """Refuse a CNAME at the apex of the zone."""
        if draft.name == APEX:
            raise _bad_request("A CNAME record set cannot be created at the zone apex.")


class MxRecords(RecordSets):
    """Mail exchanges."""

    type = f"{ZONES}/MX"
    records = "mxRecords"


class PtrRecords(RecordSets):
    """Names of addresses."""

    type = f"{ZONES}/PTR"
    records = "ptrRecords"


class SrvRecords(RecordSets):
    """Services."""

    type = f"{ZONES}/SRV"
    records = "srvRecords"


class TxtRecords(RecordSets):
    """Texts."""

    type = f"{ZONES}/TXT"
    records = "txtRecords"


class SoaRecords(RecordSets):
    """The start of authority, which a zone has from its creation to its end."""

    type = f"{ZONES}/SOA"
    records = "soaRecord"

    def check_records(self, draft: Draft) -> None:
        """Refuse a second one; the words are `assumed`."""
        if draft.name != APEX:
            raise _bad_request("An SOA record set can only be at the zone apex.")

    def check_deletable(self, resource: Resource, call: Call) -> None:  # noqa: ARG002
        """Refuse: the record goes with its zone; the words are `assumed`."""
        raise _bad_request(f"The SOA record set of {resource.id.names[0]} cannot be deleted.")


class AllRecordSets(RecordSets):
    """The list of the record sets of all types; nothing else has this type."""

    type = f"{ZONES}/ALL"
    records = ""

    def listed(self, call: Call) -> Sequence[Resource]:
        """Return the record sets of all types in order of creation."""
        found = [item for kind in RECORD_SETS for item in kind.listed(call)]
        return sorted(found, key=lambda item: item.number)

    def show(self, resource: Resource, world: World) -> dict[str, Any]:
        """Return a record set as its own type shows it."""
        return world.provider_of(resource).show(resource, world)

    @property
    def verbs(self) -> tuple[str, ...]:
        """Return none: only the list is there."""
        return ()


RECORD_SETS: tuple[RecordSets, ...] = (
    SoaRecords(),
    ARecords(),
    AaaaRecords(),
    CnameRecords(),
    MxRecords(),
    PtrRecords(),
    SrvRecords(),
    TxtRecords(),
)


def number_of_record_sets(zone_key: str, world: World) -> int:
    """Return how many record sets a zone has, its start of authority included."""
    return sum(world.store.count(kind.type, zone_key) for kind in RECORD_SETS)


def start_of_authority(zone: Resource, world: World) -> Resource:
    """Return the record set that a new zone has (the values are general knowledge of Azure)."""
    record = {
        "host": "azureprivatedns.net",
        "email": "azureprivatedns-host.microsoft.com",
        "serialNumber": 1,
        "refreshTime": 3600,
        "retryTime": 300,
        "expireTime": 2419200,
        "minimumTtl": 10,
    }
    properties = {"ttl": 3600, "soaRecord": record}
    etag = PRIVATE_DNS_RECORDS.new_etag(world)
    return Resource(zone.id.child("SOA", APEX), SoaRecords.type, None, None, properties, etag=etag)


def _check_address(text: Any, kind: type[IPv4Address | IPv6Address]) -> None:
    try:
        kind(str(text))
    except ValueError as error:
        raise _bad_request(f"The IP address '{text}' of the record set is invalid.") from error


def _bad_request(message: str) -> ArmError:
    """Return a refusal whose words are `assumed`."""
    return _refused(400, "BadRequest", message)


def _refused(status: int, code: str, message: str) -> ArmError:
    return ArmError(status, code, message, enveloped=False)
