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

# Types of the recordings that are not answered, and why: every one of them is. Those of other
# recordings that the simulator does not serve exist in a replay as stand-ins, since what is
# in scope refers to them.
LEFT_OUT: dict[str, str] = {}


def is_in_scope(path: str) -> bool:
    """Tell whether a path is about something the simulator must know."""
    root = root_of(type_of(path))
    served = {root_of(item.type.lower()) for item in PROVIDERS}
    return root in IN_SCOPE or root in served
