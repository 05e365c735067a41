"""Networks as people write them in tests/cases/verification, as bodies of Azure's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from topology.kind import same_id
from topology.planning.actual import Actual, Found, GoalState, OthersManagers

_NETWORK = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network"
_MANAGEMENT_GROUPS = "/providers/Microsoft.Management/managementGroups"
_MANAGER = f"{_NETWORK}/networkManagers/manager"
_HOPS = {
    "internet": "Internet",
    "none": "None",
    "local": "VnetLocal",
    "gateway": "VirtualNetworkGateway",
    "several": "VirtualApplianceEcmp",
}
_MANAGER_HOPS = {**_HOPS, "none": "NoNextHop"}

Json = dict[str, Any]


def network_id(name: str) -> str:
    """Return the id of a network; of one that stands elsewhere it is written in full."""
    return name if name.startswith("/") else f"{_NETWORK}/virtualNetworks/{name}"


def written(case: Mapping[str, Any]) -> Actual:
    """Return what Azure holds, by a case's keys."""
    found: dict[str, Json] = {}
    for name, network in case.get("networks", {}).items():
        if network.get("read", True):
            found |= _network(name, network)
    for line in case.get("peerings", ()):
        found |= _peering(line, case.get("networks", {}))
    for name, policy in case.get("policies", {}).items():
        found |= _policy(name, policy)
    for name, addresses in case.get("ip_groups", {}).items():
        found[_ip_group(name)] = {"properties": {"ipAddresses": addresses}}
    states = {_MANAGER: _managed(_MANAGER, case, found)}
    others = {}
    for name, deployed in case.get("managers", {}).items():
        manager = f"{_NETWORK}/networkManagers/{name}"
        others[same_id(manager)] = _managed(manager, deployed, found)
    actual = Actual.of([_found(name, body) for name, body in found.items()], states)
    return replace(actual, managers=OthersManagers(others, subscriptions=frozenset({"s"})))


def _managed(
    manager: str, case: Mapping[str, Any], found: dict[str, Json]
) -> tuple[GoalState, ...]:
    """Add a manager and what stands in it to what is found; return its goal states."""
    found[manager] = {"properties": {"networkManagerScopes": _scope(case)}}
    states: list[GoalState] = []
    for number, item in enumerate(case.get("meshes", ())):
        found |= _mesh(manager, f"mesh{number}", item)
        states += _commits(
            "Connectivity", f"{manager}/connectivityConfigurations/mesh{number}", item
        )
    for number, item in enumerate(case.get("admin", ())):
        committed = _admin(manager, f"admin{number}", item)
        content = {same_id(name): _found(name, body) for name, body in committed.items()}
        now = {**item, "rules": item["now"]} if "now" in item else item
        found |= _admin(manager, f"admin{number}", now)
        configuration = f"{manager}/securityAdminConfigurations/admin{number}"
        states += [
            replace(state, content=content if "now" in item else None)
            for state in _commits("SecurityAdmin", configuration, item)
        ]
    for number, item in enumerate(case.get("routing", ())):
        found |= _routing(manager, f"routing{number}", item)
        states += _commits("Routing", f"{manager}/routingConfigurations/routing{number}", item)
    return tuple(states)


def _found(name: str, body: Json) -> Found:
    return Found("", name, {"id": name, **body})


def _scope(case: Mapping[str, Any]) -> Json:
    if above := case.get("management_group"):
        return {"managementGroups": [f"{_MANAGEMENT_GROUPS}/{above}"]}
    return {"subscriptions": case.get("scope", ["/subscriptions/s"])}


# -- networks ----------------------------------------------------------------------------


