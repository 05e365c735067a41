"""What the file opens, as rules: they are held against those that firewalls follow."""

from __future__ import annotations

from topology.network import Network
from topology.verification.addresses import PUBLIC, blocks
from topology.verification.policies import Policy
from topology.verification.rules import PROTOCOLS, Rule

_ALL_PROTOCOLS = frozenset(PROTOCOLS)


def opened(network: Network) -> Policy:
    """Return what the file opens: between spokes, and names on the internet to spokes."""
    topology = network.topology
    between = [
        Rule(
            id=f"{source} to {target}",
            access="Allow",
            protocols=_ALL_PROTOCOLS,
            sources=blocks(network.prefixes_of(source)),
            targets=blocks(network.prefixes_of(target)),
        )
        for source in topology.environments
        for target in topology.environments
        if topology.may_open(source, target)
    ]
    names = [
        Rule(
            id=item.name,
            access="Allow",
            protocols=frozenset({"tcp"}),
            sources=blocks(
                prefix
                for environment in item.environments or topology.environments
                for prefix in network.prefixes_of(environment)
            ),
            targets=PUBLIC,
            target_ports=(range(item.port, item.port + 1),),
            names=item.fqdns,
        )
        for item in topology.egress
    ]
    return Policy(network=tuple(between), application=tuple(names))
