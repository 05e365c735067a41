"""Availability zones, which addresses and firewalls name alike."""

from simulator.arm.draft import Draft
from simulator.arm.errors import ArmError
from simulator.arm.store import Resource
from simulator.regions import PLACES


def check_zones(draft: Draft, existing: Resource | None) -> None:
    """Refuse zones the region does not have, and zones other than at creation.

    Both codes are from general knowledge of Azure: `assumed`.
    """
    wanted = draft.extras.get("zones") or []
    offered = PLACES[draft.location or ""].zones
    missing = [zone for zone in wanted if zone not in offered]
    if missing:
        raise ArmError(
            400,
            "AvailabilityZoneNotSupported",
            f"The zone(s) '{','.join(missing)}' for resource '{draft.type}/{draft.name}' is not "
            f"supported. The supported zones for location '{draft.location}' are "
            f"'{','.join(offered)}'.",
        )
    if existing is not None and sorted(existing.extras.get("zones") or []) != sorted(wanted):
        raise ArmError(
            400,
            "ResourceAvailabilityZonesCannotBeModified",
            f"Resource {existing.id.text} has an existing availability zone constraint "
            f"{', '.join(existing.extras.get('zones') or ['none'])} and the request has "
            f"availability zone constraint {', '.join(wanted) or 'none'}, which do not match. "
            "Zones cannot be added/updated/removed once the resource is created.",
            details=[],
        )
