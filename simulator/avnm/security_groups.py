"""Which rules of security groups work on a subnet or a network interface.

After the admin rules comes the security group of the subnet and that of the interface;
traffic needs both (facts.md section 9 has the order).
"""

from collections.abc import Iterable
from typing import Any

from simulator.arm.draft import linked_ids
from simulator.arm.store import Resource
from simulator.arm.world import World
from simulator.avnm.effective_rules import Found, addresses, admin_rules_of
from simulator.avnm.route_wishes import RESERVED_SUBNETS

Rule = dict[str, Any]
_ANY_PORT = "0-65535"


def group_of(world: World, resource: Resource) -> Resource | None:
    """Return the security group of a subnet or of an interface."""
    found = linked_ids(resource.properties.get("networkSecurityGroup"))
    return world.store.find(found[0]) if found else None


def rules_in(world: World, group: Resource) -> list[Rule]:
    """Return a group's own rules and the default ones as bodies, lowest number first."""
    values = world.provider_of(group).shown_properties(group, world)
    listed: list[Rule] = [*values["securityRules"], *values["defaultSecurityRules"]]
    return sorted(listed, key=lambda item: int(item["properties"]["priority"]))


def security_rules(world: World, subnet: Resource) -> list[Rule]:
    """Return the rules on a subnet in the form that admin rules have too."""
    group = group_of(world, subnet)
    return [_plain(item) for item in rules_in(world, group)] if group else []


def _plain(rule: Rule) -> Rule:
    values = rule["properties"]
    names = ("direction", "access", "priority", "protocol")
    return {
        "id": rule["id"],
        **{name: values[name] for name in names},
        "sources": _either(values, "sourceAddressPrefix", "sourceAddressPrefixes"),
        "destinations": _either(values, "destinationAddressPrefix", "destinationAddressPrefixes"),
        "sourcePortRanges": _either(values, "sourcePortRange", "sourcePortRanges"),
        "destinationPortRanges": _either(values, "destinationPortRange", "destinationPortRanges"),
    }


def _either(values: dict[str, Any], single: str, several: str) -> list[str]:
    one = values.get(single)
    return [one] if one else list(values.get(several) or [])


def are_admin_rules_applied(subnet: Resource) -> bool:
    """Tell whether admin rules reach a subnet: not those of services (facts.md section 3)."""
    return subnet.name.lower() not in RESERVED_SUBNETS


def effective_groups(
    world: World, subnet: Resource, interface: Resource | None = None
) -> dict[str, Any]:
    """Return the answer of effectiveNetworkSecurityGroups, admin rules first.

    That admin rules stand in it as a group associated with a network manager is how the
    swagger's example reads; it is `assumed`.
    """
    found = [*_admin_entries(world, subnet)]
    for owner, name in ((subnet, "subnet"), (interface, "networkInterface")):
        group = group_of(world, owner) if owner is not None else None
        if group is not None and owner is not None:
            found.append(
                {
                    "networkSecurityGroup": {"id": group.id.text},
                    "association": {name: {"id": owner.id.text}},
                    "effectiveSecurityRules": [
                        _as_effective(_kind(item), _plain(item)) for item in rules_in(world, group)
                    ],
                }
            )
    return {"value": found}


def _kind(rule: Rule) -> str:
    section, name = rule["id"].split("/")[-2:]
    return f"{section}/{name}"


def _admin_entries(world: World, subnet: Resource) -> Iterable[dict[str, Any]]:
    network = world.store.get(subnet.id.root.key)
    if network is None or not are_admin_rules_applied(subnet):
        return
    managers: dict[str, list[Rule]] = {}
    for item in admin_rules_of(world, network):
        manager = item[2].id.rsplit("/securityAdminConfigurations/", 1)[0]
        managers.setdefault(manager, []).append(_as_effective(item[2].name, plain_admin(item)))
    for manager, rules in managers.items():
        yield {
            "association": {"networkManager": {"id": manager}, "subnet": {"id": subnet.id.text}},
            "effectiveSecurityRules": rules,
        }


def plain_admin(found: Found) -> Rule:
    """Return an admin rule with groups written out as addresses."""
    values = found[2].properties
    names = ("direction", "access", "priority", "protocol")
    ports = ("sourcePortRanges", "destinationPortRanges")
    return {
        "id": found[2].id,
        **{name: values[name] for name in names},
        **{side: addresses(found, side) for side in ("sources", "destinations")},
        **{name: values[name] for name in ports},
    }


def _as_effective(name: str, rule: Rule) -> Rule:
    return {
        "name": name,
        "protocol": "All" if rule["protocol"] in ("*", "Any") else rule["protocol"],
        "sourcePortRanges": _ranges(rule["sourcePortRanges"]),
        "destinationPortRanges": _ranges(rule["destinationPortRanges"]),
        "sourceAddressPrefixes": _prefixes(rule["sources"]),
        "destinationAddressPrefixes": _prefixes(rule["destinations"]),
        "access": rule["access"],
        "priority": rule["priority"],
        "direction": rule["direction"],
    }


def _ranges(given: list[str]) -> list[str]:
    """Return ports as ranges with two ends, as the swagger's example has them."""
    return [
        _ANY_PORT if item == "*" else item if "-" in item else f"{item}-{item}" for item in given
    ] or [_ANY_PORT]


def _prefixes(given: list[str]) -> list[str]:
    return ["0.0.0.0/0" if item == "*" else item for item in given] or ["0.0.0.0/0"]
