"""Microsoft.Network/networkManagers/routingConfigurations/ruleCollections/rules."""

from collections.abc import Mapping
from typing import Any, ClassVar

from simulator.arm.call import Call
from simulator.arm.draft import Draft, arranged
from simulator.arm.store import Resource
from simulator.avnm import refusals
from simulator.avnm.configurations import ConfigurationProvider
from simulator.avnm.types import ROUTING_RULE
from simulator.providers.addresses import networks


class RoutingRules(ConfigurationProvider):
    """One destination and where it is sent."""

    type = ROUTING_RULE
    commit_type = "Routing"
    layout = (
        "description",
        "provisioningState",
        "resourceGuid",
        "destination",
        "nextHop",
        "priority",
    )
    defaults: ClassVar[Mapping[str, Any]] = {"description": "", "priority": 0}

    def adjust(self, draft: Draft) -> None:
        """Show an empty address where the next hop has none (recordings.md section 6)."""
        where = draft.properties.get("destination")
        if isinstance(where, dict):
            draft.properties["destination"] = arranged(where, ("type", "destinationAddress"))
        hop = draft.properties.get("nextHop")
        if isinstance(hop, dict):
            draft.properties["nextHop"] = {
                "nextHopType": hop.get("nextHopType"),
                "nextHopAddress": hop.get("nextHopAddress") or "",
            }

    def validate(self, draft: Draft, call: Call, existing: Resource | None) -> None:  # noqa: ARG002
        """Check destination and next hop (facts.md section 4)."""
        values = draft.properties
        refusals.check_description(values, draft.id)
        refusals.require_property(values, "destination", draft.id)
        refusals.require_property(values, "nextHop", draft.id)
        _check_destination(values["destination"], draft)
        _check_hop(values["nextHop"], draft)


def _check_destination(destination: dict[str, Any], draft: Draft) -> None:
    if destination["type"] == "AddressPrefix":
        networks([destination["destinationAddress"]], draft.id.text)


def _check_hop(hop: dict[str, Any], draft: Draft) -> None:
    if hop["nextHopType"] == "VirtualAppliance":
        refusals.require_property(hop, "nextHopAddress", draft.id)
