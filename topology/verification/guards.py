"""What guards the ways: firewalls and admin rules, each by itself, wherever routes lead.

What one of them lets through may be denied by the other, and then nobody notices that it is
open. So each is held against the file alone: firewalls let through what it opens and no more,
admin rules deny what it keeps apart at both ends.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from topology.isolation import has_admin_rules
from topology.kind import same_id
from topology.verification.addresses import members
from topology.verification.fabric import SHUTTING, Firewall, Subnet
from topology.verification.finding import Finding
from topology.verification.plane import Plane, joined
from topology.verification.policies import Policy
from topology.verification.proof import Proof
from topology.verification.rules import Rule, Traffic, first
from topology.verification.spread import Rectangle, without
from topology.verification.walk import called

# -- firewalls ---------------------------------------------------------------------------


def too_open(proof: Proof, traffic: Traffic) -> Iterator[Finding]:
    """Yield each rule of our firewalls that lets through what the file does not open.

    Of what our spokes send to each other and to the internet. What others' networks may do is
    not the file's to say.
    """
    plane = proof.plane
    spokes = plane.pieces_of(joined(places for _, places in proof.spokes.values()))
    everything = spokes, spokes | plane.public
    meant = [part for part, _ in _let_through(plane, proof.opened, traffic, everything)]
    for key, policy in policies_of_ours(proof).items():
        for part, rule in _let_through(plane, policy, traffic, everything):
            for who, what in _beyond(part, meant):
                found = _opened_by(proof, rule, (who, what), traffic)
                planned = _planned_rule(proof, key, who, what, traffic)
                yield replace(found, planned=planned, region=_region_of(proof, key))


def policies_of_ours(proof: Proof) -> dict[str, Policy]:
    """Return what the firewalls of our hubs follow, by key; what was not read is left out."""
    keys = {item.policy for item in _firewalls(proof)}
    return {key: policy for key, policy in proof.model.policies.items() if key in keys}


def _firewalls(proof: Proof) -> Iterator[Firewall]:
    for hub in proof.network.hubs:
        key = same_id(proof.network.names.firewall_id(hub.region))
        if found := proof.model.fabric.firewalls.get(key):
            yield found


def _region_of(proof: Proof, policy: str) -> str:
    """Return the region whose firewall follows a policy, "" where several share it."""
    regions = {item.region for item in _firewalls(proof) if item.policy == policy}
    return regions.pop() if len(regions) == 1 else ""


def _let_through(
    plane: Plane, policy: Policy, traffic: Traffic, whole: Rectangle
) -> Iterator[tuple[Rectangle, Rule]]:
    """Yield the parts of a rectangle (pieces) that a policy allows, with the rule that does."""
    left = [whole]
    for rule in (*policy.network, *policy.application):
        if not rule.is_about(traffic):
            continue
        who, what = plane.aims(rule.sources), plane.aims(rule.targets)
        for senders, targets in left:
            if rule.access == "Allow" and senders & who and targets & what:
                yield (senders & who, targets & what), rule
        left = [rest for part in left for rest in without(part, (who, what))]


def _beyond(part: Rectangle, meant: Iterable[Rectangle]) -> list[Rectangle]:
    left = [part]
    for other in meant:
        left = [rest for item in left for rest in without(item, other)]
    return left


def _opened_by(proof: Proof, rule: Rule, part: Rectangle, traffic: Traffic) -> Finding:
    name = "/".join(rule.id.split("/")[-3:])  # its group, its collection and its own
    source, target = (_named(proof, pieces) for pieces in part)
    text = (
        f"firewalls let through what the file does not open: {source} to "
        f"{target or 'the internet'} ({traffic}): {name}"
    )
    return Finding("too-open", name, text, rule.id, traffic=traffic)


def _planned_rule(proof: Proof, key: str, who: int, what: int, traffic: Traffic) -> str:
    """Return the rule by which the reference would deny it, "" where no rule does."""
    policy = proof.reference.policies.get(key) if proof.reference else None
    if policy is None:
        return ""
    source, target = (proof.plane.pieces[next(members(pieces))].start for pieces in (who, what))
    found = first(policy.network, source, target, traffic)
    return called(found.id) if found and found.access == "Deny" else ""


def _named(proof: Proof, pieces: int) -> str:
    """Return the name of the first spoke that has some of these pieces, "" if none has."""
    networks = proof.model.fabric.networks
    keys = (key for key in proof.spokes if proof.plane.places(key, pieces) & proof.spokes[key][1])
    return next((networks[key].name for key in keys), "")


# -- admin rules -------------------------------------------------------------------------


def undenied_ends(proof: Proof, traffic: Traffic) -> Iterator[Finding]:
    """Yield whose admin rules do not deny, at their own end, what is kept apart.

    Where the file has admin rules, and in subnets that take them.
    """
    with_rules = {hub.region for hub in proof.network.hubs if has_admin_rules(proof.network, hub)}
    for source, target in proof.environments(allowed=False):
        for here, there, inbound in ((source, target, False), (target, source, True)):
            others = proof.plane.pieces_of(proof.of_environment(there))
            for subnet in _taking(proof, here, with_rules):
                if not _denies(proof, subnet, others, traffic, inbound=inbound):
                    network = proof.model.fabric.networks[subnet.network]
                    name = network.name
                    way = f"from {source}" if inbound else f"to {target}"
                    kept = f"keeps {source} out" if inbound else f"keeps it from {target}"
                    text = f"no admin rule at {name} {kept} ({traffic})"
                    planned = _planned_denial(proof, subnet, others, traffic, inbound=inbound)
                    yield Finding(
                        "denial", f"{name} {way}", text, subnet.id, planned, traffic, network.region
                    )


def _planned_denial(
    proof: Proof, subnet: Subnet, others: int, traffic: Traffic, *, inbound: bool
) -> str:
    """Return the admin rule of the reference that denies it, "" where none does."""
    there = proof.reference.fabric.subnets.get(subnet.key) if proof.reference else None
    if proof.reference is None or there is None:
        return ""
    mine, other = subnet.prefixes[0].start, proof.plane.pieces[next(members(others))].start
    source, target = (other, mine) if inbound else (mine, other)
    filters = proof.reference.filters(there)
    decided = filters.decide(source, target, traffic, inbound=inbound)
    return "" if decided.passes else called(decided.by)


def _taking(proof: Proof, environment: str, regions: set[str]) -> Iterator[Subnet]:
    for key, (spoke, _) in proof.spokes.items():
        subnets = proof.model.fabric.networks[key].subnets
        shut = any(subnet.delegated & SHUTTING for subnet in subnets)
        if spoke.environment == environment and spoke.region in regions and not shut:
            yield from (subnet for subnet in subnets if subnet.takes_admin_rules)


def _denies(proof: Proof, subnet: Subnet, others: int, traffic: Traffic, *, inbound: bool) -> bool:
    """Say whether admin rules before a subnet deny all that it has to do with others (pieces)."""
    plane = proof.plane
    mine = plane.aims(subnet.prefixes)
    left = [(others, mine) if inbound else (mine, others)]
    for rule in proof.model.filters(subnet).admin:
        if rule.inbound is inbound and rule.is_about(traffic):
            taken = plane.aims(rule.sources), plane.aims(rule.targets)
            met = any(who & taken[0] and what & taken[1] for who, what in left)
            if met and rule.access != "Deny":
                return False
            left = [rest for part in left for rest in without(part, taken)]
    return not any(who and what for who, what in left)
