"""What stands in what was read and the model does not know: endpoints, IPv6, peered subnets.

The proof is of IPv4, and of routes that networks, peerings, meshes and tables give. So that nobody
takes it for more, each of these is told in a sentence, with names.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from topology.kind import Body, at, parent_id, same_id
from topology.verification.addresses import EVERYTHING, PUBLIC, blocks, overlaps
from topology.verification.model import Model
from topology.verification.policies import Policy
from topology.verification.rules import WEB_PORTS, Traffic
from topology.verification.unread_managers import first_of
from topology.verify_spec import INTERNET, AssertionSpec


def unmodelled(model: Model, own: Collection[str]) -> Iterator[str]:
    """Yield what is in these networks, by key, and in policies of firewalls, but in no model."""
    subnets = [item for key in own for item in _subnets(model, key)]
    yield from _service_endpoints(subnets)
    yield from _private_endpoints(subnets)
    yield from _ipv6(model, own)
    yield from _subnet_peerings(model, own)
    yield from _learned_ranges(model)


# A subnet's name with its network's, and its properties.
_Subnet = tuple[str, Body]


def _subnets(model: Model, network: str) -> Iterator[_Subnet]:
    found = model.fabric.actual.get(network)
    for subnet in at(found.body, "properties.subnets") or () if found else ():
        name = f"{model.fabric.networks[network].name}/{subnet.get('name')}"
        yield name, subnet.get("properties") or {}


def _service_endpoints(subnets: Iterable[_Subnet]) -> Iterator[str]:
    """Tell of routes to services, which are longer than one to a firewall (facts.md section 9)."""
    found = {name: list(map(_service, p.get("serviceEndpoints") or ())) for name, p in subnets}
    services = sorted({service for each in found.values() for service in each})
    if services:
        where = [name for name, each in found.items() if each]
        yield (
            f"where service endpoints lead traffic of {first_of(where)} to {', '.join(services)}: "
            "directly, by no firewall"
        )


def _service(endpoint: Any) -> str:
    return str(endpoint.get("service"))


def _private_endpoints(subnets: Iterable[_Subnet]) -> Iterator[str]:
    """Tell of private endpoints: routes of 32 bits lead to them (facts.md section 9).

    Admin rules do not hold for them (facts.md section 3).
    """
    named = [
        f"{str(item.get('id')).rsplit('/', 1)[-1]} in {name}"
        for name, properties in subnets
        for item in properties.get("privateEndpoints") or ()
    ]
    if named:
        yield (
            f"who reaches the private endpoints {first_of(named)}: admin rules do not hold for "
            "them, and each has a route of its own wherever its network is joined"
        )


def _ipv6(model: Model, own: Collection[str]) -> Iterator[str]:
    prefixes = {
        model.fabric.networks[key].name: [text for text in _space(model, key) if ":" in text]
        for key in own
    }
    if named := [f"{name} ({', '.join(texts)})" for name, texts in prefixes.items() if texts]:
        yield f"IPv6 of {first_of(named)}: what is proved is of IPv4"


def _subnet_peerings(model: Model, own: Collection[str]) -> Iterator[str]:
    """Tell of peerings of single subnets, maybe by IPv6 alone.

    A network's other subnets have the routes, too, but what they send is dropped; and where a mesh
    joins both networks, such a peering goes before it (docs: virtual-network/
    how-to-configure-subnet-peering).
    """
    found: dict[str, list[str]] = {}
    for key, item in model.fabric.actual.resources.items():
        if "/virtualnetworkpeerings/" in key and (network := same_id(parent_id(key))) in own:
            properties = item.body.get("properties") or {}
            is_whole = properties.get("peerCompleteVnets") is not False
            if not is_whole or properties.get("enableOnlyIPv6Peering") is True:
                found.setdefault(network, []).append(item.id.rsplit("/", 1)[-1])
    for network, names in found.items():
        name = model.fabric.networks[network].name
        yield (
            f"which subnets of {name} the peerings {first_of(names)} join: they are of single "
            "subnets, and taken to lead all of it to the addresses that they name, and to take "
            "nothing from a mesh"
        )


def _space(model: Model, network: str) -> Iterable[str]:
    found = model.fabric.actual.get(network)
    return at(found.body, "properties.addressSpace.addressPrefixes") or () if found else ()


def _learned_ranges(model: Model) -> Iterator[str]:
    """Tell of ranges that a firewall learns from a route server, beside those of its policy.

    What goes to these it does not translate (docs: firewall/snat-private-range, "Auto-learn SNAT
    routes").
    """
    for key in sorted({firewall.policy for firewall in model.fabric.firewalls.values()}):
        policy = model.fabric.actual.get(key)
        if policy and at(policy.body, "properties.snat.autoLearnPrivateRanges") == "Enabled":
            users = [item.name for item in model.fabric.firewalls.values() if item.policy == key]
            name = policy.id.rsplit("/", 1)[-1]
            yield (
                f"for which ranges the sender's address is kept by {first_of(sorted(users))} "
                f"beside those that {name} names: they are learned (autoLearnPrivateRanges)"
            )


# -- what firewalls do beside their rules ------------------------------------------------


def beside_rules(model: Model, asserted: Iterable[AssertionSpec]) -> Iterator[str]:
    """Yield what firewalls let through, or deny, beside their rules, where the file asserts it.

    What no rule decides goes by a built-in collection for names of the platform before it is
    denied, unless a last application rule denies all (docs: firewall/rule-processing,
    firewall/infrastructure-fqdns); these names are Microsoft's list. Threat intelligence and
    intrusion detection deny more than rules do, where they are to.
    """
    expected = {item.expect for item in asserted if _is_to_web(item)}
    keys = sorted({firewall.policy for firewall in model.fabric.firewalls.values()})
    names = {key: key.rsplit("/", 1)[-1] for key in keys if key in model.policies}
    passing = [name for key, name in names.items() if not _denies_the_rest(model.policies[key])]
    if "denied" in expected and passing:
        yield (
            "which names of the platform pass by the built-in infrastructure rules of "
            f"{first_of(passing)}: no last application rule there denies all"
        )
    denying = [name for key, name in names.items() if _looks_for_threats(model, key)]
    if "allowed" in expected and denying:
        yield (
            "what threat intelligence and intrusion detection deny by "
            f"{first_of(denying)}, beside the rules"
        )


def _is_to_web(item: AssertionSpec) -> bool:
    ranges = PUBLIC if item.target == INTERNET else blocks([item.target])
    is_out = any(overlaps(one, other) for one in ranges for other in PUBLIC)
    return is_out and item.protocol == "tcp" and item.port in {None, *WEB_PORTS}


def _denies_the_rest(policy: Policy) -> bool:
    """Say whether a rule denies all of the web that none before it decides."""
    rules = [rule for rule in (*policy.network, *policy.application) if rule.access == "Deny"]
    return all(
        any(
            EVERYTHING in rule.sources
            and EVERYTHING in rule.targets
            and (not rule.names or "*" in rule.names)
            and rule.has_ports(Traffic(port=port))
            for rule in rules
        )
        for port in WEB_PORTS
    )


def _looks_for_threats(model: Model, policy: str) -> bool:
    found = model.fabric.actual.get(policy)
    modes = ("threatIntelMode", "intrusionDetection.mode")
    return any(at(found.body, f"properties.{mode}") == "Deny" for mode in modes if found)
