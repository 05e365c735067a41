"""The fabric, read out of bodies: as Azure told them or as they are foreseen, ours and others'."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from topology.kind import Body, at, late_in, parent_id, same_id
from topology.planning.actual import Actual, Found
from topology.verification.addresses import block, blocks, number, unlisted
from topology.verification.fabric import (
    Fabric,
    Firewall,
    Peering,
    Subnet,
    Table,
    UserRoute,
    VirtualNetwork,
)
from topology.verify_spec import Assumptions


def fabric_of(actual: Actual, assumptions: Assumptions | None = None) -> Fabric:
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
    return Fabric(
        actual=actual,
        networks=_connected(networks),
        firewalls=firewalls,
        tables={key: _table(item, firewalls) for key, item in _of_type(actual, "routetables")},
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
    and is not reached (docs: virtual-network/update-virtual-network-peering-address-space). Where a
    body does not tell them, as one that is yet to be written, they are those of the remote. One of
    IPv6 alone (enableOnlyIPv6Peering) tells no others, and leads nowhere here.
    """
    found: dict[str, list[Peering]] = {}
    for _, item in _of_type(actual, "virtualnetworkpeerings"):
        properties = item.body.get("properties") or {}
        remote = reference(properties, "remoteVirtualNetwork")
        if remote is None or properties.get("peeringState", "Connected") != "Connected":
            continue
        prefixes = _peered(properties, actual.get(remote))
        forwarded = properties.get("allowForwardedTraffic")
        in_tag = properties.get("allowVirtualNetworkAccess") is not False
        peering = Peering(item.id, remote, prefixes, lets_forwarded_in=forwarded, is_in_tag=in_tag)
        found.setdefault(same_id(parent_id(item.id)), []).append(peering)
    return found


def _peered(properties: Body, remote: Found | None) -> tuple[range, ...]:
    """Return the prefixes that a peering leads to, told as such or by its remote."""
    told = properties.get("remoteAddressSpace") or {}
    if remote is None or told.get("addressPrefixes"):
        return _space(told)
    return _space(at(remote.body, "properties.addressSpace"))


def _connected(networks: dict[str, VirtualNetwork]) -> dict[str, VirtualNetwork]:
    """Return the networks with the peerings that have their other side.

    A side alone is Initiated and carries nothing (facts.md section 7).
    """
    return {key: _with_both_sides(network, networks) for key, network in networks.items()}


def _with_both_sides(
    network: VirtualNetwork, networks: Mapping[str, VirtualNetwork]
) -> VirtualNetwork:
    kept = {}
    for remote, peering in network.peerings.items():
        other = networks.get(remote)
        # A network in a subscription that was not read is believed: its state said Connected.
        if network.key in other.peerings if other else peering.prefixes:
            kept[remote] = peering
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
