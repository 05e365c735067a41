"""Firewall policies: the one that all share, and where rules go by wave a child of it a region."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from topology.billed import Billed
from topology.kind import Kind, Ownership, Resource, Severity, Stage
from topology.network import Network
from topology.recorded import POLICIES, Seconds


def expand(network: Network) -> Iterable[Resource]:
    """Yield the shared policy, then the regions' own, all in the home region.

    One policy may serve firewalls anywhere, but a child must be in its parent's region
    (facts.md section 6). Each belongs to the group of the region that it is for.
    """
    yield _policy(network, None)
    yield from (_policy(network, region) for region in network.policy_regions if region)


def _policy(network: Network, region: str | None) -> Resource:
    shared = network.names.policy_id
    parent = {"basePolicy": {"id": shared}} if region else {}
    side_by_side = network.topology.firewall.create_side_by_side
    return Resource(
        kind=KIND.name,
        id=network.policy_id_of(region),
        region=region,
        stage=Stage.POLICY,
        body={
            "location": network.topology.home,
            "tags": network.tags(region or "global"),
            "properties": {**_settings(network), **parent},
        },
        alone=frozenset() if side_by_side or region is None else frozenset({shared}),
    )


def _settings(network: Network) -> dict[str, Any]:
    """Return what a policy and its children have alike.

    Firewalls are DNS proxies and ask Azure's own resolver, which knows the private zone
    (facts.md section 6). Whether a child inherits that is written nowhere, nor between
    which tiers one may inherit: so it is said again. Threat intelligence and intrusion
    detection of a child may only be stricter (section 6): the parent's values are not less.
    """
    firewall = network.topology.firewall
    settings: dict[str, Any] = {
        "sku": {"tier": firewall.tier},
        "threatIntelMode": firewall.threat_intelligence,
        "dnsSettings": {"enableProxy": True, "servers": []},
    }
    if firewall.tier == "Premium":
        settings["intrusionDetection"] = {"mode": firewall.intrusion_detection}
    return settings


KIND = Kind(
    name="firewall-policy",
    arm_type="Microsoft.Network/firewallPolicies",
    client="network",
    operations="firewall_policies",
    owned_by=Ownership.TAG,
    tags_method="update_tags",
    expand=expand,
    replaced_by=frozenset({"location", "properties.sku.tier"}),
    # A child stands in its parent's region, and its intrusion detection is no less than the
    # parent's (facts.md section 6). Which tiers may inherit is written nowhere: they are alike.
    follows={
        "properties.basePolicy.id": (
            "location",
            "properties.sku.tier",
            "properties.intrusionDetection",
        )
    },
    read_only=frozenset({"firewalls", "childPolicies", "ruleCollectionGroups", "size"}),
    used_by=frozenset({"firewalls", "childPolicies"}),
    decides=True,
    is_protected=True,
    # That children of one policy may be written side by side is an assumption, as for its
    # firewalls: `firewall.create_side_by_side: false` reverses both.
    shared=frozenset({"firewallPolicies"}),
    stage=Stage.POLICY,
    severity={"*": Severity.CRITICAL},
    # In use: "three to five minutes on average" (firewall known issues; facts.md section 6).
    seconds=Seconds(create=11, in_use=222, looks=POLICIES),
    billed=(Billed("firewall-policy", users_at="properties.firewallPolicy.id"),),
)
