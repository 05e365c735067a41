"""The network: a topology with every address given. What `resources` expand from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from ipaddress import IPv4Network

from topology.naming import Names
from topology.spec import Topology


@dataclass(frozen=True)
class Spoke:
    """A spoke network, with its workload subnets by name."""

    region: str
    name: str
    environment: str
    subscription: str
    prefix: IPv4Network
    subnets: dict[str, IPv4Network]


@dataclass(frozen=True)
class Hub:
    """A region: its hub network, the firewall in it and the spokes around it.

    `block` holds all addresses of the region, so one route leads to all of it.
    """

    region: str
    block: IPv4Network
    prefix: IPv4Network
    firewall_prefix: IPv4Network
    zones: tuple[str, ...]
    spokes: tuple[Spoke, ...]


@dataclass(frozen=True)
class Network:
    """All hubs of a topology, in the order of their names.

    `generations` says which generation of each AVNM configuration is wanted; the planner
    chooses it (`topology.planning.generations`).
    """

    topology: Topology
    hubs: tuple[Hub, ...]
    generations: Mapping[str, int] = field(default_factory=dict)

    @cached_property
    def names(self) -> Names:
        """Return the maker of this network's names and ids."""
        topology = self.topology
        elsewhere = {
            (spoke.region, spoke.name): spoke.subscription
            for spoke in self.spokes
            if spoke.subscription != topology.subscription
        }
        return Names(
            topology.topology,
            topology.subscription,
            self.generations,
            elsewhere,
            topology.given_names,
        )

    @property
    def subscriptions(self) -> tuple[str, ...]:
        """Return all subscriptions in which something stands, the connectivity one first."""
        others = {spoke.subscription for spoke in self.spokes} - {self.topology.subscription}
        return (self.topology.subscription, *sorted(others))

    def at(self, generations: Mapping[str, int]) -> Network:
        """Return the same network with these generations of configurations."""
        return replace(self, generations=dict(generations))

    @property
    def spokes(self) -> Iterator[Spoke]:
        """Yield the spokes of all regions."""
        for hub in self.hubs:
            yield from hub.spokes

    def prefixes_of(self, environment: str) -> list[str]:
        """Return the prefixes of an environment's spokes in all regions, sorted."""
        found = (spoke.prefix for spoke in self.spokes if spoke.environment == environment)
        return [str(prefix) for prefix in sorted(found)]

    def tags(self, region: str, environment: str | None = None) -> dict[str, str]:
        """Return the tags that say whose a resource is."""
        tags = {
            "managed-by": "orrery",
            "topology": self.topology.topology,
            "region": region,
        }
        return tags if environment is None else {**tags, "environment": environment}
