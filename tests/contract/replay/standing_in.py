"""Stand-ins for resources of types that the simulator does not know: others refer to them."""

from collections.abc import Iterator
from typing import Any

from simulator.arm.call import Call
from simulator.arm.draft import Draft
from simulator.arm.provider import Provider
from simulator.arm.store import Resource


class StandIn(Provider):
    """Takes whatever body it is given; whoever it refers to counts it among its users."""

    has_guid = False
    has_tags = True

    def __init__(self, type_name: str) -> None:
        self.type = type_name  # type: ignore[misc]  # a provider each, made for one replay

    def location_of(self, call: Call, existing: Resource | None) -> str | None:
        """Return the region as it was written."""
        known = existing.location if existing else None
        return str(call.body.get("location") or known or "westus")

    def check(self, draft: Draft, call: Call, existing: Resource | None) -> None:  # noqa: ARG002
        """Refuse nothing, and note what is referred to."""
        draft.references = frozenset(item.lower() for item in ids_in(draft.properties))

    def on_written(self, resource: Resource, call: Call) -> None:  # noqa: ARG002
        """Live in the subnets and hold the addresses that ipConfigurations name."""
        subnets: dict[str, list[str]] = {}
        addresses: dict[str, str] = {}
        for kind, listed in resource.properties.items():
            for item in listed if isinstance(listed, list) else ():
                inner = item.get("properties") if isinstance(item, dict) else None
                if not isinstance(inner, dict):
                    continue
                own = f"{resource.id.text}/{kind}/{item.get('name')}"
                for subnet in ids_in(inner.get("subnet")):
                    subnets.setdefault(subnet.lower(), []).append(own)
                for address in ids_in(inner.get("publicIPAddress")):
                    addresses[address.lower()] = own
        resource.hidden["uses_subnet"] = subnets
        resource.hidden["uses_address"] = addresses


def ids_in(value: Any) -> Iterator[str]:
    """Yield every id of a resource anywhere in a body."""
    if isinstance(value, str) and value.lower().startswith("/subscriptions/"):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from ids_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from ids_in(item)
