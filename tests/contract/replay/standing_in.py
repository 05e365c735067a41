"""Stand-ins for resources of types that the simulator does not know: others refer to them."""

from collections.abc import Iterator
from typing import Any

from simulator.arm.call import Call
from simulator.arm.draft import Draft
from simulator.arm.provider import Provider
from simulator.arm.store import Resource
from simulator.providers.ip_configurations import move_in
from simulator.regions import region_name


class StandIn(Provider):
    """Takes whatever body it is given; whoever it refers to counts it among its users."""

    has_guid = False
    has_tags = True

    def __init__(self, type_name: str) -> None:
        self.type = type_name  # type: ignore[misc]  # a provider each, made for one replay

    def require_parent(self, call: Call) -> None:
        """Ask for no parent."""

    def location_of(self, call: Call, existing: Resource | None) -> str | None:
        """Return the region as it was written."""
        known = existing.location if existing else None
        return region_name(str(call.body.get("location") or known or "westus"))

    def check(self, draft: Draft, call: Call, existing: Resource | None) -> None:  # noqa: ARG002
        """Refuse nothing, and note what is referred to."""
        draft.references = frozenset(item.lower() for item in ids_in(draft.properties))

    def on_written(self, resource: Resource, call: Call) -> None:
        """Live in the subnets and hold the addresses that ipConfigurations name."""
        listed = resource.properties.get("ipConfigurations") or []
        items = [item for item in listed if isinstance(item, dict) and "properties" in item]
        # A bastion's are bastionHostIpConfigurations: the answer's ids tell.
        ids = [str(item["id"]).split("/") for item in items if item.get("id")]
        segment = ids[0][-2] if ids else "ipConfigurations"
        move_in(resource, segment, items, call.world)


def ids_in(value: Any) -> Iterator[str]:
    """Yield every id of a resource anywhere in a body."""
    if isinstance(value, str) and value.lower().startswith("/subscriptions/"):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from ids_in(key)
            yield from ids_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from ids_in(item)