def _network(name: str, network: Json) -> dict[str, Json]:
    region, space = network.get("region", "eastus"), network["space"]
    found: dict[str, Json] = {}
    subnets = []
    for subnet, value in network["subnets"].items():
        fields: Json = {"prefix": value} if isinstance(value, str) else value
        properties: Json = {"addressPrefix": fields["prefix"]}
        if "routes" in fields:
            table = f"{_NETWORK}/routeTables/{name}-{subnet}"
            found[table] = _table(region, fields)
            properties["routeTable"] = {"id": table}
        if "rules" in fields:
            group = f"{_NETWORK}/networkSecurityGroups/{name}-{subnet}"
            rules = [security_rule(number, rule) for number, rule in enumerate(fields["rules"])]
            found[group] = {"location": region, "properties": {"securityRules": rules}}
            properties["networkSecurityGroup"] = {"id": group}
        if fields.get("outbound") is False:
            properties["defaultOutboundAccess"] = False
        if "delegated" in fields:
            delegated = {"serviceName": fields["delegated"]}
            properties["delegations"] = [{"name": "d", "properties": delegated}]
        for endpoints in ("serviceEndpoints", "privateEndpoints"):
            if given := fields.get(endpoints):
                key = "service" if endpoints == "serviceEndpoints" else "id"
                properties[endpoints] = [{key: name} for name in given]
        found |= _interfaces(fields.get("interfaces", {}), region, properties)
        if fields.get("gateway"):
            properties["applicationGatewayIPConfigurations"] = [{"id": f"{name}-gateway"}]
        subnets.append({"name": subnet, "properties": properties})
    prefixes = space if isinstance(space, list) else [space]
    found[network_id(name)] = {
        "location": region,
        "properties": {"addressSpace": {"addressPrefixes": prefixes}, "subnets": subnets},
    }
    if "firewall" in network:
        found |= _firewall(name, region, network)
    return found


def _interfaces(interfaces: Json, region: str, subnet: Json) -> dict[str, Json]:
    """Put interfaces into a subnet; return the security groups that they have."""
    found: dict[str, Json] = {}
    for name, rules in interfaces.items():
        interface = f"{_NETWORK}/networkInterfaces/{name}"
        users = subnet.setdefault("ipConfigurations", [])
        users.append({"id": f"{interface}/ipConfigurations/ip"})
        if rules is not None:
            properties = {
                "securityRules": [security_rule(*item) for item in enumerate(rules)],
                "networkInterfaces": [{"id": interface}],
            }
            group = f"{_NETWORK}/networkSecurityGroups/of-{name}"
            found[group] = {"location": region, "properties": properties}
    return found


def table(name: str, region: str, routes: Json) -> Found:
    """Return a route table by itself, with routes as subnets have them."""
    return _found(f"{_NETWORK}/routeTables/{name}", _table(region, {"routes": routes}))


def _table(region: str, fields: Json) -> Json:
    routes = [
        {"name": prefix, "properties": {"addressPrefix": prefix, **_hop(hop)}}
        for prefix, hop in fields["routes"].items()
    ]
    properties: Json = {"routes": routes}
    if fields.get("without_peerings"):
        properties["disablePeeringRoute"] = "All"
    return {"location": region, "properties": properties}


def _hop(hop: str) -> Json:
    if hop in _HOPS:
        return {"nextHopType": _HOPS[hop]}
    return {"nextHopType": "VirtualAppliance", "nextHopIpAddress": hop}


def _firewall(name: str, region: str, network: Json) -> dict[str, Json]:
    inner = {"subnet": {"id": f"{network_id(name)}/subnets/AzureFirewallSubnet"}}
    if network["firewall"] is not None:
        inner["privateIPAddress"] = network["firewall"]
    properties: Json = {
        "ipConfigurations": [{"properties": inner}],
        "provisioningState": network.get("state", "Succeeded"),
    }
    if "classic" in network:
        properties |= _classic(network["classic"])
    else:
        policy = f"{_NETWORK}/firewallPolicies/{network.get('policy', 'default')}"
        properties["firewallPolicy"] = {"id": policy}
    name = f"{_NETWORK}/azureFirewalls/afw-{name}"
    return {name: {"location": region, "properties": properties}}


def _peering(line: str, networks: Json) -> dict[str, Json]:
    """Read `a - b` (both sides), `a > b` (one side), with the signs of the README after a name."""
    one, sign, other = line.split()
    sides = [(one, other)] if sign == ">" else [(one, other), (other, one)]
    found = {}
    for source, target in sides:
        here, there = source.rstrip("!~#"), target.rstrip("!~#")
        properties = {
            "remoteVirtualNetwork": {"id": network_id(there)},
            "allowForwardedTraffic": not source.endswith("!"),
            "allowVirtualNetworkAccess": not source.endswith("~"),
            "peerCompleteVnets": not source.endswith("#"),
            **_spaces(networks.get(there, {})),
        }
        name = f"to-{there.rsplit('/', 1)[-1]}"
        found[f"{network_id(here)}/virtualNetworkPeerings/{name}"] = {"properties": properties}
    return found


def _spaces(remote: Json) -> Json:
    """Return what a peering says of its remote that has grown since; else nothing is said."""
    if "peered_as" not in remote:
        return {}
    return {
        "remoteAddressSpace": {"addressPrefixes": remote["peered_as"]},
        "enableOnlyIPv6Peering": all(":" in prefix for prefix in remote["peered_as"]),
        "remoteVirtualNetworkAddressSpace": {"addressPrefixes": remote["space"]},
    }


