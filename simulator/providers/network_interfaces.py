"""Microsoft.Network/networkInterfaces: an address in a subnet, and what reaches it.

There are no virtual machines here: Azure answers the two questions on effective routes and
rules only for an interface of a running machine, the simulator for every interface.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar

from simulator.arm.call import Call, Reply
from simulator.arm.draft import Draft, arranged, linked_ids
from simulator.arm.errors import invalid_request
from simulator.arm.families import Family
from simulator.arm.operations import Operation
from simulator.arm.provider import Action, Provider
from simulator.arm.store import Resource
from simulator.arm.world import World
from simulator.avnm.effective_routes import effective_routes, neighbours, route_table_answer
from simulator.avnm.route_wishes import RESERVED_SUBNETS
from simulator.avnm.security_groups import effective_groups
from simulator.providers import private_addresses
from simulator.providers.addresses import prefixes_of
from simulator.providers.ip_configurations import (
    configuration_id,
    move_in,
    move_out,
    tenancies,
)

TYPE = "Microsoft.Network/networkInterfaces"
_SEGMENT = "ipConfigurations"
_CONFIGURATION = (
    "provisioningState",
    "privateIPAddress",
    "privateIPAllocationMethod",
    "publicIPAddress",
    "subnet",
)


class QuestionFamily(Family):
    """A POST that takes its time: 202 with a Location, whose last answer is 200 with a body."""

    def result_reply(self, call: Call, operation: Operation) -> Reply:
        """Return 202 while it runs, then the answer (recordings.md section 4)."""
        headers = self.poll_headers(call, operation)
        del headers["Azure-AsyncOperation"]
        if not operation.is_done:
            return Reply(202, None, headers)
        return Reply(200, operation.notes["answer"])


QUESTION = QuestionFamily()


class NetworkInterfaces(Provider):
    """Interfaces; each of their ipConfigurations takes an address of its subnet."""

    type = TYPE
    operation_name = "NetworkInterface"
    key_order = ("name", "id", "etag", "location", "tags", "properties", "type")
    extras = ("extendedLocation",)
    layout = (
        _SEGMENT,
        "dnsSettings",
        "enableAcceleratedNetworking",
        "vnetEncryptionSupported",
        "enableIPForwarding",
        "disableTcpStateTracking",
        "networkSecurityGroup",
        "hostedWorkloads",
        "tapConfigurations",
        "nicType",
        "auxiliaryMode",
        "auxiliarySku",
    )
    # The swagger's example of a create, and its read-only properties.
    defaults: ClassVar[Mapping[str, Any]] = {
        _SEGMENT: [],
        "dnsSettings": {"dnsServers": []},
        "enableAcceleratedNetworking": False,
        "enableIPForwarding": False,
        "disableTcpStateTracking": False,
        "nicType": "Standard",
        "auxiliaryMode": "None",
        "auxiliarySku": "None",
    }
    # Not recorded with 2020-03-01; where after it they begin is `assumed`.
    since: ClassVar[Mapping[str, str]] = dict.fromkeys(
        ("disableTcpStateTracking", "vnetEncryptionSupported", "auxiliaryMode", "auxiliarySku"),
        "2021-02-01",
    )
    read_only = frozenset(
        {
            "vnetEncryptionSupported",
            "hostedWorkloads",
            "tapConfigurations",
            "macAddress",
            "primary",
            "virtualMachine",
            "privateEndpoint",
            "defaultOutboundConnectivityEnabled",
        }
    )

    @property
    def actions(self) -> Mapping[str, Action]:
        """Return the two questions."""
        return {
            "effectiveroutetable": lambda call, nic: _ask(self, call, nic, _routes),
            "effectivenetworksecuritygroups": lambda call, nic: _ask(self, call, nic, _groups),
        }

    def adjust(self, draft: Draft) -> None:
        """Keep of the ipConfigurations what can be asked for."""
        given = draft.properties[_SEGMENT]
        draft.properties[_SEGMENT] = [
            _configuration(item, is_first=position == 0) for position, item in enumerate(given)
        ]
        servers = draft.properties["dnsSettings"].get("dnsServers") or []
        draft.properties["dnsSettings"] = {"dnsServers": servers}
        for group in linked_ids(draft.properties.get("networkSecurityGroup")):
            draft.properties["networkSecurityGroup"] = {"id": group}

    def references(self, draft: Draft) -> Iterable[str]:
        """Return subnets, public addresses and the security group."""
        yield from linked_ids(draft.properties.get("networkSecurityGroup"))
        for item in draft.properties[_SEGMENT]:
            yield from linked_ids(item["properties"].get("subnet"))
            yield from linked_ids(item["properties"].get("publicIPAddress"))

    def validate(self, draft: Draft, call: Call, existing: Resource | None) -> None:
        """Check that each configuration has a subnet and a free address; codes `assumed`."""
        if not draft.properties[_SEGMENT]:
            raise invalid_request(
                f"Network interface {draft.id.text} must have at least one ipConfiguration.",
                "NetworkInterfaceMustHaveAtLeastOneIpConfiguration",
            )
        for item in draft.properties[_SEGMENT]:
            subnet = _subnet_of(item, call.world)
            if subnet is None:
                raise invalid_request(
                    f"Subnet reference is required for ipconfiguration "
                    f"{configuration_id(draft, _SEGMENT, item['name'])}.",
                    "SubnetIsRequired",
                )
            if subnet.name.lower() in RESERVED_SUBNETS:
                raise invalid_request(
                    f"Subnet {subnet.id.text} is reserved and cannot hold {draft.id.text}.",
                    "SubnetIsReserved",
                )
            self._check_address(draft, item, subnet, call.world)
            is_in = existing is not None and subnet.key in tenancies(existing)
            if not is_in:
                private_addresses.refuse_excess(subnet, call.world)
            if not is_in and private_addresses.first_free(subnet, call.world) is None:
                raise invalid_request(
                    f"Subnet {subnet.name} does not have enough capacity for 1 IP addresses.",
                    "SubnetIsFull",
                )

    def _check_address(
        self, draft: Draft, item: dict[str, Any], subnet: Resource, world: World
    ) -> None:
        wanted = item["properties"].get("privateIPAddress")
        if item["properties"]["privateIPAllocationMethod"] != "Static" or not wanted:
            return
        if not private_addresses.is_within(wanted, subnet):
            raise invalid_request(
                f"Private static IP address {wanted} does not belong to the range of subnet "
                f"prefix {', '.join(prefixes_of(subnet.properties))}.",
                "PrivateIPAddressNotInSubnet",
            )
        own = configuration_id(draft, _SEGMENT, item["name"])
        holder = private_addresses.taken(subnet, world).get(wanted, own)
        if holder.lower() != own.lower():
            raise invalid_request(
                f"IP configuration {own} is using the private IP address {wanted} which is "
                f"already allocated to resource {holder}.",
                "PrivateIPAddressIsAllocated",
            )

    def locks(self, call: Call) -> frozenset[str]:
        """Return the interface alone: its network takes other writes meanwhile, `assumed`."""
        return frozenset({call.id.key})

    def operate(self, call: Call, resource: Resource, change: str) -> Operation:  # noqa: ARG002
        """Return an operation that has ended: the answer to the PUT reads Succeeded.

        Recording test_cli_mgmt_network_virtual_network.
        """
        return super().operate(call, resource, "none")

    def on_written(self, resource: Resource, call: Call) -> None:
        """Take addresses and subnets at once."""
        world = call.world
        before: dict[str, str] = resource.hidden.get("private_addresses", {})
        resource.hidden["private_addresses"] = {}
        resource.hidden.setdefault("suffix", f"{world.random.getrandbits(128):032x}"[:25])
        for item in resource.properties[_SEGMENT]:
            own = configuration_id(resource, _SEGMENT, item["name"])
            subnet = _subnet_of(item, world)
            if subnet is not None:
                wanted = item["properties"].get("privateIPAddress") or before.get(own, "")
                resource.hidden["private_addresses"][own] = (
                    wanted
                    if private_addresses.is_within(wanted, subnet)
                    else private_addresses.first_free(subnet, world) or ""
                )
        move_in(resource, _SEGMENT, resource.properties[_SEGMENT], world)

    def on_deleted(self, resource: Resource, world: World) -> None:
        """Leave the subnet."""
        move_out(resource, world)

    def computed(self, resource: Resource, world: World) -> dict[str, Any]:
        """Return the ipConfigurations with their addresses, and what is never asked for."""
        state = world.state_of(resource)
        return {
            _SEGMENT: [_shown(resource, item, state) for item in resource.properties[_SEGMENT]],
            "dnsSettings": {
                **resource.properties["dnsSettings"],
                "appliedDnsServers": [],
                "internalDomainNameSuffix": f"{resource.hidden['suffix']}.bx.internal.cloudapp.net",
            },
            "vnetEncryptionSupported": False,
            "hostedWorkloads": [],
            "tapConfigurations": [],
        }


def _configuration(given: dict[str, Any], *, is_first: bool) -> dict[str, Any]:
    values = given.get("properties") or {}
    kept = {
        name: {"id": found[0]}
        for name in ("publicIPAddress", "subnet")
        if (found := linked_ids(values.get(name)))
    }
    method = values.get("privateIPAllocationMethod") or "Dynamic"
    if method == "Static" and values.get("privateIPAddress"):
        kept["privateIPAddress"] = values["privateIPAddress"]
    return {
        "name": given.get("name"),
        "properties": {
            **kept,
            "privateIPAllocationMethod": method,
            "primary": bool(values.get("primary", is_first)),
            "privateIPAddressVersion": values.get("privateIPAddressVersion") or "IPv4",
        },
    }


def _shown(interface: Resource, item: dict[str, Any], state: str) -> dict[str, Any]:
    own = configuration_id(interface, _SEGMENT, item["name"])
    return {
        "name": item["name"],
        "id": own,
        "etag": interface.etag,
        "type": f"{TYPE}/{_SEGMENT}",
        "properties": arranged(
            {
                "provisioningState": state,
                **item["properties"],
                "privateIPAddress": interface.hidden["private_addresses"].get(own, ""),
            },
            _CONFIGURATION,
        ),
    }


def _subnet_of(item: dict[str, Any], world: World) -> Resource | None:
    found = linked_ids(item["properties"].get("subnet"))
    return world.store.find(found[0]) if found else None


def _routes(world: World, subnet: Resource, interface: Resource) -> dict[str, Any]:  # noqa: ARG001
    routes = effective_routes(world, subnet, neighbours(world))
    return route_table_answer(world, subnet, routes)


def _groups(world: World, subnet: Resource, interface: Resource) -> dict[str, Any]:
    return effective_groups(world, subnet, interface)


def _ask(
    provider: NetworkInterfaces,
    call: Call,
    interface: Resource,
    question: Callable[[World, Resource, Resource], dict[str, Any]],
) -> Reply:
    """Accept a question; its answer is that of the moment when it is ready."""
    world = call.world
    subnet = _subnet_of(interface.properties[_SEGMENT][0], world)
    seconds = world.draw(world.settings.duration(TYPE, "question"))
    operation = provider.new_operation(call, interface, "Question", seconds, frozenset())
    operation.family = QUESTION

    def answer() -> None:
        operation.notes["answer"] = question(world, subnet, interface) if subnet else {"value": []}

    world.operations.start(operation, answer)
    headers = QUESTION.poll_headers(call, operation)
    del headers["Azure-AsyncOperation"]
    return Reply(202, None, headers)
