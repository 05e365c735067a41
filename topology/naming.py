"""Every name and every ARM id, by the Cloud Adoption Framework's abbreviations.

Source: "Abbreviation recommendations for Azure resources", Cloud Adoption
Framework. Names never depend on the order of the topology file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

FIREWALL_SUBNET = "AzureFirewallSubnet"  # Azure insists on this name (facts.md section 6)
HUB = "hub"
# Where AVNM keeps its route tables, in each subscription (facts.md section 4); in lower case.
AVNM_GROUP = "/resourcegroups/avnm_managed_resourcegroup_"

AVNM_PEERING = "ANM_"  # how names of peerings begin that AVNM makes (facts.md section 1)
OUR_PEERINGS = "peer-{topology}-.*"  # a pattern
PEERINGS_TAG = "orrery-peerings"
HUBS = "hubs"


class Template(NamedTuple):
    """A name of Orrery's own, and the most characters that Azure takes in such a name."""

    text: str
    longest: int


# Orrery's own names; a topology may give others (`names`). Lengths: "Naming rules and
# restrictions for Azure resources" (Microsoft Learn).
TEMPLATES: Mapping[str, Template] = {
    "global_group": Template("rg-{topology}-global", 90),
    "resource_group": Template("rg-{topology}-{region}", 90),
    "hub": Template("vnet-{topology}-hub-{region}", 64),
    "spoke": Template("vnet-{topology}-{spoke}-{region}", 64),
    "subnet": Template("snet-{topology}-{subnet}", 80),
    "firewall": Template("afw-{topology}-{region}", 56),
    "firewall_ip_configuration": Template("ipconfig", 80),
    "public_address": Template("pip-{topology}-afw-{region}", 80),
    "route_table": Template("rt-{topology}-afw-{region}", 80),
    "security_group": Template("nsg-{topology}-{spoke}-{region}", 80),
    "peering_to_hub": Template("peer-{topology}-{spoke}-to-hub", 80),
    "peering_to_spoke": Template("peer-{topology}-hub-to-{spoke}", 80),
    "peering_between_hubs": Template("peer-{topology}-{region}-to-{other}", 80),
    "dns_link": Template("link-{network}", 80),
    "policy": Template("afwp-{topology}", 80),
    "region_policy": Template("afwp-{topology}-{region}", 80),
    "manager": Template("vnm-{topology}", 64),
}

CONFIGURATIONS = {
    "connectivityConfigurations": "mesh",
    "securityAdminConfigurations": "security",
    "routingConfigurations": "routing",
}


def spokes_group(region: str) -> str:
    """Return the network group, and the routing collection, of a region's spokes."""
    return f"spokes-{region}"


def joined_group(region: str) -> str:
    """Return the network group of the networks of others that have joined a region."""
    return f"joined-{region}"


