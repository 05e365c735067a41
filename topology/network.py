"""The network: a topology with every address given. What `resources` expand from."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from ipaddress import IPv4Network

from topology.naming import Names
from topology.regions import AZURE_REGIONS
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
    chooses it (`topology.planning.generations`). `policies` says which generation a policy
    definition gets that Azure does not hold: the first whose name was never used. `source`
    is the path of the topology file, "" where there is none. `former_subscriptions` are those in
    which something of ours stood once, and may still stand.
    """

    topology: Topology
    hubs: tuple[Hub, ...]
    generations: Mapping[str, int] = field(default_factory=dict)
    policies: Mapping[str, int] = field(default_factory=dict)
    source: str = ""
    former_subscriptions: tuple[str, ...] = ()

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
            self.policies,
        )

    @property
    def used_subscriptions(self) -> tuple[str, ...]:
        """Return all subscriptions in which something is wanted or may join, connectivity first."""
        others = {spoke.subscription for spoke in self.spokes}
        others |= set(self.topology.groups.subscriptions)
        others -= {self.topology.subscription}
        return (self.topology.subscription, *sorted(others))

    @property
    def subscriptions(self) -> tuple[str, ...]:
        """Return all in which something may stand: those used, then the former ones."""
        return tuple(dict.fromkeys((*self.used_subscriptions, *self.former_subscriptions)))

    def at(self, generations: Mapping[str, int]) -> Network:
        """Return the same network with these generations of configurations."""
        return replace(self, generations=dict(generations))

    def without(self, region: str) -> Network:
        """Return the same network as it is when a region has left, and its line the file."""
        regions = {name: spec for name, spec in self.topology.regions.items() if name != region}
        return replace(
            self,
            topology=self.topology.model_copy(update={"regions": regions}),
            hubs=tuple(hub for hub in self.hubs if hub.region != region),
        )

    def with_policies(self, generations: Mapping[str, int]) -> Network:
        """Return the same network with these generations of policy definitions."""
        return replace(self, policies={**self.policies, **generations})

    def is_meshed(self, hub: Hub) -> bool:
        """Say whether the mesh joins a hub: Azure does not offer connected groups everywhere."""
        offered = AZURE_REGIONS[hub.region].connected_groups
        return self.topology.interconnect == "mesh" and offered

    def peered_with(self, hub: Hub) -> tuple[Hub, ...]:
        """Return the hubs that a peering joins to this one: all that the mesh does not."""
        others = (other for other in self.hubs if other.region != hub.region)
        return tuple(
            other for other in others if not (self.is_meshed(hub) and self.is_meshed(other))
        )

    @property
    def takes_in(self) -> bool:
        """Say whether networks of others join by their tags."""
        return self.topology.groups.membership == "dynamic"

    def has_spokes(self, hub: Hub) -> bool:
        """Say whether a hub has networks to route: its own spokes, or those that may join."""
        return bool(hub.spokes) or self.takes_in

    @property
    def grouped(self) -> list[str]:
        """Return the environments that have a network group, the most trusted first."""
        names = self.topology.environments
        return [name for name in names if self.takes_in or self.prefixes_of(name)]

    @property
    def spokes(self) -> Iterator[Spoke]:
        """Yield the spokes of all regions."""
        for hub in self.hubs:
            yield from hub.spokes

    def prefixes_of(self, environment: str, regions: Container[str] | None = None) -> list[str]:
        """Return the prefixes of an environment's spokes in these regions, or in all, sorted."""
        found = (
            spoke.prefix
            for spoke in self.spokes
            if spoke.environment == environment and (regions is None or spoke.region in regions)
        )
        return [str(prefix) for prefix in sorted(found)]

    @property
    def policy_regions(self) -> tuple[str | None, ...]:
        """Return the regions that have rules of their own; None for those that all share."""
        if self.topology.rollout.policy == "at-once":
            return (None,)
        return tuple(hub.region for hub in self.hubs)

    def policy_id_of(self, region: str | None) -> str:
        """Return the id of the policy that a region's firewall refers to."""
        if region is None or region not in self.policy_regions:
            return self.names.policy_id
        return self.names.region_policy_id(region)

    def tags(self, region: str, environment: str | None = None) -> dict[str, str]:
        """Return the topology's own tags, and those that say whose a resource is."""
        tags = {
            **self.topology.tags,
            "managed-by": "orrery",
            "topology": self.topology.topology,
            "region": region,
        }
        return tags if environment is None else {**tags, "environment": environment}
