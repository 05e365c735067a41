"""What guards the ways: firewalls, admin rules and security groups, each by itself.

What one of them lets through may be denied by another, or no route leads there, and then nobody
notices that it is open. So each is held against the file alone: firewalls let through what it opens
and no more, admin rules deny what it keeps apart at both ends, security groups let in the addresses
of the topology and nobody else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from topology.isolation import has_admin_rules
from topology.kind import same_id
from topology.verification.addresses import members, written
from topology.verification.fabric import SHUTTING, Firewall, Subnet
from topology.verification.finding import Finding
from topology.verification.plane import Plane, joined
from topology.verification.policies import Policy
from topology.verification.proof import Proof
from topology.verification.published import published
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
    meant = [part for part, _ in _let_through(plane, _of(proof.opened), traffic, everything)]
    for key, policy in policies_of_ours(proof).items():
        for part, rule in _let_through(plane, _of(policy), traffic, everything):
            for who, what in _beyond(part, meant):
                found = _opened_by(proof, rule, (who, what), traffic)
                planned = _planned_rule(proof, key, who, what, traffic)
                yield replace(found, planned=planned, region=_region_of(proof, key))


def inwards(proof: Proof) -> Iterator[Finding]:
    """Yield each DNAT rule by which our firewalls let somebody into a network of ours.

    The file opens nothing inwards, and no other rule keeps out what such a rule translates.
    """
    for item in published(proof.model, proof.own):
        if item.network is not None:
            text = (
                f"firewalls publish {item.network.name}, and the file opens nothing inwards: "
                f"{item.translation}: {item.name}"
            )
            by = item.translation.rule.id
            regions = {firewall.region for firewall in item.firewalls}
            yield Finding("too-open", item.name, text, by, region=_one_of(regions))


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
    return _one_of(regions)


def _one_of(regions: set[str]) -> str:
    return regions.pop() if len(regions) == 1 else ""


def _of(policy: Policy) -> tuple[Rule, ...]:
    """Return the rules of a policy in their order."""
    return *policy.network, *policy.application


def _let_through(
    plane: Plane, rules: Iterable[Rule], traffic: Traffic, whole: Rectangle
) -> Iterator[tuple[Rectangle, Rule]]:
    """Yield the parts of a rectangle (pieces) that rules allow, with the rule that does."""
    left = [whole]
    for rule in rules:
        if not left:
            break
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
    return _denying(proof, policy.network, (who, what), traffic)


def _denying(proof: Proof, rules: Iterable[Rule], part: Rectangle, traffic: Traffic) -> str:
    """Return the first of these rules that decides about a part (pieces), if it denies, else ""."""
    source, target = (proof.plane.pieces[next(members(pieces))].start for pieces in part)
    found = first(rules, source, target, traffic)
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


# -- security groups ---------------------------------------------------------------------


def open_groups(proof: Proof, traffic: Traffic) -> Iterator[Finding]:
    """Yield each rule by which our subnets let in what has no address of the topology's.

    Azure's own rules let in what the tag VirtualNetwork holds, and that is everybody where a
    subnet's default route leads to a firewall (docs: virtual-network/service-tags-overview). It is
    told whether routes lead there or not: who sends to a public address of a machine needs none.
    Groups do not look at names, so of traffic with one nothing is asked again.
    """
    if traffic.name:
        return
    plane = proof.plane
    others = plane.pieces.all & ~plane.host & ~plane.aims(proof.space)
    for subnet in _ours(proof):
        group = proof.model.filters(subnet).group
        if group is None:
            yield _without_group(proof, subnet, traffic)
            continue
        inbound = (rule for rule in group if rule.inbound)
        whole = others, plane.aims(subnet.prefixes)
        for part, rule in _let_through(plane, inbound, traffic, whole):
            yield _let_in(proof, subnet, rule, part, traffic)


def _ours(proof: Proof) -> Iterator[Subnet]:
    """Yield the subnets of spokes that the file names, as far as they are there."""
    names = proof.network.names
    for spoke, _ in proof.spokes.values():
        for name in spoke.subnets:
            subnet = names.subnet_name(spoke.region, spoke.name, name)
            key = same_id(names.subnet_id(spoke.region, spoke.name, subnet))
            if found := proof.model.fabric.subnets.get(key):
                yield found


def _without_group(proof: Proof, subnet: Subnet, traffic: Traffic) -> Finding:
    network = proof.model.fabric.networks[subnet.network]
    place = f"{network.name}/{subnet.name}"
    text = f"no security group keeps anybody out of {place}"
    if subnet.group is not None:
        group = subnet.group.rpartition("/")[2]
        text = f"whom security group {group} lets into {place} is not known: it was not read"
    return Finding("open-group", place, text, subnet.id, traffic=traffic, region=network.region)


def _let_in(proof: Proof, subnet: Subnet, rule: Rule, part: Rectangle, traffic: Traffic) -> Finding:
    network = proof.model.fabric.networks[subnet.network]
    name = "/".join(rule.id.split("/")[-3::2])  # its group, and its own
    text = (
        f"a security group lets in what is not of the topology: {_who(proof, part[0])} to "
        f"{network.name}/{subnet.name} ({traffic}): {name}"
    )
    there = proof.reference.fabric.subnets.get(subnet.key) if proof.reference else None
    wanted = (proof.reference.filters(there).group or ()) if proof.reference and there else ()
    planned = _denying(proof, (item for item in wanted if item.inbound), part, traffic)
    return Finding("open-group", name, text, rule.id, planned, traffic, network.region)


def _who(proof: Proof, pieces: int) -> str:
    """Return who is let in, in words: the internet, a network of others, or addresses."""
    if pieces & proof.plane.public:
        return "the internet"
    networks = proof.plane.networks_of(proof.plane.all_places(pieces))
    first_addresses = written(proof.plane.pieces[next(members(pieces))])
    return next((network.name for network in networks), first_addresses)
