"""What a subscription says about itself: locations, providers and quotas."""

from collections import Counter
from collections.abc import Callable
from typing import Any

from simulator import delegations, hierarchy
from simulator.access.guard import may_see, require_question
from simulator.arm.call import Call, Reply
from simulator.arm.errors import group_not_found, unknown_namespace
from simulator.arm.ids import ResourceId, group_id
from simulator.arm.world import World
from simulator.principals import Principal
from simulator.regions import REGIONS, region_name
from simulator.settings import Settings

# The order of the usages.
_USAGES = (
    ("VirtualNetworks", "Virtual Networks", "Microsoft.Network/virtualNetworks"),
    (
        "NetworkSecurityGroups",
        "Network Security Groups",
        "Microsoft.Network/networkSecurityGroups",
    ),
    ("RouteTables", "Route Tables", "Microsoft.Network/routeTables"),
    ("PublicIPAddresses", "Public IP Addresses", "Microsoft.Network/publicIPAddresses"),
)
_STANDARD_ADDRESSES = ("StandardSkuPublicIpAddresses", "Public IPv4 Addresses - Standard")
_ZONED = ("publicIPAddresses", "azureFirewalls")


def answer(call: Call) -> Reply | None:
    """Return the answer to a question about the subscription, or None when it is none."""
    if (call.method, call.id.types) == ("POST", ("register",)) and call.id.group is None:
        if call.id.extended is not None:
            return _registered(call, call.id.extended)
        # Everything here is registered from the start.
        return Reply(200, provider(call.world, call.id.subscription, call.id.namespace))
    return _asked(call) if call.method == "GET" else None


def _registered(call: Call, group: ResourceId) -> Reply:
    """Register a provider at a management group, which nobody can read afterwards.

    Azure has no GET for it (azure-rest-api-specs issue 22041), and the SDK reads no body.
    """
    require_question(call)
    found = call.world.store.get(group.key)
    if found is not None:
        hierarchy.register(found, call.id.namespace, call.world)
    return Reply(200)


def _asked(call: Call) -> Reply | None:
    kind, subscription = call.id.type.lower(), call.id.subscription
    if kind == "microsoft.network/locations/availabledelegations":
        _require_group(call)
        return Reply(200, {"value": delegations.available(subscription, call.id.group)})
    if call.id.group is not None:
        return None
    if kind == "microsoft.network/locations/usages":
        return Reply(200, {"value": usages(call.world, subscription, call.id.names[0])})
    return None


def _require_group(call: Call) -> None:
    group = call.id.group
    if (
        group is not None
        and call.world.store.get(group_id(call.id.subscription, group).key) is None
    ):
        raise group_not_found(group)


def describe(settings: Settings, subscription: str) -> dict[str, Any]:
    """Return one subscription."""
    return {
        "id": f"/subscriptions/{subscription}",
        "authorizationSource": "RoleBased",
        "managedByTenants": [],
        "subscriptionId": subscription,
        "tenantId": settings.tenant_id,
        "displayName": "Simulated subscription",
        "state": "Enabled",
        "subscriptionPolicies": {
            "locationPlacementId": "Public_2014-09-01",
            "quotaId": "EnterpriseAgreement_2014-09-01",
            "spendingLimit": "Off",
        },
    }


def tenant(settings: Settings) -> dict[str, Any]:
    """Return the tenant."""
    return {"id": f"/tenants/{settings.tenant_id}", "tenantId": settings.tenant_id}


def locations(subscription: str) -> list[dict[str, Any]]:
    """Return the regions in the form of "list locations"."""
    return [
        {
            "id": f"/subscriptions/{subscription}/locations/{region.name}",
            "name": region.name,
            "type": "Region",
            "displayName": region.display_name,
            "regionalDisplayName": f"({region.geography}) {region.display_name}",
            "metadata": {"regionType": "Physical", "geographyGroup": region.geography},
            "availabilityZoneMappings": _zone_mappings(region.name),
        }
        for region in REGIONS.values()
    ]


def _zone_mappings(name: str) -> list[dict[str, str]]:
    zones = REGIONS[name].zones
    return [{"logicalZone": zone, "physicalZone": f"{name}-az{zone}"} for zone in zones]


def providers(world: World, subscription: str) -> list[dict[str, Any]]:
    """Return all resource providers with their types."""
    names = dict.fromkeys(item.type.partition("/")[0] for item in world.providers.values())
    return [provider(world, subscription, name) for name in names]


