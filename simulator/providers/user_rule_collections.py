"""Microsoft.Network/networkManagers/securityUserConfigurations/ruleCollections."""

from simulator.avnm.types import USER_COLLECTION
from simulator.providers.admin_rule_collections import AdminRuleCollections


class UserRuleCollections(AdminRuleCollections):
    """User rules that apply to the same groups; in the swagger as collections of admin rules."""

    type = USER_COLLECTION
    commit_type = "SecurityUser"
