"""Whose a resource is. There is no state file: Azure itself says it, or it is foreign."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from topology.kind import Body, Kind, Ownership


def our_description(topology: str, region: str | None = None) -> str:
    """Return the description by which AVNM's objects are known to be ours.

    They carry no tags (facts.md section 1), so it names the region too, if there is one.
    """
    text = f"managed-by=orrery/{topology}"
    return text if region is None else f"{text} region={region}"


def described_region(body: Body) -> str | None:
    """Return the region that an object of AVNM says it belongs to."""
    properties = body.get("properties") or {}
    found = re.search(r" region=([a-z0-9]+)", str(properties.get("description") or ""))
    return found[1] if found else properties.get("region")  # a member's network has one


# What a person can do about something that is not ours and has an id that we want.
OTHER_WAYS = (
    "`orrery adopt` takes over what is as the topology says, and tells what is not; or rename it, "
    "or remove it"
)


def told_marks(kind: Kind, body: Body) -> str:
    """Return what a resource says of whose it is, for people."""
    match kind.owned_by:
        case Ownership.TAG:
            tags: Mapping[str, str] = body.get("tags") or {}
            return f"its tags are {', '.join(f'{k}={v}' for k, v in tags.items()) or 'none'}"
        case Ownership.DESCRIPTION:
            text = (body.get("properties") or {}).get("description") or ""
            return f'its description is "{text}"'
        case Ownership.NAME:
            return "it is not of our name, or what holds it is not ours"


_LONGEST_TAG = 256  # "Use tags to organize your Azure resources" (Microsoft Learn)


def tags_naming(key: str, names: Iterable[str]) -> dict[str, str]:
    """Return the tags by which children without a name of ours are known to be ours.

    A value takes 256 characters, so what does not fit goes on in `<key>-2` and so on.
    """
    values: list[str] = []
    for name in sorted(names):
        longer = f"{values[-1]} {name}" if values else name
        if values and len(longer) <= _LONGEST_TAG:
            values[-1] = longer
        else:
            values.append(name)
    return {key if not number else f"{key}-{number + 1}": v for number, v in enumerate(values)}


def keys_naming(key: str, body: Body) -> list[str]:
    """Return the keys of such tags that a body has."""
    tags: Mapping[str, str] = body.get("tags") or {}
    return [name for name in tags if re.fullmatch(rf"{key}(-[0-9]+)?", name)]


def named_in_tags(key: str, body: Body) -> frozenset[str]:
    """Return the names that such tags of a body hold, in lower case."""
    values = (body["tags"][name] for name in keys_naming(key, body))
    return frozenset(name.lower() for value in values for name in value.split())


def matches(pattern: str, name: str, topology: str) -> bool:
    """Say whether a name is of our pattern; case is ignored, as Azure ignores it."""
    ours = pattern.replace("{topology}", re.escape(topology))
    return re.fullmatch(ours, name, re.IGNORECASE) is not None


def is_ours(kind: Kind, body: Body, resource_id: str, topology: str) -> bool:
    """Say whether we may change a resource that was found.

    For `Ownership.NAME` the caller has made sure that the parent is ours.
    """
    match kind.owned_by:
        case Ownership.TAG:
            tags = body.get("tags") or {}
            return tags.get("managed-by") == "orrery" and tags.get("topology") == topology
        case Ownership.DESCRIPTION:
            text = (body.get("properties") or {}).get("description") or ""
            return str(text).split(" ", 1)[0] == our_description(topology)
        case Ownership.NAME:
            return matches(kind.our_names, resource_id.rsplit("/", 1)[-1], topology)
