"""Who is kept from whom: the isolation of environments as pairs, and where rules say so."""

from __future__ import annotations

from itertools import product

from topology.network import Hub, Network


def denied_pairs(network: Network) -> list[tuple[str, str]]:
    """Return (source, target) for each environment that may open nothing to another.

    Environments without spokes are left out: there is nobody to keep apart.
    """
    used = [name for name in network.topology.environments if network.prefixes_of(name)]
    return [
        (source, target)
        for source, target in product(used, used)
        if not network.topology.may_open(source, target)
    ]


def has_admin_rules(network: Network, hub: Hub) -> bool:
    """Say whether security admin rules are to be deployed in a region."""
    wanted = network.topology.regions[hub.region].admin_rules
    return wanted and network.has_spokes(hub) and bool(denied_pairs(network))


def denying(network: Network, hub: Hub) -> list[str]:
    """Return the regions whose security admin rules keep a region's networks from others.

    Its own, or those of all others where the file leaves it without: they deny at the far end.
    """
    if has_admin_rules(network, hub):
        return [hub.region]
    return [other.region for other in network.hubs if has_admin_rules(network, other)]