# -- rules -------------------------------------------------------------------------------


def _split(rule: str) -> tuple[str, ...]:
    """`allow in tcp 443 from A to B` as (allow, in, tcp, 443, A, B)."""
    words = rule.split()
    head, tail = words[: words.index("from")], words[words.index("from") + 1 :]
    return (*head, tail[0], tail[-1])


def _source_port(rule: str) -> str:
    """Return the port that a rule's sender sends from, `from A port 53`; any where it has none."""
    return rule.partition(" port ")[2].partition(" ")[0] or "*"


_ACCESS = {"allow": "Allow", "deny": "Deny", "always": "AlwaysAllow", "dnat": "Dnat"}
_CLASSIC = {"NetworkRule": "network", "ApplicationRule": "application", "NatRule": "nat"}
_DIRECTION = {"in": "Inbound", "out": "Outbound"}


def security_rule(number: int, rule: str) -> Json:
    """Return a rule of a security group: `allow in tcp 443 from A to B`."""
    access, direction, protocol, port, source, target = _split(rule)
    properties = {
        "access": _ACCESS[access],
        "direction": _DIRECTION[direction],
        "protocol": "*" if protocol == "any" else protocol,
        "priority": 100 + number,
        **_group_end("source", source),
        "sourcePortRange": _source_port(rule),
        **_group_end("destination", target),
        "destinationPortRange": port,
    }
    return {"name": f"r{number}", "properties": properties}


def _group_end(side: str, text: str) -> Json:
    """Return an end of a security group's rule: an address, a tag, or `@name` of a group."""
    if text.startswith("@"):
        group = f"{_NETWORK}/applicationSecurityGroups/{text[1:]}"
        return {f"{side}ApplicationSecurityGroups": [{"id": group}]}
    return {f"{side}AddressPrefix": text}


def _policy(name: str, policy: Json) -> dict[str, Json]:
    whole = name if name.startswith("/") else f"{_NETWORK}/firewallPolicies/{name}"
    properties: Json = {}
    if "parent" in policy:
        properties["basePolicy"] = {"id": f"{_NETWORK}/firewallPolicies/{policy['parent']}"}
    if "snat" in policy:
        properties["snat"] = {"privateRanges": policy["snat"]}
    if policy.get("learns"):
        properties["snat"] = {**properties.get("snat", {}), "autoLearnPrivateRanges": "Enabled"}
    collections = [
        {
            "name": f"c{number}",
            "priority": 1000 + number,
            "action": {"type": _ACCESS[rule.split()[0]]},
            "rules": [{"name": f"r{number}", **_firewall_rule(rule)}],
        }
        for number, rule in enumerate(policy["rules"])
    ]
    group = {"priority": 100, "ruleCollections": collections}
    return {
        whole: {"properties": properties},
        f"{whole}/ruleCollectionGroups/g": {"properties": group},
    }


def _classic(classic: Json) -> Json:
    """Return the rules of a firewall without a policy, a collection each, the last one first."""
    found: Json = {f"{kind}RuleCollections": [] for kind in _CLASSIC.values()}
    for number, text in enumerate(classic["rules"]):
        rule = {"name": f"r{number}", **_firewall_rule(text)}
        kind = _CLASSIC[rule.pop("ruleType")]
        if kind != "application":
            rule["protocols"] = rule.pop("ipProtocols")
        action = {"type": _ACCESS[text.split()[0]]}
        properties = {"priority": 1000 + number, "action": action, "rules": [rule]}
        found[f"{kind}RuleCollections"].insert(0, {"name": f"c{number}", "properties": properties})
    if "snat" in classic:
        ranges = " , ".join(classic["snat"])
        found["additionalProperties"] = {"Network.SNAT.PrivateRanges": ranges}
    return found


def _ip_group(name: str) -> str:
    return f"{_NETWORK}/ipGroups/{name}"


def _end(side: str, text: str) -> Json:
    """Return an end of a firewall's rule: an address, or `@name` of an IP group."""
    if text.startswith("@"):
        return {f"{side}IpGroups": [_ip_group(text[1:])]}
    return {f"{side}Addresses": [text]}


def _firewall_rule(rule: str) -> Json:
    words = rule.split()
    if words[1] == "name":
        return {
            "ruleType": "ApplicationRule",
            "protocols": [{"protocolType": "Https", "port": 443}],
            "targetFqdns": [words[2]],
            **_end("source", words[4]),
        }
    if words[0] == "dnat":
        return _translation(rule)
    _, protocol, port, source, target = _split(rule)
    return {
        "ruleType": "NetworkRule",
        "ipProtocols": [protocol.capitalize() if protocol == "any" else protocol.upper()],
        **_end("source", source),
        **_end("destination", target),
        "destinationPorts": [port],
    }


