"""Microsoft.Network/virtualNetworkGateways: as much as peerings and their networks show."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from simulator.arm.call import Call
from simulator.arm.draft import Draft, arranged, linked_ids
from simulator.arm.provider import Provider
from simulator.arm.store import Resource
from simulator.arm.world import World
from simulator.providers.addresses import networks, prefixes_of
from simulator.providers.ip_configurations import configuration_id, kept, move_in, move_out

TYPE = "Microsoft.Network/virtualNetworkGateways"
_SEGMENT = "ipConfigurations"
_OLDEST_WITH_RULES = "2021-02-01"


class VirtualNetworkGateways(Provider):
    """Gateways: they take a quarter of an hour, and live in their network's GatewaySubnet.

    Bodies are those of recordings test_network_vnet_peering (api 2023-09-01) and
    test_cli_mgmt_network_virtual_network (2020-03-01); in which version between them a
    property came is `assumed`.
    """

    type = TYPE
    operation_name = "VirtualNetworkGateway"
    # No list of a whole subscription (the swagger has none).
    scopes = frozenset({"resourceGroup"})
    has_etag_header = False
    layout = (
        "packetCaptureDiagnosticState",
        "enablePrivateIpAddress",
        "isMigrateToCSES",
        _SEGMENT,
        "natRules",
        "virtualNetworkGatewayPolicyGroups",
        "enableBgpRouteTranslationForNat",
        "disableIPSecReplayProtection",
        "sku",
        "gatewayType",
        "vpnType",
        "enableBgp",
        "activeActive",
        "vpnClientConfiguration",
        "bgpSettings",
        "customRoutes",
        "vpnGatewayGeneration",
        "enableDnsForwarding",
        "allowRemoteVnetTraffic",
        "allowVirtualWanTraffic",
    )
    defaults: ClassVar[Mapping[str, Any]] = {
        "packetCaptureDiagnosticState": "None",
        "enablePrivateIpAddress": False,
        "isMigrateToCSES": False,
        "natRules": [],
        "virtualNetworkGatewayPolicyGroups": [],
        "enableBgpRouteTranslationForNat": False,
        "disableIPSecReplayProtection": False,
        "enableBgp": False,
        "activeActive": False,
        "vpnGatewayGeneration": "Generation1",
        "allowRemoteVnetTraffic": False,
        "allowVirtualWanTraffic": False,
    }
    since: ClassVar[Mapping[str, str]] = dict.fromkeys(
        (
            "isMigrateToCSES",
            "natRules",
            "virtualNetworkGatewayPolicyGroups",
            "enableBgpRouteTranslationForNat",
            "disableIPSecReplayProtection",
            "allowRemoteVnetTraffic",
            "allowVirtualWanTraffic",
        ),
        _OLDEST_WITH_RULES,
    )

    def adjust(self, draft: Draft) -> None:
        """Complete the SKU, and keep of the ipConfigurations what can be asked for."""
        sku = draft.properties.get("sku") or {"name": "VpnGw1", "tier": "VpnGw1"}
        draft.properties["sku"] = {**sku, "capacity": 2}
        given = draft.properties.get(_SEGMENT) or []
        draft.properties[_SEGMENT] = [kept(item) for item in given]

    def references(self, draft: Draft) -> Iterable[str]:
        """Return subnets and public addresses."""
        for item in draft.properties[_SEGMENT]:
            yield from linked_ids(item["properties"].get("subnet"))
            yield from linked_ids(item["properties"].get("publicIPAddress"))

    def on_written(self, resource: Resource, call: Call) -> None:
        """Take the subnet and the addresses at once."""
        move_in(resource, _SEGMENT, resource.properties[_SEGMENT], call.world)

    def on_done(self, resource: Resource, world: World) -> None:  # noqa: ARG002
        """Have an address to speak BGP from."""
        resource.hidden["deployed"] = True

    def on_deleted(self, resource: Resource, world: World) -> None:
        """Leave the subnet."""
        move_out(resource, world)

    def computed(self, resource: Resource, world: World) -> dict[str, Any]:
        """Return the ipConfigurations, and what the gateway knows of BGP and of clients."""
        state = world.state_of(resource)
        shown: dict[str, Any] = {
            _SEGMENT: [
                self._shown_configuration(resource, item, state)
                for item in resource.properties[_SEGMENT]
            ],
            "bgpSettings": _bgp(resource, world),
        }
        asked = "vpnClientConfiguration" in resource.properties
        if "deployed" not in resource.hidden and not asked:
            # Shown until the gateway is there (test_network_vnet_peering).
            shown["vpnClientConfiguration"] = _clients(world)
        return shown

    def _shown_configuration(
        self, gateway: Resource, item: dict[str, Any], state: str
    ) -> dict[str, Any]:
        links = arranged(item["properties"], ("publicIPAddress", "subnet"))
        return {
            "name": item["name"],
            "id": configuration_id(gateway, _SEGMENT, item["name"]),
            "etag": gateway.etag,
            "type": f"{TYPE}/{_SEGMENT}",
            "properties": {
                "provisioningState": state,
                "privateIPAllocationMethod": "Dynamic",
                **links,
            },
        }


def _clients(world: World) -> dict[str, Any]:
    recent = world.api_version >= _OLDEST_WITH_RULES
    names = (
        *(["vpnAuthenticationTypes"] if recent else []),
        "vpnClientRootCertificates",
        "vpnClientRevokedCertificates",
        *(["vngClientConnectionConfigurations"] if recent else []),
        "radiusServers",
        "vpnClientIpsecPolicies",
    )
    return {"vpnClientProtocols": ["OpenVPN", "IkeV2"], **{name: [] for name in names}}


def _bgp(gateway: Resource, world: World) -> dict[str, Any]:
    """Return the BGP settings; the gateway's own address is the last but one of its subnet."""
    deployed = "deployed" in gateway.hidden
    given = gateway.properties.get("bgpSettings") or {}
    own = _own_addresses(gateway, world) if deployed else []
    shown = {"asn": 65515 if deployed else 0, "peerWeight": 0, **given}
    if own:
        shown.setdefault("bgpPeeringAddress", own[0])
    shown["bgpPeeringAddresses"] = [
        {
            "ipconfigurationId": configuration_id(gateway, _SEGMENT, item["name"]),
            "defaultBgpIpAddresses": own[:1],
            "customBgpIpAddresses": [],
            **({"tunnelIpAddresses": _tunnels(item, world)} if deployed else {}),
        }
        for item in gateway.properties[_SEGMENT]
    ]
    return arranged(shown, ("asn", "bgpPeeringAddress", "peerWeight", "bgpPeeringAddresses"))


def _own_addresses(gateway: Resource, world: World) -> list[str]:
    for item in gateway.properties[_SEGMENT]:
        for link in linked_ids(item["properties"].get("subnet")):
            subnet = world.store.find(link)
            if subnet is not None:
                spaces = networks(prefixes_of(subnet.properties), subnet.id.text)
                return [str(space[-2]) for space in spaces[:1]]
    return []


def _tunnels(item: dict[str, Any], world: World) -> list[str]:
    links = linked_ids(item["properties"].get("publicIPAddress"))
    found = [world.store.find(link) for link in links]
    return [address.hidden["address"] for address in found if address is not None]
