"""A proof: a network held against a model, who is who in it, and examples in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product, zip_longest

from topology.kind import same_id
from topology.naming import HUB
from topology.network import Network, Spoke
from topology.ownership import is_ours
from topology.resources import KIND_BY_NAME
from topology.verification.addresses import blocks, members
from topology.verification.answer import Answer, ask
from topology.verification.fabric import Subnet
from topology.verification.finding import Finding
from topology.verification.model import Model
from topology.verification.opened import opened
from topology.verification.pairs import Answers, Pairs, pairs
from topology.verification.plane import Plane, joined
from topology.verification.policies import Policy
from topology.verification.routes import Hop
from topology.verification.rules import Traffic


@dataclass(frozen=True)
class Proof:
    """A network, and the model that its intent is held against.

    `reference` is the model of how it should be: by it a finding names what is missing.
    `leaving` are spokes that the network has no more, by network key: they are kept apart until
    they are gone, and none of `spokes`.
    """

    network: Network
    model: Model
    reference: Model | None = None
    leaving: Mapping[str, Spoke] = field(default_factory=dict)
    _pairs: dict[Traffic, Pairs] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def plane(self) -> Plane:
        """Return the plane of all pairs."""
        ends = (end for _, end in self.network.topology.verify.ends())
        spokes = (str(spoke.prefix) for spoke in self.network.spokes)
        return Plane.of(self.model, asked=(*blocks([*ends, *spokes]), *self.space))

    @cached_property
    def space(self) -> tuple[range, ...]:
        """Return all addresses of the topology, as ranges."""
        return blocks([str(self.network.topology.addresses.space)])

    @cached_property
    def opened(self) -> Policy:
        """Return what the topology's file opens, as rules."""
        return opened(self.network)

    @cached_property
    def answers(self) -> Answers:
        """Return which ways answers take."""
        return Answers(self.plane, self.model)

    def pairs(self, traffic: Traffic) -> Pairs:
        """Return all pairs for one kind of traffic, worked out once."""
        if traffic not in self._pairs:
            self._pairs[traffic] = pairs(self.answers, traffic)
        return self._pairs[traffic]

    def as_planned(
        self, subnet: Subnet, source: int, target: int, traffic: Traffic, found: Answer
    ) -> str:
        """Return the step of the reference where its way parts from the one found.

        What leads the same way by another thing is no parting: AVNM's rules are read as the
        routes of its tables.
        """
        there = self.reference.fabric.subnets.get(subnet.key) if self.reference else None
        if self.reference is None or there is None:
            return ""
        planned = ask(self.reference, there, source, target, traffic)
        for step, other in zip_longest(planned.steps, found.steps):
            if step is None:
                break
            if other is None or (step.at, step.does) != (other.at, other.does):
                return str(step)
        return ""

    def told(  # noqa: PLR0913  what an example is made of
        self,
        rule: str,
        text: str,
        senders: int,
        targets: int,
        traffic: Traffic,
        *,
        out: bool = False,
    ) -> Finding:
        """Return a finding with an example; `targets` are pieces where they are `out`, on the net.

        Else they are places.
        """
        subnet, source = self.plane.example(senders)
        if out:
            aim, target = None, self.plane.pieces[next(members(targets))].start
        else:
            aim, target = self.plane.example(targets)
        answer = ask(self.model, subnet, source, target, traffic, meant=aim)
        between = f"{self._name(subnet)} to {self._name(aim) if aim else 'the internet'}"
        sentence = f"{text}: {between} ({traffic}): {answer.reason}"
        planned = self.as_planned(subnet, source, target, traffic, answer)
        region = self.model.fabric.networks[subnet.network].region
        return Finding(rule, between, sentence, answer.decided.by, planned, traffic, region)

    def _name(self, subnet: Subnet) -> str:
        return self.model.fabric.networks[subnet.network].name

    def named(self, way: Iterable[str]) -> str:
        """Return the names of firewalls, in their order."""
        return ", ".join(self.model.fabric.firewalls[key].name for key in way)

    # -- who is who ----------------------------------------------------------------------

    @cached_property
    def spokes(self) -> dict[str, tuple[Spoke, int]]:
        """Return the spokes that are there, by network key, with their places."""
        names = self.network.names
        return self._there(
            {same_id(names.vnet_id(item.region, item.name)): item for item in self.network.spokes}
        )

    def _there(self, spokes: Mapping[str, Spoke]) -> dict[str, tuple[Spoke, int]]:
        found = self.workloads
        return {key: (spoke, found[key]) for key, spoke in spokes.items() if key in found}

    @cached_property
    def own(self) -> dict[str, int]:
        """Return the places of every network of the topology, hubs too, by network key."""
        hubs = [same_id(self.network.names.vnet_id(hub.region, HUB)) for hub in self.network.hubs]
        found = self.workloads
        return {key: found[key] for key in (*hubs, *self.spokes, *self.leaving) if key in found}

    @cached_property
    def workloads(self) -> dict[str, int]:
        """Return the places of hosts in every network that is there, of others too, by key."""
        networks, among = self.model.fabric.networks, self.plane.workloads
        return {key: self.plane.of_network(item) & among for key, item in networks.items()}

    @cached_property
    def firewalls(self) -> frozenset[str]:
        """Return the keys of the firewalls of ours, of those that are about to go too."""
        names, topology = self.network.names, self.network.topology.topology
        wanted = {same_id(names.firewall_id(hub.region)) for hub in self.network.hubs}
        actual = self.model.fabric.actual
        marked = {
            key
            for key in self.model.fabric.firewalls
            if (found := actual.get(key))
            and is_ours(KIND_BY_NAME["firewall"], found.body, found.id, topology)
        }
        return frozenset(wanted | marked)

    def environments(self, *, allowed: bool) -> Iterator[tuple[str, str]]:
        """Yield which environments may open connections to which, or which may not."""
        topology = self.network.topology
        for source, target in product(topology.environments, repeat=2):
            if topology.may_open(source, target) is allowed:
                yield source, target

    def of_environment(self, environment: str) -> int:
        """Return the places of an environment's spokes, of those that leave it too."""
        found = (*self.spokes.values(), *self._there(self.leaving).values())
        return joined(places for spoke, places in found if spoke.environment == environment)

    def in_region(self, region: str) -> int:
        """Return the places of all networks in a region, those of others too."""
        return self._by_region.get(region, 0)

    @cached_property
    def _by_region(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for network in self.model.fabric.networks.values():
            found[network.region] = found.get(network.region, 0) | self.plane.of_network(network)
        return found

    @cached_property
    def routes(self) -> frozenset[str]:
        """Return what made routes, as blocks name it: what ends by one of these met no rule."""
        subnets = self.model.fabric.subnets.values()
        return frozenset(route.source for item in subnets for route in self.model.routes(item).all)

    @cached_property
    def to_internet(self) -> frozenset[str]:
        """Return what made routes to the internet, as blocks name it."""
        subnets = self.model.fabric.subnets.values()
        every = (route for item in subnets for route in self.model.routes(item).all)
        return frozenset(route.source for route in every if route.hop is Hop.INTERNET)

    @cached_property
    def behind(self) -> dict[str, int]:
        """Return the places of the spokes of a region's hub, by the key of its firewall."""
        found: dict[str, int] = {}
        for spoke, places in self.spokes.values():
            firewall = same_id(self.network.names.firewall_id(spoke.region))
            found[firewall] = found.get(firewall, 0) | places
        return found
