"""Microsoft.Network/applicationSecurityGroups: names that security rules give to interfaces."""

from simulator.arm.call import Call
from simulator.arm.errors import invalid_request
from simulator.arm.provider import Provider
from simulator.arm.store import Resource


class ApplicationSecurityGroups(Provider):
    """Names without properties, and without a GUID that bodies show (test_network_nsg)."""

    type = "Microsoft.Network/applicationSecurityGroups"
    operation_name = "ApplicationSecurityGroup"
    has_guid = False

    def check_deletable(self, resource: Resource, call: Call) -> None:
        """Refuse while rules or interfaces name the group; the code is `assumed`."""
        used_by = call.world.store.referrers(resource.key)
        if used_by:
            ids = ", ".join(item.id.text for item in used_by)
            raise invalid_request(
                f"Application security group {resource.id.text} cannot be deleted because it is "
                f"in use by: {ids}.",
                "InUseApplicationSecurityGroupCannotBeDeleted",
            )
