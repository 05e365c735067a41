"""Microsoft.Network/networkManagers/securityAdminConfigurations/ruleCollections."""

from collections.abc import Iterable

from simulator.arm.call import Call
from simulator.arm.draft import Draft
from simulator.arm.store import Resource
from simulator.avnm import refusals
from simulator.avnm.configurations import ConfigurationProvider, ids_in
from simulator.avnm.types import ADMIN_COLLECTION


class AdminRuleCollections(ConfigurationProvider):
    """Admin rules that apply to the same groups."""

    type = ADMIN_COLLECTION
    commit_type = "SecurityAdmin"
    layout = ("description", "appliesToGroups", "provisioningState", "resourceGuid")

    def references(self, draft: Draft) -> Iterable[str]:
        """Return the groups."""
        return ids_in(draft.properties.get("appliesToGroups"), "networkGroupId")

    def validate(self, draft: Draft, call: Call, existing: Resource | None) -> None:  # noqa: ARG002
        """Check that it applies to something."""
        refusals.require_property(draft.properties, "appliesToGroups", draft.id)
        self.require_own_groups(draft, call)
