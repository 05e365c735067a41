"""Microsoft.Network/networkManagers/securityUserConfigurations.

Rules that users may overrule. They can be written and committed; what they do on networks
is not computed, since no document we have says how they meet security groups.
"""

from simulator.avnm.configurations import ConfigurationProvider
from simulator.avnm.types import USER


class SecurityUserConfigurations(ConfigurationProvider):
    """Sets of user rules."""

    type = USER
    commit_type = "SecurityUser"
