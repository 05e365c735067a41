"""What Azure refuses about subnets, whether they come alone or inside their network."""

from collections.abc import Iterable, Sequence

from simulator.arm.draft import Draft, linked_ids
from simulator.arm.errors import ArmError, invalid_request
from simulator.arm.ids import ResourceId
from simulator.arm.store import Resource
from simulator.arm.world import World
from simulator.providers.addresses import clashes, contains, networks, prefixes_of
from simulator.providers.ip_configurations import tenants
from simulator.providers.network_rules import check_size

FIREWALL_SUBNET = "azurefirewallsubnet"
MANAGEMENT_SUBNET = "azurefirewallmanagementsubnet"
FIREWALL_SUBNETS = (FIREWALL_SUBNET, MANAGEMENT_SUBNET)
_SMALLEST_FIREWALL_SUBNET = 26
ROUTES = "Microsoft.Network/routeTables/routes"
_FIREWALLS = "Microsoft.Network/azureFirewalls"


def check_all(subnets: Sequence[Draft], space: list[str], network: Draft) -> None:
    """Check all subnets of a network's body against its space and one another."""
    for position, subnet in enumerate(subnets):
        check_place(subnet, space, subnets[:position], network.id)


def check_place(
    subnet: Draft, space: list[str], others: Sequence[Draft | Resource], network: ResourceId
) -> None:
    """Check that a subnet has a prefix, lies within the network and touches no other."""
    own = networks(prefixes_of(subnet.properties), subnet.id.text)
    if not own:
        raise invalid_request(
            f"Resource {subnet.id.text} is missing required property addressPrefix.",
            "MissingRequiredProperty",
        )
    check_size(subnet, own)
    outer = networks(space, network.text)
    for prefix in own:
        if not any(contains(item, prefix) for item in outer):
            raise _outside(subnet, network)
    for other in others:
        if other.id.key != subnet.id.key and clashes(
            own, networks(prefixes_of(other.properties), other.id.text)
        ):
            raise _overlapping(subnet, other.id.name)


def _outside(subnet: Draft, network: ResourceId) -> ArmError:
    # From general knowledge of Azure, not from a recording: `assumed`.
    return invalid_request(
        f"Subnet '{subnet.name}' is not valid because its IP address range is outside the IP "
        f"address range of virtual network '{network.name}'.",
        "NetcfgInvalidSubnet",
    )


def _overlapping(subnet: Draft, other: str) -> ArmError:
    # From general knowledge of Azure, not from a recording: `assumed`.
    return invalid_request(
        f"Subnet '{subnet.name}' is not valid because its IP address range overlaps with that of "
        f"an existing subnet '{other}'.",
        "NetcfgSubnetRangesOverlap",
    )


def check_firewall_subnet(subnet: Draft, world: World) -> None:
    """Check what only a firewall's subnet must fulfil (facts.md sections 5 and 6)."""
    if subnet.name.lower() not in FIREWALL_SUBNETS:
        return
    for prefix in networks(prefixes_of(subnet.properties), subnet.id.text):
        if prefix.prefixlen > _SMALLEST_FIREWALL_SUBNET:
            # The code is `assumed`; that /26 is the least is facts.md section 6.
            raise invalid_request(
                f"Subnet {subnet.id.text} must have an address prefix of at least /26 to hold an "
                "Azure Firewall.",
                "AzureFirewallSubnetTooSmall",
            )
    if subnet.properties.get("networkSecurityGroup"):
        raise invalid_request(
            f"Network security group cannot be associated with subnet {subnet.id.text}, which is "
            "reserved for Azure Firewall.",
            # The code is `assumed`; that none is allowed is facts.md section 6.
            "SubnetWithAzureFirewallCannotHaveNetworkSecurityGroup",
        )
    for table in linked_ids(subnet.properties.get("routeTable")):
        routes = world.store.children(table.lower(), ROUTES)
        refuse_without_default(table.rsplit("/", 1)[-1], subnet, routes, world)


def refuse_without_default(
    table_name: str, subnet: Draft | Resource, routes: Iterable[Draft | Resource], world: World
) -> None:
    """Refuse routes that leave a firewall's subnet without its way to the internet.

    A firewall with a management configuration reaches it by that one (facts.md section 5).
    """
    if subnet.id.name.lower() != FIREWALL_SUBNET:
        return
    managed = any(
        user.properties.get("managementIpConfiguration")
        for user in world.store.referrers(subnet.id.key, _FIREWALLS)
    )
    if not managed and not any(is_internet_default(item) for item in routes):
        raise _missing_default_route(table_name, subnet.id.name)


def is_internet_default(route: Draft | Resource) -> bool:
    """Tell whether a route is 0.0.0.0/0 to the internet."""
    wanted = {"addressPrefix": "0.0.0.0/0", "nextHopType": "Internet"}
    return all(route.properties.get(key) == value for key, value in wanted.items())


def _missing_default_route(table_name: str, subnet_name: str) -> ArmError:
    """Return the refusal of a table that lacks it (facts.md section 5)."""
    return invalid_request(
        f"Route Table {table_name} on firewall subnet {subnet_name} must have 0.0.0.0/0 route "
        "with next hop Internet.",
        "AzureFirewallSubnetRouteTableMustHaveDefaultRouteToInternet",
    )


def refuse_moved_prefix(draft: Draft, existing: Resource, world: World) -> None:
    """Refuse to take a prefix away under what lives in it; the code is `assumed`."""
    lost = set(prefixes_of(existing.properties)) - set(prefixes_of(draft.properties))
    if lost and tenants(existing, world):
        raise invalid_request(
            f"IpPrefix {min(lost)} on Subnet {existing.name} has active allocations and cannot be "
            "deleted.",
            "InUsePrefixCannotBeDeleted",
        )


def refuse_if_used(subnet: Resource, world: World) -> None:
    """Raise Azure's refusal to delete a subnet with something in it."""
    used_by = tenants(subnet, world)
    if used_by:
        raise invalid_request(
            f"Subnet {subnet.name} is in use by {used_by[0]} and cannot be deleted. In order to "
            "delete the subnet, delete all the resources within the subnet. See "
            "aka.ms/deletesubnet.",
            "InUseSubnetCannotBeDeleted",
        )
