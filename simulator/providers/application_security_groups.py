"""Microsoft.Network/applicationSecurityGroups: names that security rules give to interfaces."""

from simulator.arm.provider import Provider


class ApplicationSecurityGroups(Provider):
    """Names without properties, and without a GUID that bodies show (test_network_nsg)."""

    type = "Microsoft.Network/applicationSecurityGroups"
    operation_name = "ApplicationSecurityGroup"
    has_guid = False
