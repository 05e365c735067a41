"""Small networks that nobody would build, as bodies of Azure's: for laws that hold for all.

A sketch lists resources in an order in which they can be put, and what is committed where.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from hypothesis import strategies as st

from topology.planning.actual import Actual, Found, GoalState

SUBSCRIPTION = "00000000-0000-4000-8000-000000000001"
_ELSEWHERE = "00000000-0000-4000-8000-000000000002"
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-sketch"
_NETWORK = f"{GROUP}/providers/Microsoft.Network"
MANAGER = f"{_NETWORK}/networkManagers/manager"
REGIONS = ("eastus", "westeurope", "polandcentral")  # the last has no connected groups
_PUBLIC = "203.0.113.0/24"
_PORTS = ("*", "443", "1000-2000")
_SERVICES = (
    "Microsoft.Sql/managedInstances",
    "Microsoft.Databricks/workspaces",
    "Microsoft.Web/serverFarms",
)

Json = dict[str, Any]


@dataclass
class Sketch:
    """Resources by id, and the configurations that are committed: by type and region.

    `later` is put in the place of resources when all has come into effect.
    """

    resources: dict[str, Json] = field(default_factory=dict)
    commits: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    later: dict[str, Json] = field(default_factory=dict)

    def actual(self) -> Actual:
        """Return what Azure would hold, if it took all of it."""
        bodies = {**self.resources, **self.later}
        found = [Found("", name, {"id": name, **body}) for name, body in bodies.items()]
        states = [
            GoalState(region, commit_type, tuple(ids))
            for (commit_type, region), ids in self.commits.items()
        ]
        return Actual.of(found, {MANAGER: tuple(states)})


def network_id(number: int) -> str:
    """Return the id of a network of a sketch."""
    return f"{_NETWORK}/virtualNetworks/v{number}"


@st.composite
def sketches(draw: st.DrawFn) -> Sketch:
    """Return two to five networks with anything between and around them."""
    count = draw(st.integers(2, 5))
    spaces = [f"10.{number}" for number in range(count)]
    if draw(st.integers(0, 4)) == 0:
        spaces[-1] = spaces[0]  # two networks with the same addresses
    walled = [number < 2 or draw(st.booleans()) for number in range(count)]
    sketch = Sketch()
    draws = _Draws(draw, sketch, spaces, walled)
    draws.tables()
    draws.groups()
    draws.networks()
    draws.peerings()
    draws.policies()
    draws.firewalls()
    draws.manager()
    draws.changes()
    return sketch


class _Draws:
    def __init__(
        self, draw: st.DrawFn, sketch: Sketch, spaces: list[str], walled: list[bool]
    ) -> None:
        self.draw, self.sketch, self.spaces, self.walled = draw, sketch, spaces, walled
        self.regions = [draw(st.sampled_from(REGIONS)) for _ in spaces]
        self.prefixes = [
            "0.0.0.0/0",
            "10.0.0.0/8",
            _PUBLIC,
            *(f"{space}.0.0/16" for space in spaces),
            *(f"{space}.1.0/24" for space in spaces),
            f"{spaces[0]}.0.4/31",  # some addresses of a firewall's subnet
        ]

    def put(self, path: str, body: Json) -> str:
        name = path if path.startswith("/") else f"{_NETWORK}/{path}"
        self.sketch.resources[name] = body
        return name

    def some(self, values: Any, least: int = 0, most: int = 3) -> list[Any]:
        found = st.lists(st.sampled_from(list(values)), min_size=least, max_size=most, unique=True)
        return list(self.draw(found))

    def often(self) -> bool:
        return self.draw(st.integers(0, 3)) > 0

    def seldom(self) -> bool:
        return self.draw(st.integers(0, 7)) == 0

    # -- routes and rules ----------------------------------------------------------------

    def tables(self) -> None:
        self.table_ids = [
            self._table(f"t{number}", region) for number, region in enumerate(REGIONS)
        ]
        self.wall_tables = [
            self._table(f"w{number}", region, wall=True) for number, region in enumerate(REGIONS)
        ]

    def _table(self, name: str, region: str, *, wall: bool = False) -> str:
        usual = [] if wall else ["0.0.0.0/0"] * self.often()
        prefixes = list(dict.fromkeys([*usual, *self.some(self.prefixes)]))
        routes = [
            self._route(f"r{number}", prefix)
            for number, prefix in enumerate(prefixes)
            if not (wall and prefix == "0.0.0.0/0")
        ]
        if wall:  # Azure asks for it at a firewall's subnet
            to_internet = {"addressPrefix": "0.0.0.0/0", "nextHopType": "Internet"}
            routes.append({"name": "out", "properties": to_internet})
        properties: Json = {"routes": routes, "disableBgpRoutePropagation": False}
        if self.seldom():
            properties["disablePeeringRoute"] = "All"
        return self.put(f"routeTables/{name}", {"location": region, "properties": properties})

    def _route(self, name: str, prefix: str) -> Json:
        return {"name": name, "properties": {"addressPrefix": prefix, **self._hop()}}

    def _hop(self) -> Json:
        others = ["Internet", "VnetLocal", "None", "VirtualNetworkGateway"]
        hop = self.draw(st.sampled_from(["VirtualAppliance"] * 9 + others))
        if hop != "VirtualAppliance":
            return {"nextHopType": hop}
        space = self.draw(st.sampled_from([*self.spaces, *self.spaces[:2] * 3]))
        # A firewall's, if the network is walled; seldom that of a machine which nobody reads.
        address = f"{space}.1.4" if self.seldom() else f"{space}.0.4"
        return {"nextHopType": hop, "nextHopIpAddress": address}

    def groups(self) -> None:
        self.group_ids = [
            self.put(
                f"networkSecurityGroups/n{number}",
                {"location": region, "properties": {"securityRules": self._security_rules()}},
            )
            for number, region in enumerate(REGIONS)
        ]

    def _security_rules(self) -> list[Json]:
        return [
            {
                "name": f"s{number}",
                "properties": {
                    "priority": 100 + number,
                    "access": self.draw(st.sampled_from(["Allow", "Deny"])),
                    "direction": self.draw(st.sampled_from(["Inbound", "Outbound"])),
                    "protocol": self.draw(st.sampled_from(["*", "Tcp", "Udp"])),
                    "sourceAddressPrefix": self._end("*", "VirtualNetwork"),
                    "sourcePortRange": "*",
                    "destinationAddressPrefix": self._end("*", "VirtualNetwork", "Internet"),
                    "destinationPortRange": self.draw(st.sampled_from(_PORTS)),
                },
            }
            for number in range(self.draw(st.integers(0, 3)))
        ]

    def _end(self, *more: str) -> str:
        found: str = self.draw(st.sampled_from([*self.prefixes, *more]))
        return found

    # -- networks ------------------------------------------------------------------------

    def networks(self) -> None:
        for number, space in enumerate(self.spaces):
            place = REGIONS.index(self.regions[number])
            subnets = [self._subnet(f"s{last}", f"{space}.{last}.0/24", place) for last in (1, 2)]
            if self.walled[number]:
                wall: Json = {"addressPrefix": f"{space}.0.0/26"}
                if self.often():
                    wall["routeTable"] = {"id": self.wall_tables[place]}
                subnets.append({"name": "AzureFirewallSubnet", "properties": wall})
            prefixes = [f"{space}.0.0/16"]
            if self.seldom():  # beside the rest, in no order
                prefixes.insert(0, f"172.{16 + number}.0.0/16")
            properties = {"addressSpace": {"addressPrefixes": prefixes}, "subnets": subnets}
            body = {"location": self.regions[number], "properties": properties}
            self.put(f"virtualNetworks/v{number}", body)

    def _subnet(self, name: str, prefix: str, place: int) -> Json:
        properties: Json = {"addressPrefix": prefix}
        if self.often():
            properties["routeTable"] = {"id": self.table_ids[place]}
        if self.draw(st.booleans()):
            properties["networkSecurityGroup"] = {"id": self.group_ids[place]}
        if self.draw(st.booleans()):
            properties["defaultOutboundAccess"] = False
        if self.seldom():
            service = {"serviceName": self.draw(st.sampled_from(_SERVICES))}
            properties["delegations"] = [{"name": "service", "properties": service}]
        return {"name": name, "properties": properties}

    def peerings(self) -> None:
        for one, other in combinations(range(len(self.spaces)), 2):
            if self.spaces[one] == self.spaces[other] or not self.often():
                continue
            sides = [(one, other), (other, one)]
            for source, target in sides[: 1 if self.seldom() else 2]:
                properties = {
                    "remoteVirtualNetwork": {"id": network_id(target)},
                    "allowVirtualNetworkAccess": not self.seldom(),
                    "allowForwardedTraffic": self.often(),
                }
                name = f"{network_id(source)}/virtualNetworkPeerings/to-v{target}"
                self.put(name, {"properties": properties})

    # -- firewalls -----------------------------------------------------------------------

    def policies(self) -> None:
        parent = self._policy("parent", {})
        base = {"basePolicy": {"id": parent}}
        self.policy_ids = [parent, self._policy("child", base)]

    def _policy(self, name: str, more: Json) -> str:
        ranges = self.draw(st.sampled_from([None, None, "10.0.0.0/15", "255.255.255.255/32"]))
        if ranges:  # the last one: all is translated
            more = {**more, "snat": {"privateRanges": [ranges]}}
        properties = {"sku": {"tier": "Standard"}, **more}
        policy = self.put(
            f"firewallPolicies/{name}", {"location": REGIONS[0], "properties": properties}
        )
        collections = [self._collection(number) for number in range(self.draw(st.integers(1, 2)))]
        group = {"properties": {"priority": 200, "ruleCollections": collections}}
        self.put(f"{policy}/ruleCollectionGroups/g", group)
        return policy

    def _collection(self, number: int) -> Json:
        return {
            "name": f"c{number}",
            "ruleCollectionType": "FirewallPolicyFilterRuleCollection",
            "priority": 300 + self.draw(st.integers(0, 1)) * 100 + number,
            "action": {"type": self.draw(st.sampled_from(["Allow", "Allow", "Allow", "Deny"]))},
            "rules": [
                {
                    "name": f"c{number}r{rule}",
                    "ruleType": "NetworkRule",
                    "ipProtocols": [self.draw(st.sampled_from(["Any", "TCP", "UDP"]))],
                    "sourceAddresses": [self._end("*", "*", "*")],
                    "destinationAddresses": [self._end("*", "*", "*")],
                    "destinationPorts": [self.draw(st.sampled_from(_PORTS))],
                }
                for rule in range(self.draw(st.integers(1, 2)))
            ],
        }

    def firewalls(self) -> None:
        for number, walled in enumerate(self.walled):
            if not walled:
                continue
            policy = self.draw(st.sampled_from(self.policy_ids))
            address = f"{_NETWORK}/publicIPAddresses/p{number}"
            body = {
                "location": self.regions[number],
                "sku": {"name": "Standard"},
                "properties": {"publicIPAllocationMethod": "Static"},
            }
            self.put(address, body)
            inner = {
                "subnet": {"id": f"{network_id(number)}/subnets/AzureFirewallSubnet"},
                "publicIPAddress": {"id": address},
                "privateIPAddress": f"{self.spaces[number]}.0.4",
            }
            properties = {
                "sku": {"name": "AZFW_VNet", "tier": "Standard"},
                "firewallPolicy": {"id": policy},
                "ipConfigurations": [{"name": "ip", "properties": inner}],
            }
            body = {"location": self.regions[number], "properties": properties}
            self.put(f"azureFirewalls/f{number}", body)

    # -- the network manager -------------------------------------------------------------

    def manager(self) -> None:
        scopes = {"subscriptions": [f"/subscriptions/{SUBSCRIPTION}"]}
        accesses = ["Connectivity", "SecurityAdmin", "Routing"]
        properties = {"networkManagerScopes": scopes, "networkManagerScopeAccesses": accesses}
        self.put(MANAGER, {"location": REGIONS[0], "properties": properties})
        group_ids = [self._group(f"g{number}") for number in range(2)]
        self.second = group_ids[1]
        self._commit("Connectivity", self._mesh(group_ids))
        self._commit("SecurityAdmin", self._admin(group_ids))
        self._commit("Routing", self._routing(group_ids))

    def _group(self, name: str) -> str:
        group = self.put(
            f"{MANAGER}/networkGroups/{name}", {"properties": {"memberType": "VirtualNetwork"}}
        )
        for number in self.some(range(len(self.spaces)), least=1, most=len(self.spaces)):
            body = {"properties": {"resourceId": network_id(number)}}
            self.put(f"{group}/staticMembers/m{number}", body)
        return group

    def _commit(self, commit_type: str, configuration: str) -> None:
        for region in self.some(REGIONS, least=1):
            self.sketch.commits[commit_type, region] = [configuration]

    def _mesh(self, groups: list[str]) -> str:
        everywhere = self.draw(st.sampled_from(["True", "False"]))
        applies = [
            {
                "networkGroupId": groups[0],
                "groupConnectivity": "DirectlyConnected",
                "isGlobal": everywhere,
                "useHubGateway": "False",
            }
        ]
        properties = {
            "connectivityTopology": "Mesh",
            "isGlobal": everywhere,
            "hubs": [],
            "appliesToGroups": applies,
        }
        return self.put(f"{MANAGER}/connectivityConfigurations/mesh", {"properties": properties})

    def _admin(self, groups: list[str]) -> str:
        services = self.draw(st.sampled_from([[], [], ["None"], ["All"], ["AllowRulesOnly"]]))
        configuration = self.put(
            f"{MANAGER}/securityAdminConfigurations/admin",
            {"properties": {"applyOnNetworkIntentPolicyBasedServices": services}},
        )
        collection = f"{configuration}/ruleCollections/c"
        applies = [{"networkGroupId": group} for group in self.some(groups, least=1, most=2)]
        self.put(collection, {"properties": {"appliesToGroups": applies}})
        for number in range(self.draw(st.integers(0, 3))):
            properties = {
                "access": self.draw(st.sampled_from(["Allow", "AlwaysAllow", "Deny"])),
                "direction": self.draw(st.sampled_from(["Inbound", "Outbound"])),
                "priority": 10 + number,
                "protocol": self.draw(st.sampled_from(["Any", "Tcp", "Udp"])),
                "sources": [{"addressPrefix": self._end("*"), "addressPrefixType": "IPPrefix"}],
                "destinations": [
                    {"addressPrefix": self._end("*"), "addressPrefixType": "IPPrefix"}
                ],
                "sourcePortRanges": ["0-65535"],
                "destinationPortRanges": [self.draw(st.sampled_from(["0-65535", "443"]))],
            }
            self.put(f"{collection}/rules/a{number}", {"kind": "Custom", "properties": properties})
        return configuration

    def _routing(self, groups: list[str]) -> str:
        configuration = self.put(f"{MANAGER}/routingConfigurations/routing", {"properties": {}})
        collection = f"{configuration}/ruleCollections/c"
        applies = [{"networkGroupId": groups[1]}]
        self.put(collection, {"properties": {"appliesTo": applies}})
        usual = ["0.0.0.0/0"] * self.often()
        prefixes = dict.fromkeys([*usual, *self.some(self.prefixes, most=2)])
        for number, prefix in enumerate(prefixes):
            hop = self._hop()
            kind = {"None": "NoNextHop"}.get(hop["nextHopType"], hop["nextHopType"])
            following = {"nextHopType": kind}
            if "nextHopIpAddress" in hop:
                following["nextHopAddress"] = hop["nextHopIpAddress"]
            properties = {
                "destination": {"type": "AddressPrefix", "destinationAddress": prefix},
                "nextHop": following,
            }
            self.put(f"{collection}/rules/r{number}", {"properties": properties})
        return configuration

    # -- afterwards ----------------------------------------------------------------------

    def changes(self) -> None:
        """Draw what is changed when all is in effect, and committed no more.

        Networks that have grown, admin rules and meshes that were edited, a scope that has moved.
        """
        for number in range(len(self.spaces)):
            if self.seldom():
                self._change(network_id(number), self._grown(number))
        for name in list(self.sketch.resources):
            if "/securityAdminConfigurations/" in name and self.seldom():
                self._edit_admin(name)
        if self.seldom():
            mesh = f"{MANAGER}/connectivityConfigurations/mesh"
            applies = self.sketch.resources[mesh]["properties"]["appliesToGroups"][0]
            self._change(mesh, {"appliesToGroups": [{**applies, "networkGroupId": self.second}]})
        if self.seldom():
            scopes = {"subscriptions": [f"/subscriptions/{_ELSEWHERE}"]}
            self._change(MANAGER, {"networkManagerScopes": scopes})

    def _edit_admin(self, name: str) -> None:
        if "/rules/" in name:
            access = self.draw(st.sampled_from(["Allow", "AlwaysAllow", "Deny"]))
            self._change(name, {"access": access})
        elif "/ruleCollections/" in name:
            self._change(name, {"appliesToGroups": [{"networkGroupId": self.second}]})

    def _grown(self, number: int) -> Json:
        there = self.sketch.resources[network_id(number)]["properties"]["addressSpace"]
        prefixes = [*there["addressPrefixes"], f"172.{24 + number}.0.0/16"]
        return {"addressSpace": {"addressPrefixes": prefixes}}

    def _change(self, name: str, properties: Json) -> None:
        body = self.sketch.resources[name]
        self.sketch.later[name] = {**body, "properties": {**body["properties"], **properties}}
