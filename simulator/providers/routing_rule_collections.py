"""Microsoft.Network/networkManagers/routingConfigurations/ruleCollections."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from simulator.arm.call import Call
from simulator.arm.draft import Draft
from simulator.arm.store import Resource
from simulator.avnm import refusals
from simulator.avnm.configurations import ConfigurationProvider, ids_in
from simulator.avnm.types import ROUTING_COLLECTION


class RoutingRuleCollections(ConfigurationProvider):
    """Routing rules that apply to the same groups."""

    type = ROUTING_COLLECTION
    commit_type = "Routing"
    layout = (
        "description",
        "provisioningState",
        "resourceGuid",
        "appliesTo",
        "disableBgpRoutePropagation",
        "localRouteSetting",
        "peeringRoutePropagationRules",
    )
    # localRouteSetting is shown (recordings.md section 6) and has no effect here.
    defaults: ClassVar[Mapping[str, Any]] = {
        "description": "",
        "disableBgpRoutePropagation": "True",
        "localRouteSetting": "NotSpecified",
        "peeringRoutePropagationRules": [],
    }

    def references(self, draft: Draft) -> Iterable[str]:
        """Return the groups."""
        return ids_in(draft.properties.get("appliesTo"), "networkGroupId")

    def validate(self, draft: Draft, call: Call, existing: Resource | None) -> None:  # noqa: ARG002
        """Check that it applies to something."""
        refusals.require_property(draft.properties, "appliesTo", draft.id)
        self.require_own_groups(draft, call)