def provider(world: World, subscription: str, namespace: str) -> dict[str, Any]:
    """Return one resource provider, registered, with where each type is offered."""
    types = [
        item.type.partition("/")[2]
        for item in world.providers.values()
        if item.type.lower().startswith(namespace.lower() + "/")
    ]
    if not types and namespace.lower() in _WITHOUT_TYPES:
        return _shown(subscription, _WITHOUT_TYPES[namespace.lower()], [])
    if not types:
        raise unknown_namespace(namespace)
    name = next(t for t in world.providers.values() if t.type.lower().startswith(namespace.lower()))
    return _shown(subscription, name.type.partition("/")[0], types)


def _shown(subscription: str, spelled: str, types: list[str]) -> dict[str, Any]:
    return {
        "id": f"/subscriptions/{subscription}/providers/{spelled}",
        "namespace": spelled,
        "resourceTypes": [_resource_type(kind) for kind in types],
        "registrationState": "Registered",
        "registrationPolicy": "RegistrationRequired",
    }


# Known to Azure, with no type that is simulated: what they do for others is.
_WITHOUT_TYPES = {"microsoft.policyinsights": "Microsoft.PolicyInsights"}


def _resource_type(kind: str) -> dict[str, Any]:
    everywhere = [region.display_name for region in REGIONS.values()]
    shown: dict[str, Any] = {
        "resourceType": kind,
        "locations": ["global"] if kind.startswith("privateDns") else everywhere,
        "apiVersions": ["2026-03-01", "2025-03-01", "2024-06-01", "2024-03-01"],
        "capabilities": "SupportsTags, SupportsLocation",
    }
    if kind in _ZONED:
        shown["zoneMappings"] = [
            {"location": region.display_name, "zones": list(region.zones)}
            for region in REGIONS.values()
            if region.zones
        ]
    return shown


def usages(world: World, subscription: str, location: str) -> list[dict[str, Any]]:
    """Return how much of each quota a region uses."""
    region, rows = region_name(location), []
    for name, title, type_name in _USAGES:
        used = world.store.count_in_region(type_name, subscription, region)
        limit = world.settings.limits[type_name]
        rows.append(_usage(subscription, region, (name, title), used, limit))
    standard = standard_addresses(world, subscription)[region]
    limit = world.settings.public_address_limit
    rows.append(_usage(subscription, region, _STANDARD_ADDRESSES, standard, limit))
    return rows


def standard_addresses(world: World, subscription: str) -> Counter[str]:
    """Return the number of Standard public addresses that a subscription has in each region."""
    return Counter(
        item.location or ""
        for item in world.store.of_type("Microsoft.Network/publicIPAddresses")
        if item.extras.get("sku", {}).get("name") == "Standard"
        and item.id.subscription.lower() == subscription.lower()
    )


def _usage(
    subscription: str, region: str, name: tuple[str, str], used: int, limit: int
) -> dict[str, Any]:
    base = f"/subscriptions/{subscription}/providers/Microsoft.Network/locations/{region}/usages"
    return {
        "currentValue": used,
        "id": f"{base}/{name[0]}",
        "limit": limit,
        "name": {"localizedValue": name[1], "value": name[0]},
        "unit": "Count",
    }


def simple(world: World, parts: list[str], who: Principal | None) -> Reply | None:
    """Return the answer to a path that names no resource: subscriptions, tenants, providers."""
    lowered = [part.lower() for part in parts]
    if lowered == ["subscriptions"]:
        known = [
            item
            for item in world.settings.subscription_ids
            if who is None or may_see(world, who, item)
        ]
        return Reply(200, {"value": [describe(world.settings, item) for item in known]})
    if lowered == ["tenants"]:
        return Reply(200, {"value": [tenant(world.settings)]})
    if not lowered or lowered[0] != "subscriptions":
        return None
    return _of_subscription(world, parts[1], parts[2:])


def _of_subscription(world: World, subscription: str, rest: list[str]) -> Reply | None:
    lowered = tuple(part.lower() for part in rest)
    answers: dict[tuple[str, ...], Callable[[], Any]] = {
        (): lambda: describe(world.settings, subscription),
        ("locations",): lambda: {"value": locations(subscription)},
        ("providers",): lambda: {"value": providers(world, subscription)},
    }
    if lowered in answers:
        return Reply(200, answers[lowered]())
    if len(lowered) == 2 and lowered[0] == "providers":  # noqa: PLR2004 - providers/NAMESPACE
        return Reply(200, provider(world, subscription, rest[1]))
    return None
