"""What the network manager refuses; it writes the message before the code.

No recording shows any of these 400s, so their codes are `assumed` (recordings.md
section 8 has only a missing child and an unregistered feature).
"""

from collections.abc import Iterable, Mapping
from typing import Any

from simulator.arm.call import Call
from simulator.arm.constraints import Found
from simulator.arm.errors import ArmError
from simulator.arm.ids import ResourceId

_DESCRIPTION_LIMIT = 140


def refusal(message: str, code: str = "BadRequest", status: int = 400) -> ArmError:
    """Return an error in the network manager's key order."""
    return ArmError(status, code, message, message_first=True)


def nested(below: list[str]) -> ArmError:
    """Return the gateway's refusal to delete what has these below it; it names five at most."""
    return ArmError(
        409,
        "CannotDeleteResource",
        "Cannot delete resource while nested resources exist. Some existing nested "
        f"resource IDs include: '{', '.join(below[:5])}'. Please delete all nested "
        "resources before deleting this resource.",
        gateway=True,
    )


def malformed(call: Call, found: Found) -> ArmError:
    """Return the refusal of a body that breaks the swagger's rules."""
    breach = found[0]
    if breach.rule == "required":
        return refusal(
            f"Resource {call.id.text} is missing required property {breach.name}.",
            "MissingRequiredProperty",
        )
    allowed = f"one of {', '.join(breach.known)}" if breach.known else breach.expected
    return refusal(
        f"Property {breach.name} of resource {call.id.text} is {breach.value!r}; it must be "
        f"{allowed}.",
        "InvalidPropertyValue",
    )


def absent(resource_id: ResourceId) -> ArmError:
    """Return the 404 of a missing child (recordings.md section 8)."""
    return refusal(
        f"Resource [{resource_id.text}] does not exist or has been deleted", "NotFound", 404
    )


def missing_reference(target: str, source: str) -> ArmError:
    """Return the refusal of a reference to nothing, after the words other types use."""
    return refusal(
        f"Resource {target} referenced by resource {source} was not found. Please make sure that "
        "the referenced resource exists.",
        "InvalidResourceReference",
    )


def require_one_of(
    values: dict[str, Any], name: str, allowed: Iterable[str], owner: ResourceId
) -> None:
    """Raise unless a property, if it is there at all, has one of the known values.

    Letters may be of either case; what is stored is spelled as Azure does (recorded of
    "true" in test_network_manager_connect_config_crud@2023-09).
    """
    value = values.get(name)
    if value is None:
        return
    known = tuple(allowed)
    spelled = {item.lower(): item for item in known}.get(str(value).lower())
    if spelled is not None:
        values[name] = spelled
    else:
        raise refusal(
            f"Property {name} of resource {owner.text} is {value!r}; it must be one of "
            f"{', '.join(known)}.",
            "InvalidPropertyValue",
        )


def require_property(values: Mapping[str, Any], name: str, owner: ResourceId) -> None:
    """Raise when a required property is missing or empty."""
    if not values.get(name):
        raise refusal(
            f"Resource {owner.text} is missing required property {name}.",
            "MissingRequiredProperty",
        )


def check_description(values: Mapping[str, Any], owner: ResourceId) -> None:
    """Raise when a rule's description is longer than 140 characters (facts.md section 3)."""
    if len(values.get("description") or "") > _DESCRIPTION_LIMIT:
        raise refusal(
            f"The description of {owner.text} must not exceed {_DESCRIPTION_LIMIT} characters.",
            "InvalidPropertyValue",
        )


def in_use(resource_id: ResourceId, users: Iterable[str]) -> ArmError:
    """Return the refusal to delete what is used, without `force`."""
    return refusal(
        f"Resource {resource_id.text} cannot be deleted because it is in use by "
        f"{', '.join(users)}. Use force=true to delete it anyway.",
        "ResourceInUse",
    )


def named_by_rules(resource_id: ResourceId, rules: Iterable[str]) -> ArmError:
    """Return the refusal to delete a group that rules name, with or without `force`."""
    return refusal(
        f"Resource {resource_id.text} cannot be deleted because it is a source or destination of "
        f"{', '.join(rules)}. Remove it from these rules first.",
        "ResourceInUse",
    )


def deployed(resource_id: ResourceId, regions: Iterable[str]) -> ArmError:
    """Return the refusal to delete what is deployed, without `force`."""
    return refusal(
        f"Resource {resource_id.text} cannot be deleted because it is part of a configuration "
        f"deployed to {', '.join(regions)}. Use force=true to delete it anyway.",
        "ResourceInUse",
    )
