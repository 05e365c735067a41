"""A network with the names that somebody gave it by hand."""

from __future__ import annotations

from typing import Any

# In the manner of the Azure portal and of Terraform modules: none holds the topology's name.
NAMES = {
    "global_group": "network-shared",
    "resource_group": "network-{region}",
    "hub": "{region}-hub",
    "spoke": "{region}-{spoke}",
    "subnet": "{subnet}",
    "firewall": "{region}-firewall",
    "firewall_ip_configuration": "configuration",
    "public_address": "{region}-firewall-ip",
    "route_table": "{region}-firewall-routes",
    "security_group": "{region}-{spoke}-rules",
    "peering_to_hub": "to-hub",
    "peering_to_spoke": "to-{spoke}",
    "dns_link": "{network}",
    "policy": "all-firewalls",
    "manager": "manager",
}
SPOKES: dict[str, Any] = {
    "prod": {"subnets": {"web": {"name": "WebTier"}, "data": {}}},
    "nonprod": {},
}
