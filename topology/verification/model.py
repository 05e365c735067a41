"""The model that questions are put to: fabric, effects and policies, worked out once."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from topology.planning.actual import Actual
from topology.verification.addresses import holds
from topology.verification.avnm import Effects
from topology.verification.bodies import fabric_of
from topology.verification.fabric import Fabric, Firewall, Subnet, VirtualNetwork
from topology.verification.policies import UNREAD, Policy, policies
from topology.verification.routes import Hop, Route, Routes, effective_routes
from topology.verification.rules import Rule, Traffic, first, security_rules
from topology.verify_spec import Assumptions


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether rules let something pass, and the id of the rule that decided, if one did."""

    passes: bool
    by: str


@dataclass(frozen=True)
class Filters:
    """What stands before a subnet: AVNM's admin rules first, then its security group."""

    admin: tuple[Rule, ...] = ()
    group: tuple[Rule, ...] | None = None

    def decide(self, source: int, target: int, traffic: Traffic, *, inbound: bool) -> Decision:
        """Say whether a packet passes.

        An admin rule's Deny and AlwaysAllow are final, after its Allow the security group is
        asked (facts.md section 3). Without a group all passes.
        """
        admin = (rule for rule in self.admin if rule.inbound is inbound)
        found = first(admin, source, target, traffic)
        if found is not None and found.access in {"Deny", "AlwaysAllow"}:
            return Decision(passes=found.access != "Deny", by=found.id)
        if self.group is None:
            return Decision(passes=True, by=found.id if found else "")
        rules = (rule for rule in self.group if rule.inbound is inbound)
        decided = first(rules, source, target, traffic)
        passes = decided is not None and decided.access == "Allow"
        return Decision(passes=passes, by=decided.id if decided else "no rule matches")


# Assumptions by which a state is read, not only how packets go in it.
_READ_BY = ("avnm_routes_skip_services", "firewall_takes_first_address")


@dataclass(frozen=True)
class Model:
    """Azure's answer to any packet, for one state of a network."""

    fabric: Fabric
    effects: Effects
    policies: dict[str, Policy]
    assumptions: Assumptions
    tables_as_read: bool = False
    _routes: dict[str, Routes] = field(default_factory=dict)
    _filters: dict[str, Filters] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        actual: Actual,
        assumptions: Assumptions | None = None,
        *,
        tables_as_read: bool = False,
    ) -> Model:
        """Make the model of a state: as it was read, or as it is foreseen."""
        assumptions, actual = assumptions or Assumptions(), actual.surrounded
        fabric = fabric_of(actual, assumptions)
        effects = Effects.of(fabric, assumptions, tables_as_read=tables_as_read)
        return cls(fabric, effects, policies(actual), assumptions, tables_as_read)

    def assuming(self, assumptions: Assumptions) -> Model:
        """Return the model of the same state under other assumptions."""
        if any(getattr(self.assumptions, name) != getattr(assumptions, name) for name in _READ_BY):
            return Model.of(self.fabric.actual, assumptions, tables_as_read=self.tables_as_read)
        return replace(self, assumptions=assumptions, _routes={}, _filters={})

    def ways_as(self, other: Model) -> bool:
        """Say whether packets go the same ways in another model of the same state."""
        there = other.fabric.subnets
        return (
            self.fabric.firewalls == other.fabric.firewalls
            and all(
                _leads(self.routes(subnet)) == _leads(other.routes(there[key]))
                for key, subnet in self.fabric.subnets.items()
            )
            and self._shut() == other._shut()
        )

    def _shut(self) -> set[tuple[str, str]]:
        """Return the networks between which nothing that is forwarded crosses, by key."""
        networks = self.fabric.networks
        return {
            (subnet.network, route.network)
            for subnet in self.fabric.subnets.values()
            for route in self.routes(subnet).direct
            if route.network in networks
            and not self.lets_in(route.hop, networks[subnet.network], networks[route.network], -1)
        }

    def routes(self, subnet: Subnet) -> Routes:
        """Return the effective routes of a subnet."""
        if subnet.key not in self._routes:
            found = effective_routes(self.fabric, self.effects, subnet, self.assumptions)
            self._routes[subnet.key] = found
        return self._routes[subnet.key]

    def filters(self, subnet: Subnet) -> Filters:
        """Return the rules before a subnet."""
        if subnet.key not in self._filters:
            rules = self.effects.rules.get(subnet.network, ())
            admin = rules if subnet.takes_admin_rules else ()
            self._filters[subnet.key] = Filters(admin, self._group(subnet))
        return self._filters[subnet.key]

    def policy(self, firewall: Firewall) -> Policy:
        """Return the rules of a firewall, UNREAD where its policy was not read."""
        return self.policies.get(firewall.policy, UNREAD)

    def lets_in(self, hop: Hop, here: VirtualNetwork, there: VirtualNetwork, source: int) -> bool:
        """Say whether a network takes a packet that another forwards to it.

        What a network's own members send is not forwarded. A peering asks its receiving
        side, a mesh has nothing to ask (both assumptions); AVNM's peerings were seen to let it
        in on the spoke's side (facts.md section 1), and of the hub's nobody tells.
        """
        if hop is Hop.LOCAL or self._takes_forwarded(hop, here, there):
            return True
        return any(source in prefix for prefix in here.prefixes)

    def _takes_forwarded(self, hop: Hop, here: VirtualNetwork, there: VirtualNetwork) -> bool:
        if hop is Hop.MESH:
            return self.assumptions.mesh_forwards
        receiving = there.peerings.get(here.key)
        if receiving is None or not self.assumptions.peering_checks_forwarded:
            return True
        told = receiving.lets_forwarded_in
        return self.assumptions.avnm_peerings_forward if told is None else told

    def _group(self, subnet: Subnet) -> tuple[Rule, ...] | None:
        found = self.fabric.actual.get(subnet.group) if subnet.group else None
        if found is None:
            return None
        # The tag VirtualNetwork holds the network, what is joined to it, and the prefixes of
        # user routes, a default route too (docs: virtual-network/service-tags-overview).
        routes = self.routes(subnet)
        peerings = self.fabric.networks[subnet.network].peerings
        shut = {remote for remote, peering in peerings.items() if not peering.is_in_tag}
        users = (route for route in routes.all if route.is_users)
        joined = (r for r in routes.direct if r.hop is not Hop.PEERING or r.network not in shut)
        around = tuple({route.prefix for route in (*joined, *users)})
        return security_rules(found.body, found.id, around)


def _leads(routes: Routes) -> tuple[tuple[Route, ...], tuple[Route, ...]]:
    """Return what tells routes apart, as far as they lead somewhere.

    The system routes that drop private addresses tell nothing where the next best one goes to the
    internet: that drops them too.
    """
    every = routes.all
    dropping = [route for route in every if route.hop is Hop.NOWHERE and not route.is_users]
    beyond = {
        next((other.hop for other in every if _is_wider(other, route)), None) for route in dropping
    }
    if beyond == {Hop.INTERNET}:
        every = tuple(route for route in every if route not in dropping)
    return every, routes.direct


def _is_wider(route: Route, other: Route) -> bool:
    return len(route.prefix) > len(other.prefix) and holds(route.prefix, other.prefix)
