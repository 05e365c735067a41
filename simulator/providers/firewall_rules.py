"""What Azure refuses about firewalls. No recording has these refusals.

The rules are facts.md section 6; every code and wording here is `assumed`.
"""

from typing import Any

from simulator.arm.draft import Draft, linked_ids
from simulator.arm.errors import ArmError, invalid_request
from simulator.arm.ids import ResourceId
from simulator.arm.store import Resource
from simulator.arm.world import World
from simulator.providers.addresses import networks, prefixes_of
from simulator.providers.subnet_rules import FIREWALL_SUBNET, MANAGEMENT_SUBNET

_TYPE = "Microsoft.Network/azureFirewalls"
_CONFIGURATIONS = "ipConfigurations"
# Which firewall tiers a policy of a tier may serve.
_SERVES = {"Basic": ("Basic",), "Standard": ("Standard", "Premium"), "Premium": ("Premium",)}
# Azure keeps the first four addresses of a subnet for itself.
_FIRST_USABLE = 4


def check_tiers(firewall: Draft, existing: Resource | None, world: World) -> None:
    """Refuse a policy of a tier the firewall cannot have, and a tier taken back."""
    tier = firewall.properties["sku"]["tier"]
    for policy in linked_ids(firewall.properties.get("firewallPolicy")):
        found = world.store.find(policy)
        policy_tier = found.properties["sku"].get("tier", "Standard") if found else tier
        if tier not in _SERVES.get(policy_tier, ()):
            raise invalid_request(
                f"Azure Firewall {firewall.id.text} of tier {tier} cannot use firewall policy "
                f"{policy} of tier {policy_tier}.",
                "AzureFirewallPolicyTierMismatch",
            )
    if existing is not None and existing.properties["sku"] != firewall.properties["sku"]:
        raise invalid_request(
            f"Sku of Azure Firewall {firewall.id.text} cannot be changed.",
            "AzureFirewallSkuCannotBeChanged",
        )


def check_address(firewall: Draft, item: dict[str, Any], world: World) -> None:
    """Refuse a public address that is not Standard and Static, or that another has."""
    for address in linked_ids(item["properties"].get("publicIPAddress")):
        found = world.store.find(address)
        if found is None:
            continue
        is_static = found.properties["publicIPAllocationMethod"] == "Static"
        if found.extras["sku"]["name"] != "Standard" or not is_static:
            raise invalid_request(
                f"Azure Firewall {firewall.id.text} requires a Standard Static public IP address; "
                f"{address} is not.",
                "AzureFirewallPublicIPMustBeStandardSku",
            )
        _refuse_taken(firewall, found, world)
        _refuse_other_zones(firewall, found)


def _refuse_taken(firewall: Draft, address: Resource, world: World) -> None:
    for user in world.store.referrers(address.key):
        if user.key != firewall.key:
            raise invalid_request(
                f"Resource {firewall.id.text} is referencing public IP address {address.id.text} "
                f"that is already allocated to resource {user.id.text}.",
                "PublicIPAddressInUse",
            )


def _refuse_other_zones(firewall: Draft, address: Resource) -> None:
    wanted = set(firewall.extras.get("zones") or [])
    given = set(address.extras.get("zones") or [])
    if wanted and given and not wanted <= given:
        raise invalid_request(
            f"Zones of public IP address {address.id.text} do not cover those of Azure Firewall "
            f"{firewall.id.text}.",
            "AzureFirewallPublicIPZoneMismatch",
        )


def check_subnet(firewall: Draft, item: dict[str, Any], world: World) -> None:
    """Refuse a subnet of another name, and a network that has a firewall already."""
    for subnet in linked_ids(item["properties"].get("subnet")):
        if subnet.rsplit("/", 1)[-1].lower() != FIREWALL_SUBNET:
            raise invalid_request(
                f"Azure Firewall {firewall.id.text} must be in a subnet named "
                f"AzureFirewallSubnet, not {subnet}.",
                "AzureFirewallSubnetNameInvalid",
            )
        found = world.store.find(subnet)
        if found is not None:
            _refuse_second(firewall, found, world)


def check_management(firewall: Draft, item: dict[str, Any] | None) -> None:
    """Refuse a management subnet of another name or network, and a Basic firewall without."""
    if item is None:
        if firewall.properties["sku"]["tier"] == "Basic" and firewall.properties[_CONFIGURATIONS]:
            raise invalid_request(
                f"Azure Firewall {firewall.id.text} of tier Basic requires a management IP "
                "configuration.",
                "AzureFirewallMissingManagementIpConfiguration",
            )
        return
    inside = [_subnets(other) for other in firewall.properties[_CONFIGURATIONS]]
    networks_inside = {subnet.rsplit("/", 2)[0] for found in inside for subnet in found}
    for subnet in _subnets(item):
        network, _, name = subnet.rsplit("/", 2)
        if name != MANAGEMENT_SUBNET or (networks_inside and network not in networks_inside):
            raise invalid_request(
                f"The management IP configuration of Azure Firewall {firewall.id.text} must be in "
                f"a subnet named AzureFirewallManagementSubnet of its own network, not {subnet}.",
                "AzureFirewallManagementSubnetNameInvalid",
            )


def _subnets(item: dict[str, Any]) -> list[str]:
    return [found.lower() for found in linked_ids(item["properties"].get("subnet"))]


def check_number_of_addresses(firewall: Draft, world: World) -> None:
    """Refuse more public addresses than a firewall may have (facts.md section 6)."""
    limit = world.settings.addresses_per_firewall
    if len(firewall.properties[_CONFIGURATIONS]) > limit:
        raise invalid_request(
            f"Azure Firewall {firewall.id.text} cannot have more than {limit} public IP addresses.",
            "AzureFirewallPublicIPCountLimitReached",
        )


def _refuse_second(firewall: Draft, subnet: Resource, world: World) -> None:
    network: ResourceId = subnet.id.root
    for other in world.store.of_type(_TYPE):
        elsewhere = not any(key.startswith(network.key + "/") for key in other.references)
        if other.key != firewall.key and not elsewhere:
            raise _second(firewall, network, other)


def _second(firewall: Draft, network: ResourceId, other: Resource) -> ArmError:
    return invalid_request(
        f"Azure Firewall {firewall.id.text} cannot be created: virtual network {network.text} "
        f"has Azure Firewall {other.id.text} already.",
        "AzureFirewallAlreadyExistsInVirtualNetwork",
    )


def private_address(firewall: Resource, world: World) -> str:
    """Return the first usable address of the firewall's subnet."""
    for item in firewall.properties["ipConfigurations"]:
        for subnet in linked_ids(item["properties"].get("subnet")):
            found = world.store.find(subnet)
            if found is not None:
                prefix = networks(prefixes_of(found.properties), found.id.text)[0]
                moved = _moved(firewall, found) if world.settings.firewall_addresses_move else 0
                return str(prefix.network_address + _FIRST_USABLE + moved)
    return ""


def _moved(firewall: Resource, subnet: Resource) -> int:
    """Return how many firewalls stood in the subnet before; that they count is `assumed`."""
    if "moved" not in firewall.hidden:
        firewall.hidden["moved"] = subnet.hidden.get("firewalls", 0)
        subnet.hidden["firewalls"] = firewall.hidden["moved"] + 1
    moved: int = firewall.hidden["moved"]
    return moved