@dataclass(frozen=True)
class Names:
    """The names and ids of one topology, and in which subscription each stands.

    `generations` are those of AVNM's configurations by kind; the first is 1. `elsewhere`
    has the subscription of each spoke, by region and name, that does not stand in the
    connectivity subscription, `subscription`. `given` are the templates that stand in place of
    Orrery's own: those of a spoke by region and spoke, those of a region by region and "",
    those of the topology by "" and "". `policies` are the generations of policy definitions
    by `policy_key`; the first is 1.
    """

    topology: str
    subscription: str
    generations: Mapping[str, int] = field(default_factory=dict)
    elsewhere: Mapping[tuple[str, str], str] = field(default_factory=dict)
    given: Mapping[tuple[str, str], Mapping[str, str]] = field(default_factory=dict)
    policies: Mapping[str, int] = field(default_factory=dict)

    # -- names ---------------------------------------------------------------------------

    def name(self, key: str, region: str = "", spoke: str = "", **more: str) -> str:
        """Return the name of one thing, by its key in `TEMPLATES`.

        Raises KeyError for a template that names what there is not, as a firewall has no
        spoke; a topology with such a template is refused.
        """
        levels = [self.given.get(place, {}) for place in ((region, spoke), (region, ""), ("", ""))]
        text = next((level[key] for level in levels if key in level), TEMPLATES[key].text)
        values = {"topology": self.topology, "region": region, "spoke": spoke, **more}
        return text.format(**{name: value for name, value in values.items() if value})

    def group_name(self, region: str | None, role: str = HUB) -> str:
        """Return the resource group of a hub or spoke, or of what belongs to no region."""
        if region is None:
            return self.name("global_group")
        return self.name("resource_group", region, "" if role == HUB else role)

    def vnet_name(self, region: str, role: str) -> str:
        """Return the network of a hub (`hub`) or of a spoke (its name)."""
        return self.name("hub", region) if role == HUB else self.name("spoke", region, role)

    def subnet_name(self, region: str, spoke: str, subnet: str) -> str:
        """Return the name of a workload subnet."""
        own = self.given.get((region, spoke), {}).get(subnet_key(subnet))
        return own or self.name("subnet", region, spoke, subnet=subnet)

    def firewall_name(self, region: str) -> str:
        """Return the firewall of a hub."""
        return self.name("firewall", region)

    def ip_configuration_name(self, region: str) -> str:
        """Return what a firewall calls its place in the hub."""
        return self.name("firewall_ip_configuration", region)

    def public_ip_name(self, region: str) -> str:
        """Return the public address of a firewall."""
        return self.name("public_address", region)

    def route_table_name(self, region: str) -> str:
        """Return the route table of a firewall subnet."""
        return self.name("route_table", region)

    def nsg_name(self, region: str, spoke: str) -> str:
        """Return the security group of a spoke's subnets."""
        return self.name("security_group", region, spoke)

    def peering_name(self, region: str, source: str, target: str) -> str:
        """Return a peering, named in the network it starts from; one end is the hub."""
        if source == HUB:
            return self.name("peering_to_spoke", region, target)
        return self.name("peering_to_hub", region, source)

    def hub_peering_name(self, region: str, other: str) -> str:
        """Return a hub's peering with the hub of another region."""
        return self.name("peering_between_hubs", region, other=other)

    def hub_peering_tags(self, region: str) -> dict[str, str]:
        """Return the tag of a hub by which its peerings with hubs are known, if by their names.

        It holds their template, in which `{other}` is any region: also one that has left.
        """
        template = self.hub_peering_name(region, "{other}")
        ours = OUR_PEERINGS.replace("{topology}", re.escape(self.topology))
        return {} if re.fullmatch(ours, template) else {PEERINGS_TAG: template}

    def dns_link_name(self, region: str, role: str) -> str:
        """Return the link of a hub's or spoke's network in the private zone."""
        return self.name("dns_link", region, role, network=self.vnet_name(region, role))

    @property
    def policy_name(self) -> str:
        """Return the firewall policy that all firewalls share."""
        return self.name("policy")

    def region_policy_name(self, region: str) -> str:
        """Return the firewall policy that a region has of its own."""
        return self.name("region_policy", region)

    @property
    def manager_name(self) -> str:
        """Return the network manager."""
        return self.name("manager")

    # -- ids -----------------------------------------------------------------------------

    def subscription_of(self, region: str | None, role: str = HUB) -> str:
        """Return where a hub (`hub`) or spoke stands, with all that is its own."""
        return self.elsewhere.get((region or "", role), self.subscription)

    def group_id(self, region: str | None, role: str = HUB) -> str:
        """Return the id of the resource group of a hub or spoke, or of the global one.

        A region has one in each subscription in which something of it stands.
        """
        subscription = self.subscription_of(region, role)
        return f"/subscriptions/{subscription}/resourceGroups/{self.group_name(region, role)}"

    def network_id(self, region: str | None, *segments: str, role: str = HUB) -> str:
        """Return the id of a Microsoft.Network resource: type, name, type, name, ..."""
        tail = "/".join(segments)
        return f"{self.group_id(region, role)}/providers/Microsoft.Network/{tail}"

    def vnet_id(self, region: str, role: str) -> str:
        """Return the id of a hub's or spoke's network."""
        name = self.vnet_name(region, role)
        return self.network_id(region, "virtualNetworks", name, role=role)

    def subnet_id(self, region: str, role: str, subnet: str) -> str:
        """Return the id of a subnet by its Azure name."""
        return f"{self.vnet_id(region, role)}/subnets/{subnet}"

    def firewall_id(self, region: str) -> str:
        """Return the id of a hub's firewall."""
        return self.network_id(region, "azureFirewalls", self.firewall_name(region))

    def public_ip_id(self, region: str) -> str:
        """Return the id of a firewall's public address."""
        return self.network_id(region, "publicIPAddresses", self.public_ip_name(region))

    def route_table_id(self, region: str) -> str:
        """Return the id of a firewall subnet's route table."""
        return self.network_id(region, "routeTables", self.route_table_name(region))

    def nsg_id(self, region: str, spoke: str) -> str:
        """Return the id of a spoke's security group."""
        name = self.nsg_name(region, spoke)
        return self.network_id(region, "networkSecurityGroups", name, role=spoke)

    @property
    def policy_id(self) -> str:
        """Return the id of the firewall policy that all firewalls share."""
        return self.network_id(None, "firewallPolicies", self.policy_name)

    def region_policy_id(self, region: str) -> str:
        """Return the id of the firewall policy that a region has of its own."""
        return self.network_id(region, "firewallPolicies", self.region_policy_name(region))

    @property
    def manager_id(self) -> str:
        """Return the id of the network manager."""
        return self.network_id(None, "networkManagers", self.manager_name)

    def zone_id(self, zone: str) -> str:
        """Return the id of the private DNS zone."""
        return self.network_id(None, "privateDnsZones", zone)

    def network_group_id(self, name: str) -> str:
        """Return the id of a network group."""
        return f"{self.manager_id}/networkGroups/{name}"

    def member_id(self, group: str, region: str, role: str) -> str:
        """Return the id of a network's membership in a group."""
        # By this name it is ours, whatever its network is called.
        member = TEMPLATES["spoke"].text.format(topology=self.topology, region=region, spoke=role)
        return f"{self.network_group_id(group)}/staticMembers/{member}"

    def commit_id(self, commit_type: str, region: str) -> str:
        """Return the id in the graph of a region's goal state of one type."""
        return f"{self.manager_id}/commits/{commit_type}-{region}"

    def configuration_id(self, kind: str) -> str:
        """Return the id of the wanted generation of a configuration, such as `.../mesh-g1`.

        Kinds: `connectivityConfigurations`, `securityAdminConfigurations` and
        `routingConfigurations`.
        """
        name = f"{CONFIGURATIONS[kind]}-g{self.generations.get(kind, 1)}"
        return f"{self.manager_id}/{kind}/{name}"

    def join_id(self, region: str) -> str:
        """Return the id of the configuration that peers a region's hub with who has joined it."""
        return f"{self.manager_id}/connectivityConfigurations/join-{region}"

    def definition_id(self, serves: str, subscription: str) -> str:
        """Return the id of a policy definition: `prod-eastus`, or `joined-eastus`."""
        name = self._policy_name(serves, subscription)
        return f"{_policies(subscription)}/policyDefinitions/{name}"

    def assignment_id(self, serves: str, subscription: str) -> str:
        """Return the id of the assignment that puts a definition into effect: it has its name."""
        name = self._policy_name(serves, subscription)
        return f"{_policies(subscription)}/policyAssignments/{name}"

    def _policy_name(self, serves: str, subscription: str) -> str:
        number = self.policies.get(policy_key(subscription, serves), 1)
        return f"{self.topology}-{serves}-g{number}"


