"""Firewalls: one in each hub."""

from __future__ import annotations

from collections.abc import Iterable

from topology.billed import Billed
from topology.kind import Kind, Ownership, Resource, Severity, Stage
from topology.limits import FIREWALL_ADDRESSES, IP_GROUPS
from topology.naming import FIREWALL_SUBNET, HUB
from topology.network import Hub, Network
from topology.recorded import FIREWALLS, Seconds


def expand(network: Network) -> Iterable[Resource]:
    """Yield a firewall a hub, after all rules of the policy.

    A rule group written to a policy that has firewalls takes minutes and keeps them
    busy; written before, it takes seconds (facts.md section 0.9).
    """
    for hub in network.hubs:
        yield _firewall(network, hub)


def _firewall(network: Network, hub: Hub) -> Resource:
    names, firewall = network.names, network.topology.firewall
    subnet = names.subnet_id(hub.region, HUB, FIREWALL_SUBNET)
    address = names.public_ip_id(hub.region)
    return Resource(
        kind=KIND.name,
        id=names.firewall_id(hub.region),
        region=hub.region,
        stage=Stage.FIREWALL,
        body={
            "location": hub.region,
            "tags": network.tags(hub.region),
            "zones": list(hub.zones) or None,  # None takes out those that are there
            "properties": {
                "sku": {"name": "AZFW_VNet", "tier": firewall.tier},
                # Another policy is set in place (an update in Terraform's azurerm, too).
                "firewallPolicy": {"id": network.policy_id_of(hub.region)},
                "ipConfigurations": [
                    {
                        "name": names.ip_configuration_name(hub.region),
                        "properties": {
                            "subnet": {"id": subnet},
                            "publicIPAddress": {"id": address},
                        },
                    }
                ],
            },
        },
        alone=frozenset() if firewall.create_side_by_side else frozenset({names.policy_id}),
    )


KIND = Kind(
    name="firewall",
    arm_type="Microsoft.Network/azureFirewalls",
    client="network",
    operations="azure_firewalls",
    owned_by=Ownership.TAG,
    tags_method="begin_update_tags",
    expand=expand,
    # With its policy's tier, which is fixed: with another policy, too, it is made anew.
    replaced_by=frozenset({"location", "zones", "properties.sku.name", "properties.sku.tier"}),
    # An assumption, for no recording has a second firewall in one subnet, or with one address.
    # Where Azure took both, the order would do no harm.
    one_at=(
        "properties.ipConfigurations.0.properties.publicIPAddress.id",
        "properties.ipConfigurations.0.properties.subnet.id",
    ),
    # A Premium policy serves no Standard firewall (MicrosoftDocs/azure-docs 83843). A Standard
    # one serves a Premium firewall, which is then no more than a Standard one.
    follows={"properties.firewallPolicy.id": ("properties.sku.tier",)},
    # The address is a late value of others; a PUT that repeats it is accepted, but it
    # is Azure's to assign (facts.md section 6).
    read_only=frozenset({"privateIPAddress", "privateIPAllocationMethod", "ipGroups"}),
    alone=frozenset({"virtualNetworks"}),
    # That firewalls which share a policy may be created side by side is an assumption:
    # no source says otherwise; `firewall.create_side_by_side: false` reverses it.
    shared=frozenset({"firewallPolicies"}),
    needs_whole=frozenset({"firewallPolicies"}),
    is_protected=True,
    azure_gives=("properties.ipConfigurations.0.properties.privateIPAddress",),
    stage=Stage.FIREWALL,
    severity={"properties.firewallPolicy*": Severity.CRITICAL, "*": Severity.HIGH},
    seconds=Seconds(create=378, change=174, delete=480, looks=FIREWALLS, delete_looks=FIREWALLS),
    limits=(FIREWALL_ADDRESSES, IP_GROUPS),
    billed=(Billed("firewall-{properties.sku.tier}"),),
)
