"""Microsoft.Network/localNetworkGateways: networks on premises, as Azure knows them."""

from simulator.arm.provider import Provider


class LocalNetworkGateways(Provider):
    """Plain data (recording test_cli_mgmt_network_virtual_network)."""

    type = "Microsoft.Network/localNetworkGateways"
    operation_name = "LocalNetworkGateway"
    # No list of a whole subscription (the swagger has none).
    scopes = frozenset({"resourceGroup"})
    layout = ("localNetworkAddressSpace", "gatewayIpAddress", "fqdn", "bgpSettings")
