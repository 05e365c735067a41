"""Where a resource may live, and what the gateway says when it may not."""

from simulator.arm.errors import ArmError
from simulator.arm.store import Resource
from simulator.regions import REGIONS


def moved(existing: Resource, location: str) -> ArmError:
    """Return the 409 of a resource that lives in another region already."""
    return ArmError(
        409,
        "InvalidResourceLocation",
        f"The resource '{existing.name}' already exists in location '{existing.location}' in "
        f"resource group '{existing.id.group}'. A resource with the same name cannot be created "
        f"in location '{location}'. Please select a new resource name.",
        gateway=True,
    )


def not_offered(location: str, type_name: str) -> ArmError:
    """Return the 400 of a region that the type does not have."""
    return ArmError(
        400,
        "LocationNotAvailableForResourceType",
        f"The provided location '{location}' is not available for resource type '{type_name}'. "
        f"List of available regions for the resource type is '{','.join(REGIONS)}'.",
        gateway=True,
    )
