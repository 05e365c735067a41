"""Who is kept from whom: the isolation of environments, as pairs."""

from __future__ import annotations

from itertools import product

from topology.network import Network


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
