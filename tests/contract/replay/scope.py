"""Which of the recorded exchanges the simulator has to answer as Azure did."""

from simulator.providers import PROVIDERS
from tests.contract.replay.paths import root_of, type_of

# Every resource of these types, with all children and actions.
IN_SCOPE = frozenset(
    {
        "microsoft.resources/resourcegroups",
        "microsoft.network/virtualnetworks",
        "microsoft.network/networksecuritygroups",
        "microsoft.network/routetables",
        "microsoft.network/publicipaddresses",
        "microsoft.network/azurefirewalls",
        "microsoft.network/firewallpolicies",
        "microsoft.network/ipgroups",
        "microsoft.network/networkmanagers",
        "microsoft.network/privatednszones",
        "microsoft.authorization/policyassignments",
        "microsoft.authorization/policydefinitions",
        "microsoft.authorization/policysetdefinitions",
        "microsoft.network/locations/availabledelegations",
    }
)

# What the recordings hold besides, and why it is not answered. Their resources exist in a
# replay all the same, as stand-ins, since those in scope refer to them.
LEFT_OUT = {
    "microsoft.network/virtualnetworkgateways": "Orrery's networks have firewalls, not gateways",
    "microsoft.network/localnetworkgateways": "the same",
    "microsoft.network/networkinterfaces": "machines are not part of the network Orrery builds",
    "microsoft.network/applicationsecuritygroups": "the same: they group network interfaces",
}


def is_in_scope(path: str) -> bool:
    """Tell whether a path is about something the simulator must know."""
    root = root_of(type_of(path))
    served = {root_of(item.type.lower()) for item in PROVIDERS}
    return root in IN_SCOPE or root in served
