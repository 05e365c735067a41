"""Admin rules: each pair that is kept apart is denied at both ends."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from topology.isolation import denied_pairs
from topology.kind import Kind, Listing, Ownership, Resource, Severity, Stage
from topology.limits import ADMIN_PREFIXES, ADMIN_RULES
from topology.network import Network
from topology.ownership import our_description
from topology.recorded import Seconds


def expand(network: Network) -> Iterable[Resource]:
    """Yield an outbound deny at the source and an inbound deny at the target.

    Both are needed: an application rule of the firewall always translates the source,
    so the far end would not see who called (facts.md section 0.13). Prefixes are
    written out: group references freeze at the commit and end at 100 members
    (facts.md section 3).
    """
    for number, (source, target) in enumerate(denied_pairs(network)):
        to_target = {"destinations": _prefixes(network, target), "sources": _ANY}
        from_source = {"sources": _prefixes(network, source), "destinations": _ANY}
        yield _deny(network, f"from-{source}", f"deny-to-{target}", "Outbound", number, to_target)
        yield _deny(network, f"to-{target}", f"deny-from-{source}", "Inbound", number, from_source)


_ANY = [{"addressPrefix": "*", "addressPrefixType": "IPPrefix"}]


def _prefixes(network: Network, environment: str) -> list[dict[str, str]]:
    return [
        {"addressPrefix": prefix, "addressPrefixType": "IPPrefix"}
        for prefix in network.prefixes_of(environment)
    ]


def _deny(  # noqa: PLR0913  a rule has this many facts
    network: Network,
    collection: str,
    name: str,
    direction: str,
    number: int,
    ends: dict[str, Any],
) -> Resource:
    configuration = network.names.configuration_id("securityAdminConfigurations")
    return Resource(
        kind=KIND.name,
        id=f"{configuration}/ruleCollections/{collection}/rules/{name}",
        region=None,
        stage=Stage.GLOBAL,
        body={
            "kind": "Custom",
            "properties": {
                "description": our_description(network.topology.topology),
                "access": "Deny",
                "direction": direction,
                "priority": 100 + number,
                "protocol": "Any",
                "sourcePortRanges": ["0-65535"],
                "destinationPortRanges": ["0-65535"],
                **ends,
            },
        },
    )


KIND = Kind(
    name="security-admin-rule",
    arm_type="Microsoft.Network/networkManagers/securityAdminConfigurations/ruleCollections/rules",
    client="network",
    operations="admin_rules",
    listing=Listing.PARENT,
    list_method="list",
    parent="security-admin-collection",
    owned_by=Ownership.DESCRIPTION,
    expand=expand,
    read_only=frozenset({"systemData", "flag"}),
    delete_arguments={"force": True},
    severity={"*": Severity.CRITICAL},
    seconds=Seconds(create=3),
    limits=(
        ADMIN_RULES,
        ADMIN_PREFIXES,
    ),
)
