"""The one firewall policy that the firewalls of all regions share."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from topology.kind import Kind, Ownership, Resource, Stage
from topology.network import Network


def expand(network: Network) -> Iterable[Resource]:
    """Yield the policy, in the home region: one policy may serve firewalls anywhere.

    Its firewalls are DNS proxies and ask Azure's own resolver, which knows the
    private zone (facts.md section 6).
    """
    firewall = network.topology.firewall
    properties: dict[str, Any] = {
        "sku": {"tier": firewall.tier},
        "threatIntelMode": firewall.threat_intelligence,
        "dnsSettings": {"enableProxy": True, "servers": []},
    }
    if firewall.tier == "Premium":
        properties["intrusionDetection"] = {"mode": firewall.intrusion_detection}
    yield Resource(
        kind=KIND.name,
        id=network.names.policy_id,
        region=None,
        stage=Stage.GLOBAL,
        body={
            "location": network.topology.home,
            "tags": network.tags("global"),
            "properties": properties,
        },
    )


KIND = Kind(
    name="firewall-policy",
    arm_type="Microsoft.Network/firewallPolicies",
    client="network",
    operations="firewall_policies",
    owned_by=Ownership.TAG,
    tags_method="update_tags",
    expand=expand,
    replaced_by=frozenset({"location", "properties.sku.tier"}),
    read_only=frozenset({"firewalls", "childPolicies", "ruleCollectionGroups", "size"}),
    alone=frozenset({"firewallPolicies"}),
    used_by=frozenset({"firewalls", "childPolicies"}),
    is_protected=True,
    expected_seconds=11,
)
