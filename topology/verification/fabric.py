"""The fabric: networks, firewalls and tables, all that decides where a packet goes.

It is read out of bodies (`bodies.py`). Keys are lower-case ids, prefixes are ranges of numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby

from topology.planning.actual import Actual
from topology.verification.addresses import is_in

FIREWALL_SUBNET = "azurefirewallsubnet"
# What security admin rules leave alone (facts.md section 3). That AVNM's routes for networks skip
# the same subnets is the assumption `avnm_routes_skip_services`: Microsoft says only that existing
# services in a hub keep their limitations as to route tables (learn: virtual-network-manager/
# concept-user-defined-route). Subnets of application gateways have no name of their own, and take
# such routes.
RESERVED_SUBNETS = frozenset(
    {
        FIREWALL_SUBNET,
        "azurefirewallmanagementsubnet",
        "gatewaysubnet",
        "azurebastionsubnet",
        "routeserversubnet",
    }
)
# Services that keep admin rules off the whole network in which a subnet is delegated to them
# (facts.md section 3), unless the configuration says otherwise.
SHUTTING = frozenset({"microsoft.sql/managedinstances", "microsoft.databricks/workspaces"})


@dataclass(frozen=True, slots=True)
class UserRoute:
    """A route that somebody wrote: `hop` is Azure's word, `address` that of an appliance."""

    id: str
    prefix: range
    hop: str
    address: int | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A route table; `without_peerings` takes the routes of peerings away (disablePeeringRoute).

    `tagged` are its routes for service tags, by the tag: not among the others, for the prefixes
    of tags are Microsoft's and change weekly.
    """

    routes: tuple[UserRoute, ...]
    without_peerings: bool = False
    tagged: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Subnet:
    """A subnet; `table` and `group` are the keys of its route table and security group.

    `has_outbound` says whether Azure gives all that stands in it a way to the internet; what has a
    public address of its own has one anyway. `has_gateway` says whether an application gateway
    stands in it. `delegated` are the types, in lower case, to which it is.
    """

    key: str
    id: str
    network: str
    prefixes: tuple[range, ...]
    table: str | None = None
    group: str | None = None
    has_outbound: bool = True
    has_gateway: bool = False
    delegated: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """Return the last segment of the id."""
        return self.id.rsplit("/", 1)[-1]

    @property
    def is_reserved(self) -> bool:
        """Say whether it holds a service of Azure's that rules leave alone."""
        return self.name.lower() in RESERVED_SUBNETS

    @property
    def takes_admin_rules(self) -> bool:
        """Say whether security admin rules hold for what stands in it (facts.md section 3).

        They do where an application gateway is isolated; the gateway says so, which is not read:
        it is taken for one that is not.
        """
        return not (self.is_reserved or self.has_gateway)


@dataclass(frozen=True, slots=True)
class Peering:
    """One side of a peering: where it leads, and what it lets in from there.

    Whether one that AVNM is yet to make lets forwarded traffic in nobody tells: None. `is_in_tag`
    says whether the tag VirtualNetwork of security groups here holds the remote.
    """

    id: str
    remote: str
    prefixes: tuple[range, ...]
    lets_forwarded_in: bool | None = True
    is_in_tag: bool = True


@dataclass(frozen=True, slots=True)
class VirtualNetwork:
    """A network; `peerings` are those that are connected, by the key of the network behind."""

    key: str
    id: str
    region: str
    prefixes: tuple[range, ...]
    subnets: tuple[Subnet, ...]
    peerings: Mapping[str, Peering] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Return the last segment of the id."""
        return self.id.rsplit("/", 1)[-1]


@dataclass(frozen=True, slots=True)
class Firewall:
    """A firewall in its subnet; `address` is None until Azure gives one, or it can be assumed.

    Before it is ready nothing passes. `may_serve` says that it was, and that its last operation
    failed since: whether it still serves nobody knows. `policy` is the key of its policy, its own
    where its rules are in its body.
    """

    key: str
    id: str
    region: str
    subnet: str
    address: int | None
    policy: str
    is_ready: bool
    may_serve: bool = False

    @property
    def name(self) -> str:
        """Return the last segment of the id."""
        return self.id.rsplit("/", 1)[-1]

    @property
    def network(self) -> str:
        """Return the key of its network."""
        return self.subnet.partition("/subnets/")[0]


@dataclass(frozen=True)
class Fabric:
    """Everything by key. `actual` is what it was read from: rules and groups are found there."""

    actual: Actual
    networks: Mapping[str, VirtualNetwork]
    firewalls: Mapping[str, Firewall]
    tables: Mapping[str, Table]

    @cached_property
    def subnets(self) -> Mapping[str, Subnet]:
        """Return all subnets by key."""
        return {
            subnet.key: subnet for network in self.networks.values() for subnet in network.subnets
        }

    @cached_property
    def firewall_at(self) -> Mapping[tuple[str, int], Firewall]:
        """Return the firewalls by the key of their network and their private address in it.

        Networks that no third one joins may have the same addresses.
        """
        return {
            (self.firewalls[key].network, address): self.firewalls[key]
            for key, address in self.address_of.items()
        }

    @cached_property
    def address_of(self) -> Mapping[str, int]:
        """Return the private addresses of the firewalls that have one, by key."""
        return {
            firewall.key: firewall.address
            for firewall in self.firewalls.values()
            if firewall.address is not None
        }

    def subnet_with(self, network: str, address: int) -> Subnet | None:
        """Return the subnet of a network, by key, that has an address."""
        subnets = self.networks[network].subnets
        return next((item for item in subnets if is_in(address, item.prefixes)), None)

    def has_room_at(self, network: str, address: int) -> bool:
        """Say whether an appliance may have an address: a machine, or a load balancer before some.

        Neither is read. The subnet of firewalls is theirs alone (docs: virtual-network/
        vnet-integration-for-azure-services).
        """
        found = self.subnet_with(network, address)
        return found is not None and found.name.lower() != FIREWALL_SUBNET

    @cached_property
    def firewall_in(self) -> Mapping[str, Firewall]:
        """Return the firewalls by the key of their subnet."""
        return {firewall.subnet: firewall for firewall in self.firewalls.values()}

    def regions_of(self, source: str, target: str, way: Iterable[str]) -> tuple[str, ...]:
        """Return the regions that a way crosses, in order, by its networks and firewalls (keys).

        Without a target, as on the internet, it ends where it leaves.
        """
        ends = [self.networks[target].region] if target else []
        between = (self.firewalls[key].region for key in way)
        return tuple(
            region for region, _ in groupby([self.networks[source].region, *between, *ends])
        )
