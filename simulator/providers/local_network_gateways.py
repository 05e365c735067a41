"""Microsoft.Network/localNetworkGateways: networks on premises, as Azure knows them."""

from simulator.arm.provider import Provider


class LocalNetworkGateways(Provider):
    """Plain data (recording test_cli_mgmt_network_virtual_network)."""

    type = "Microsoft.Network/localNetworkGateways"
    operation_name = "LocalNetworkGateway"
    layout = ("localNetworkAddressSpace", "gatewayIpAddress", "fqdn", "bgpSettings")