def _translation(rule: str) -> Json:
    """Return a DNAT rule: `dnat tcp 443 from A to B on C:8443`, an address or a name."""
    rule, _, on = rule.partition(" on ")
    _, protocol, port, source, target = _split(rule)
    to, _, to_port = on.partition(":")
    return {
        "ruleType": "NatRule",
        "ipProtocols": [protocol.upper()],
        **_end("source", source),
        "destinationAddresses": [target],
        "destinationPorts": [port],
        "translatedFqdn" if to[-1].isalpha() else "translatedAddress": to,
        "translatedPort": to_port,
    }


# -- the network manager -----------------------------------------------------------------


def _group(manager: str, name: str, members: list[str]) -> dict[str, Json]:
    group = f"{manager}/networkGroups/{name}"
    found: dict[str, Json] = {group: {"properties": {"memberType": "VirtualNetwork"}}}
    for member in members:
        name = member.rsplit("/", 1)[-1]
        body = {"properties": {"resourceId": network_id(member)}}
        found[f"{group}/staticMembers/{name}"] = body
    return found


def _mesh(manager: str, name: str, mesh: Json) -> dict[str, Json]:
    everywhere = str(mesh["global"])
    applies = {"networkGroupId": f"{manager}/networkGroups/{name}", "isGlobal": everywhere}
    properties = {
        "connectivityTopology": "Mesh",
        "isGlobal": everywhere,
        "appliesToGroups": [applies],
    }
    configuration = f"{manager}/connectivityConfigurations/{name}"
    return {**_group(manager, name, mesh["members"]), configuration: {"properties": properties}}


def _admin(manager: str, name: str, admin: Json) -> dict[str, Json]:
    configuration = f"{manager}/securityAdminConfigurations/{name}"
    collection = f"{configuration}/ruleCollections/c"
    applies = [{"networkGroupId": f"{manager}/networkGroups/{name}"}]
    found = {
        **_group(manager, name, admin["on"]),
        configuration: {
            "properties": {"applyOnNetworkIntentPolicyBasedServices": admin.get("services", [])}
        },
        collection: {"properties": {"appliesToGroups": applies}},
    }
    for number, rule in enumerate(admin["rules"]):
        access, direction, protocol, port, source, target = _split(rule)
        properties = {
            "access": _ACCESS[access],
            "direction": _DIRECTION[direction],
            "protocol": protocol.capitalize(),
            "priority": 10 + number,
            "sources": [_admin_end(manager, source)],
            "destinations": [_admin_end(manager, target)],
            "sourcePortRanges": [_source_port(rule)],
            "destinationPortRanges": [port],
        }
        found[f"{collection}/rules/r{number}"] = {"properties": properties}
    return found


def _admin_end(manager: str, text: str) -> Json:
    """Return an end of an admin rule: an address, a service tag, or `@name` of a network group."""
    if text.startswith("@"):
        group = f"{manager}/networkGroups/{text[1:]}"
        return {"addressPrefix": group, "addressPrefixType": "NetworkGroup"}
    kind = "ServiceTag" if text[0].isalpha() else "IPPrefix"
    return {"addressPrefix": text, "addressPrefixType": kind}


def _routing(manager: str, name: str, routing: Json) -> dict[str, Json]:
    configuration = f"{manager}/routingConfigurations/{name}"
    collection = f"{configuration}/ruleCollections/c"
    applies = [{"networkGroupId": f"{manager}/networkGroups/{name}"}]
    found = {
        **_group(manager, name, routing["on"]),
        configuration: {"properties": {}},
        collection: {"properties": {"appliesTo": applies}},
    }
    for number, (prefix, hop) in enumerate(routing["routes"].items()):
        kind = _MANAGER_HOPS.get(hop, "VirtualAppliance")
        following = {"nextHopType": kind, "nextHopAddress": "" if hop in _HOPS else hop}
        properties = {
            "destination": {"type": "AddressPrefix", "destinationAddress": prefix},
            "nextHop": following,
        }
        found[f"{collection}/rules/r{number}"] = {"properties": properties}
    return found


def _commits(commit_type: str, configuration: str, item: Json) -> Iterator[GoalState]:
    for region in item["regions"]:
        status = item.get("status", "Deployed")
        yield GoalState(region, commit_type, (configuration,), status)
