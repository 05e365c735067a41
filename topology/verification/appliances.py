"""Routes to appliances: which count for some networks, and who stands at their hops."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from topology.verification.fabric import Firewall, Subnet
from topology.verification.model import Model
from topology.verification.routes import Hop, Route


@dataclass(frozen=True, slots=True)
class ToAppliance:
    """A route of a subnet to an appliance.

    `network` is the key of the one in which its hop is directly reached, "" where it is not, or
    that was not read. `firewall` has the hop's address there, or, where nothing leads there yet,
    in any network; `is_unread` says that an appliance may have it which nobody reads.
    """

    subnet: Subnet
    route: Route
    network: str
    firewall: Firewall | None
    is_unread: bool

    def leads_to(self, firewall: Firewall) -> bool:
        """Say whether its hop is where a firewall stands, or stood."""
        return self.route.address == firewall.address and self.network in {"", firewall.network}


def to_appliances(model: Model, own: Collection[str]) -> Iterator[ToAppliance]:
    """Yield the routes to appliances on ways from workloads of these networks, by key.

    Of others' workloads only those that lead into one of these: what else they do with their
    traffic is theirs.
    """
    waiting = [item for item in model.fabric.subnets.values() if not item.is_reserved]
    seen = {subnet.key for subnet in waiting}
    while waiting:
        subnet = waiting.pop()
        counts = subnet.network in own or subnet.is_reserved
        for found in _of(model, subnet):
            if not counts and found.network not in own:
                continue
            yield found
            beyond = model.fabric.subnets.get(found.firewall.subnet) if found.firewall else None
            if beyond and beyond.key not in seen:
                seen.add(beyond.key)
                waiting.append(beyond)


def _of(model: Model, subnet: Subnet) -> Iterator[ToAppliance]:
    fabric, routes = model.fabric, model.routes(subnet)
    for route in routes.all:
        if route.hop is not Hop.APPLIANCE:
            continue
        hop = route.address
        direct = None if hop is None else routes.directly(hop)
        network = direct.network if direct and direct.network in fabric.networks else ""
        if hop is None or not network:
            anywhere = (item for item in fabric.firewalls.values() if item.address == hop)
            firewall = None if hop is None else next(anywhere, None)
            yield ToAppliance(subnet, route, network, firewall, is_unread=False)
        else:
            firewall = fabric.firewall_at.get((network, hop))
            unread = firewall is None and fabric.has_room_at(network, hop)
            yield ToAppliance(subnet, route, network, firewall, is_unread=unread)