def _policies(subscription: str) -> str:
    return f"/subscriptions/{subscription}/providers/Microsoft.Authorization"


def policy_key(subscription: str, serves: str) -> str:
    """Return what a policy definition is known by, whatever its generation."""
    return f"{subscription}/{serves}".lower()


def subnet_key(subnet: str) -> str:
    """Return the key in `Names.given` of one subnet's full name."""
    return f"subnet {subnet}"


def generation_in(configuration_id: str) -> tuple[str, int] | None:
    """Return the kind and the generation that a configuration's id names, if ours would be so."""
    kind, name = configuration_id.split("/")[-2:]
    for known, short in CONFIGURATIONS.items():
        found = re.fullmatch(rf"{short}-g([1-9][0-9]*)", name, re.IGNORECASE)
        if found and kind.lower() == known.lower():
            return known, int(found[1])
    return None


def policy_in(resource_id: str, topology: str) -> tuple[str, int] | None:
    """Return the key of a definition or assignment and its generation, if ours would be so."""
    subscription, name = resource_id.split("/")[2], resource_id.rsplit("/", 1)[-1]
    found = re.fullmatch(rf"{re.escape(topology)}-(.+)-g([1-9][0-9]*)", name, re.IGNORECASE)
    return (policy_key(subscription, found[1]), int(found[2])) if found else None


def at_generation(resource_id: str, generation: int) -> str:
    """Return the id of the same configuration, definition or assignment at another generation."""
    return re.sub(r"-g[0-9]+$", f"-g{generation}", resource_id)
