"""Microsoft.Network/publicIPAddresses."""

from collections.abc import Mapping
from typing import Any, ClassVar

from simulator import subscriptions
from simulator.arm.call import Call
from simulator.arm.draft import Draft, linked_ids
from simulator.arm.errors import ArmError, invalid_request
from simulator.arm.provider import Provider
from simulator.arm.store import Resource
from simulator.arm.world import World
from simulator.providers.ip_configurations import holder
from simulator.providers.zones import check_zones

TYPE = "Microsoft.Network/publicIPAddresses"
_FIRST_WITH_TIERS = "2020-07-01"
_PROTECTION = "VirtualNetworkInherited"


class PublicIPAddresses(Provider):
    """Public addresses; a static one gets its address when its create is done."""

    type = TYPE
    operation_name = "PublicIpAddress"
    extras = ("sku", "zones", "extendedLocation")
    key_order = (
        "name",
        "id",
        "etag",
        "location",
        "tags",
        "zones",
        "properties",
        "type",
        "sku",
    )
    layout = (
        "ipAddress",
        "publicIPAddressVersion",
        "publicIPAllocationMethod",
        "publicIPPrefix",
        "idleTimeoutInMinutes",
        "dnsSettings",
        "ipTags",
        "ipConfiguration",
        "ddosSettings",
    )
    defaults: ClassVar[Mapping[str, Any]] = {
        "publicIPAddressVersion": "IPv4",
        "publicIPAllocationMethod": "Dynamic",
        "idleTimeoutInMinutes": 4,
        "ipTags": [],
    }
    # Recorded from 2022-11-01 on, not with 2020-11-01; where between it begins is `assumed`.
    since: ClassVar[Mapping[str, str]] = {"ddosSettings": "2022-05-01"}
    read_only = frozenset({"ipAddress", "ipConfiguration"})

    def adjust(self, draft: Draft) -> None:
        """Complete the SKU."""
        sku = draft.extras.get("sku") or {}
        if sku.get("name") == "Standard":
            draft.properties.setdefault("ddosSettings", {"protectionMode": _PROTECTION})
        draft.extras["sku"] = {
            "name": sku.get("name", "Basic"),
            "tier": sku.get("tier", "Regional"),
        }

    def check(self, draft: Draft, call: Call, existing: Resource | None) -> None:
        """Check the prefix first: a missing one is a 404 here (recordings.md section 8)."""
        for prefix in linked_ids(draft.properties.get("publicIPPrefix")):
            if call.world.store.find(prefix) is None:
                raise ArmError(404, "NotFound", f"Resource {prefix} not found.", details=[])
        super().check(draft, call, existing)

    def validate(self, draft: Draft, call: Call, existing: Resource | None) -> None:
        """Check SKU, zones and quota."""
        is_standard = draft.extras["sku"]["name"] == "Standard"
        if is_standard and draft.properties["publicIPAllocationMethod"] != "Static":
            # From general knowledge of Azure, not from a recording: `assumed`.
            raise invalid_request(
                f"Standard sku publicIp {draft.id.text} must have AllocationMethod set to Static.",
                "StandardSkuPublicIPAddressesMustBeStatic",
            )
        if not is_standard and draft.extras["sku"]["tier"] == "Global":
            raise invalid_request(
                "Global publicIP addresses are only supported for standard SKU public IP "
                f"addresses. Public IP address {draft.id.text} is not standard SKU.",
                "GlobalPublicIPAddressNotSupportedForBasicPublicIpAddress",
            )
        check_zones(draft, existing)
        if existing is None and is_standard:
            self._check_quota(draft, call.world)

    def _check_quota(self, draft: Draft, world: World) -> None:
        limit = world.settings.public_address_limit
        used = subscriptions.standard_addresses(world, draft.id.subscription)
        if used[draft.location or ""] >= limit:
            # From general knowledge of Azure, not from a recording: `assumed`.
            raise ArmError(
                400,
                "PublicIPCountLimitReached",
                f"Cannot create more than {limit} public IP addresses for this subscription in "
                "this region.",
                details=[],
            )

    def on_done(self, resource: Resource, world: World) -> None:
        """Give the resource its address."""
        if "address" not in resource.hidden:
            numbers = [str(world.random.randint(1, 254)) for _ in range(3)]
            resource.hidden["address"] = ".".join(("20", *numbers))

    def check_deletable(self, resource: Resource, call: Call) -> None:
        """Refuse while something uses the address (recordings.md section 8)."""
        user = holder(resource, call.world)
        if user is not None:
            raise invalid_request(
                f"Public IP address {resource.id.text} can not be deleted since it is still "
                f"allocated to resource {user}. In order to delete the public IP, "
                "disassociate/detach the Public IP address from the resource.  To learn how to do "
                "this, see aka.ms/deletepublicip.",
                "PublicIPAddressCannotBeDeleted",
            )

    def show(self, resource: Resource, world: World) -> dict[str, Any]:
        """Return the body; the first api-version with tiers is 2020-07-01."""
        body = super().show(resource, world)
        if world.api_version < _FIRST_WITH_TIERS:
            body["sku"] = {"name": body["sku"]["name"]}
        return body

    def computed(self, resource: Resource, world: World) -> dict[str, Any]:
        """Return the address and who uses it."""
        shown: dict[str, Any] = {}
        is_static = resource.properties["publicIPAllocationMethod"] == "Static"
        if is_static and "address" in resource.hidden:
            shown["ipAddress"] = resource.hidden["address"]
        user = holder(resource, world)
        if user is not None:
            shown["ipConfiguration"] = {"id": user}
        label = (resource.properties.get("dnsSettings") or {}).get("domainNameLabel")
        if label:
            name = f"{label}.{resource.location}.cloudapp.azure.com"
            shown["dnsSettings"] = {**resource.properties["dnsSettings"], "fqdn": name}
        return shown
