"""The fabric: what decides where a packet goes, read out of resources as Azure holds them.

It takes bodies as they were read or as they are foreseen, ours and those of others. Keys are
lower-case ids, prefixes are ranges of numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import groupby
from typing import Any

from topology.kind import Body, at, late_in, parent_id, same_id
from topology.planning.actual import Actual, Found
from topology.verification.addresses import block, blocks, is_in, number, unlisted
from topology.verify_spec import Assumptions

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

    @classmethod
    def of(cls, actual: Actual, assumptions: Assumptions | None = None) -> Fabric:
        """Read the fabric out of what Azure holds, or will."""
        peerings = _peerings(actual)
        networks = {
            key: _network(item, peerings.get(key, ()))
            for key, item in _of_type(actual, "virtualnetworks")
        }
        nth = _FIRST if (assumptions or Assumptions()).firewall_takes_first_address else _FIRST + 1
        firewalls = {
            key: _firewall(item, networks, nth) for key, item in _of_type(actual, "azurefirewalls")
        }
        return cls(
            actual=actual,
            networks=_connected(networks),
            firewalls=firewalls,
            tables={key: _table(item, firewalls) for key, item in _of_type(actual, "routetables")},
        )

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


def _of_type(actual: Actual, arm_type: str) -> Iterator[tuple[str, Found]]:
    for key, item in actual.resources.items():
        if "/" in key and key.rsplit("/", 2)[1] == arm_type:
            yield key, item


def reference(body: Body, path: str) -> str | None:
    """Return the key of what a body refers to at a path, if it does."""
    found = at(body, f"{path}.id")
    return same_id(found) if isinstance(found, str) else None


# -- networks ----------------------------------------------------------------------------


def _network(item: Found, peerings: Iterable[Peering]) -> VirtualNetwork:
    key, properties = same_id(item.id), item.body.get("properties") or {}
    return VirtualNetwork(
        key=key,
        id=item.id,
        region=str(item.body.get("location", "")).replace(" ", "").lower(),
        prefixes=_space(properties.get("addressSpace")),
        subnets=tuple(_subnet(item.id, subnet) for subnet in properties.get("subnets") or ()),
        peerings={peering.remote: peering for peering in peerings},
        tags=item.body.get("tags") or {},
    )


def _subnet(network: str, body: Body) -> Subnet:
    properties = body.get("properties") or {}
    whole = f"{network}/subnets/{body['name']}"
    one = properties.get("addressPrefix")
    return Subnet(
        key=same_id(whole),
        id=whole,
        network=same_id(network),
        prefixes=blocks([one] if one else properties.get("addressPrefixes") or ()),
        table=reference(properties, "routeTable"),
        group=reference(properties, "networkSecurityGroup"),
        # A NAT gateway is a way out too. Without either what has a public address of its own, or
        # stands behind a load balancer with outbound rules, leaves (facts.md section 0.12; docs:
        # virtual-network/ip-services/default-outbound-access).
        has_outbound=properties.get("defaultOutboundAccess") is not False
        or bool(properties.get("natGateway")),
        has_gateway=bool(properties.get("applicationGatewayIPConfigurations")),
        delegated=delegated(body),
    )


def delegated(subnet: Body) -> frozenset[str]:
    """Return the types, in lower case, to which a subnet is delegated, by its body."""
    delegations = at(subnet, "properties.delegations") or ()
    return frozenset(str(at(item, "properties.serviceName")).lower() for item in delegations)


def _space(space: Any) -> tuple[range, ...]:
    return blocks((space or {}).get("addressPrefixes") or ())


# -- peerings ----------------------------------------------------------------------------


def _peerings(actual: Actual) -> dict[str, list[Peering]]:
    """Return the peerings of each network.

    One without allowVirtualNetworkAccess keeps its routes, and what security groups allow by
    address passes: it only takes the remote out of the tag VirtualNetwork. Seen by others
    (technology.amis.nl/azure/vnet-peering-in-azure, blog.aelterman.com/2021/01/08), while the
    swagger has it that machines here would not reach those there.

    Its prefixes are those that it was made with or synced to (the swagger's remoteAddressSpace):
    of a remote that has grown since, what it has now stands in remoteVirtualNetworkAddressSpace
    and is not reached (docs: virtual-network/update-virtual-network-peering-address-space).
    """
    found: dict[str, list[Peering]] = {}
    for _, item in _of_type(actual, "virtualnetworkpeerings"):
        properties = item.body.get("properties") or {}
        remote = reference(properties, "remoteVirtualNetwork")
        if remote is None or properties.get("peeringState", "Connected") != "Connected":
            continue
        synced = _space(properties.get("remoteAddressSpace"))
        forwarded = properties.get("allowForwardedTraffic")
        in_tag = properties.get("allowVirtualNetworkAccess") is not False
        peering = Peering(item.id, remote, synced, lets_forwarded_in=forwarded, is_in_tag=in_tag)
        found.setdefault(same_id(parent_id(item.id)), []).append(peering)
    return found


def _connected(networks: dict[str, VirtualNetwork]) -> dict[str, VirtualNetwork]:
    """Return the networks with the peerings that have their other side.

    A side alone is Initiated and carries nothing (facts.md section 7). Where a body does not
    tell the remote's prefixes, as one that is yet to be written, they are those of the remote.
    """
    return {key: _with_both_sides(network, networks) for key, network in networks.items()}


def _with_both_sides(
    network: VirtualNetwork, networks: Mapping[str, VirtualNetwork]
) -> VirtualNetwork:
    kept = {}
    for remote, peering in network.peerings.items():
        other = networks.get(remote)
        # A network in a subscription that was not read is believed: its state said Connected.
        if other is None and peering.prefixes:
            kept[remote] = peering
        elif other is not None and network.key in other.peerings:
            prefixes = peering.prefixes or other.prefixes
            kept[remote] = replace(peering, prefixes=prefixes)
    return replace(network, peerings=kept)


# -- firewalls and tables ----------------------------------------------------------------


# The fifth address of its subnet (.4) is what a firewall was always seen to get. Observed, not
# promised (facts.md section 0.7): the assumption `firewall_takes_first_address`. After a rollout
# the proof runs on what Azure assigned.
_FIRST = 4


def _firewall(item: Found, networks: Mapping[str, VirtualNetwork], nth: int) -> Firewall:
    """Return a firewall; one that is yet to be made gets the nth address of its subnet.

    An address tells that its creation has succeeded (facts.md section 6, Private IP). It serves
    while it is updated, which each edit of its rules does for minutes (facts.md section 11), and
    may serve where that failed (section 6).
    """
    properties = item.body.get("properties") or {}
    inner: Body = at(properties, "ipConfigurations.0.properties") or {}
    given, subnet = inner.get("privateIPAddress"), reference(inner, "subnet") or ""
    state = properties.get("provisioningState", "Succeeded")
    address = number(given) if isinstance(given, str) else None
    if address is None and state == "Succeeded":
        network = networks.get(subnet.partition("/subnets/")[0])
        mine = (one for one in network.subnets if one.key == subnet) if network else ()
        address = next((one.prefixes[0].start + nth for one in mine if one.prefixes), None)
    return Firewall(
        key=same_id(item.id),
        id=item.id,
        region=str(item.body.get("location", "")).replace(" ", "").lower(),
        subnet=subnet,
        address=address,
        policy=reference(properties, "firewallPolicy") or same_id(item.id),
        is_ready=state == "Succeeded" or (state == "Updating" and address is not None),
        may_serve=state == "Failed" and address is not None,
    )


def hop_address(text: str, firewalls: Mapping[str, Firewall]) -> int | None:
    """Return the address of a hop: one that is late is that of the firewall that it is of."""
    if late := late_in(text):
        firewall = firewalls.get(same_id(late.resource_id))
        return firewall.address if firewall else None
    return number(text)


def _table(item: Found, firewalls: Mapping[str, Firewall]) -> Table:
    whole = at(item.body, "properties.disablePeeringRoute") == "All"
    return Table(
        tuple(_routes(item, firewalls)), without_peerings=whole, tagged=tuple(_tagged(item))
    )


def _tagged(item: Found) -> Iterator[tuple[str, str]]:
    """Yield the name of each route for a service tag, and the tag."""
    for route in at(item.body, "properties.routes") or ():
        for tag in unlisted([str(at(route, "properties.addressPrefix") or ":")]):
            yield str(route.get("name")), tag


def _routes(item: Found, firewalls: Mapping[str, Firewall]) -> Iterator[UserRoute]:
    for route in at(item.body, "properties.routes") or ():
        properties = route.get("properties") or {}
        prefix = block(str(properties.get("addressPrefix", "")))
        if prefix is None:
            continue  # IPv6, or a service tag
        hop = str(properties.get("nextHopType", ""))
        address = hop_address(str(properties.get("nextHopIpAddress") or ""), firewalls)
        yield UserRoute(f"{item.id}/routes/{route.get('name')}", prefix, hop, address)
