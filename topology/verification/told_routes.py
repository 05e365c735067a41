"""The routes that interfaces of machines tell of their subnets, beside those of the model.

Azure has effective routes of an interface and of nothing else (facts.md section 9): where
somebody's machine stands in a subnet, its interface tells what holds for the subnet.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from topology.kind import Body, at, same_id
from topology.planning.actual import Actual
from topology.verification.addresses import PRIVATE, address, blocks, written
from topology.verification.disagreement import Disagreement, whose
from topology.verification.fabric import Subnet
from topology.verification.model import Model
from topology.verification.routes import DIRECT, HOPS, Hop, Route, Routes

# Who stands in a subnet by ipConfigurations: interfaces, but those of scale sets, which have
# no such question (Microsoft's swagger, networkInterface.json).
_INTERFACE = re.compile(
    r"(/subscriptions/[^/]+/resourcegroups/[^/]+/providers/microsoft\.network"
    r"/networkinterfaces/[^/]+)/ipconfigurations/[^/]+",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class ToldRoutes:
    """What an interface tells of the routes of its subnet, as Azure's JSON.

    `refused` says why it tells nothing. Both are named by their ids.
    """

    subnet: str
    interface: str
    routes: tuple[Body, ...] = ()
    refused: str = ""

    @property
    def name(self) -> str:
        """Return what people call the subnet, and who was asked: `vnet/subnet (nic)`."""
        network, _, subnet = self.subnet.rpartition("/subnets/")
        who = self.interface.rsplit("/", 1)[-1]
        return f"{network.rsplit('/', 1)[-1]}/{subnet} ({who})"


def interfaces(actual: Actual, networks: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return the interfaces that stand in the subnets of networks, by the subnet's id."""
    found = {}
    for name in networks:
        network = actual.get(name)
        for subnet in at(network.body, "properties.subnets") or () if network else ():
            users = at(subnet, "properties.ipConfigurations") or ()
            named = (_INTERFACE.fullmatch(str(item.get("id"))) for item in users)
            ids = dict.fromkeys(match[1] for match in named if match)
            if ids:
                found[f"{name}/subnets/{subnet['name']}"] = tuple(ids)
    return found


def differing_routes(model: Model, told: Iterable[ToldRoutes]) -> Iterator[Disagreement]:
    """Yield where an interface has other routes than the model says that its subnet has."""
    for item in told:
        subnet = model.fabric.subnets.get(same_id(item.subnet))
        if item.refused or subnet is None:
            continue
        routes = model.routes(subnet)
        says, mine = set(_said(item.routes, routes)), set(map(_known, routes.all))
        if says != mine:
            yield Disagreement(
                network=_called(model, subnet),
                what=f"routes of {item.interface.rsplit('/', 1)[-1]}",
                azure=_summed_up(says - mine),
                model=_summed_up(mine - says),
                whose=whose(model, subnet.network, {"Connectivity", "Routing"}, subnet.table or ""),
            )


def _called(model: Model, subnet: Subnet) -> str:
    return f"{model.fabric.networks[subnet.network].name}/{subnet.name}"


# Prefix and hop, of an appliance with its address.
_Way = tuple[range, str]

# Azure's words for system routes, which no user may write. They are an open list: the SDK's
# names neither (facts.md section 9); az prints VNetGlobalPeering, the concept's page of AVNM
# GlobalVNetPeering.
_WORDS: Mapping[str, str] = {
    **{word.lower(): hop for word, hop in HOPS.items()},
    "vnetpeering": Hop.PEERING,
    "vnetglobalpeering": Hop.PEERING,
    "globalvnetpeering": Hop.PEERING,
    "connectedgroup": Hop.MESH,
}


def _known(route: Route) -> _Way:
    hop = str(route.hop)
    if route.hop is Hop.APPLIANCE and route.address is not None:
        hop = f"{hop} {address(route.address)}"
    return route.prefix, hop


def _said(told: Iterable[Body], routes: Routes) -> Iterator[_Way]:
    """Yield the routes that an interface says count, but those that the model leaves out.

    IPv6 and service tags are nothing here: what these hold is Microsoft's, and changes weekly.
    """
    for item in told:
        if item.get("state") != "Active" or item.get("destinationServiceTags"):
            continue
        word = str(item.get("nextHopType"))
        hop = _WORDS.get(word.lower(), word)
        for prefix in blocks(item.get("addressPrefix") or ()):
            if hop == Hop.NOWHERE and _is_microsofts(item, prefix, routes):
                continue
            if word == "InterfaceEndpoint" and _is_reached(prefix, routes):
                continue
            yield prefix, _with_address(hop, item)


def _with_address(hop: str, item: Body) -> str:
    addresses = sorted(item.get("nextHopIpAddress") or ())
    return " ".join([hop, *addresses]) if hop == Hop.APPLIANCE else str(hop)


def _is_microsofts(item: Body, prefix: range, routes: Routes) -> bool:
    """Say whether Azure drops a prefix that is no private one.

    It does so with some of Microsoft's own, such as 25.48.0.0/12: `az network nic
    show-effective-route-table` in Microsoft Learn's exercise on peerings prints them.
    """
    is_known = prefix in PRIVATE or any(route.prefix == prefix for route in routes.all)
    return item.get("source") == "Default" and not is_known


def _is_reached(prefix: range, routes: Routes) -> bool:
    """Say whether a private endpoint, a /32 in its network and its peers, is reached directly.

    So it is without a route of its own, too (facts.md section 9).
    """
    route = routes.to(prefix.start)
    return route is not None and route.hop in DIRECT


# So many routes with one hop are told one by one: gateways and service endpoints have hundreds.
_ONE_BY_ONE = 8


def _summed_up(ways: Collection[_Way]) -> tuple[str, ...]:
    """Return ways in words, those of a hop that has many as a number."""
    by_hop = Counter(hop for _, hop in ways)
    few = sorted(
        (way for way in ways if by_hop[way[1]] <= _ONE_BY_ONE), key=lambda way: way[0].start
    )
    many = sorted(hop for hop, count in by_hop.items() if count > _ONE_BY_ONE)
    return (
        *(f"{written(prefix)} to {hop}" for prefix, hop in few),
        *(f"{by_hop[hop]} prefixes to {hop}" for hop in many),
    )
