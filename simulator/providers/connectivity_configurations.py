"""Microsoft.Network/networkManagers/connectivityConfigurations."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from simulator.arm.call import Call
from simulator.arm.draft import Draft
from simulator.arm.store import Resource
from simulator.arm.world import World
from simulator.avnm import refusals
from simulator.avnm.configurations import ConfigurationProvider, ids_in
from simulator.avnm.membership import has_members
from simulator.avnm.types import CONNECTIVITY, FIRST_VERSION

_GROUP_ORDER = ("networkGroupId", "groupConnectivity", "useHubGateway", "isGlobal")
_GROUP_DEFAULTS = {"groupConnectivity": "None", "useHubGateway": "False", "isGlobal": "False"}
_CAPABILITIES = {
    "connectedGroupPrivateEndpointsScale": ("Standard", "HighScale"),
    "connectedGroupAddressOverlap": ("Allowed", "Disallowed"),
    "peeringEnforcement": ("Unenforced", "Enforced"),
}


class ConnectivityConfigurations(ConfigurationProvider):
    """Hubs with spokes, or meshes; booleans are the strings "True" and "False"."""

    type = CONNECTIVITY
    commit_type = "Connectivity"
    etags_settle = False
    layout = (
        "description",
        "connectivityTopology",
        "hubs",
        "appliesToGroups",
        "provisioningState",
        "deleteExistingPeering",
        "isGlobal",
        "connectivityCapabilities",
        "resourceGuid",
    )
    defaults: ClassVar[Mapping[str, Any]] = {
        "description": "",
        "hubs": [],
        "isGlobal": "False",
        "deleteExistingPeering": "False",
    }

    def adjust(self, draft: Draft) -> None:
        """Complete each group (recordings.md section 6)."""
        groups = draft.properties.get("appliesToGroups")
        if isinstance(groups, list):
            draft.properties["appliesToGroups"] = [_completed(item) for item in groups]
        hubs = draft.properties["hubs"]
        draft.properties["hubs"] = [
            {"resourceType": "Microsoft.Network/virtualNetworks", **hub} for hub in hubs
        ]

    def references(self, draft: Draft) -> Iterable[str]:
        """Return the groups and the hubs."""
        yield from ids_in(draft.properties.get("appliesToGroups"), "networkGroupId")
        yield from ids_in(draft.properties["hubs"], "resourceId")

    def holds(self, user: Resource, used: Resource) -> bool:  # noqa: ARG002
        """Return False: a hub can be deleted while a configuration names it, `assumed`."""
        return False

    def validate(self, draft: Draft, call: Call, existing: Resource | None) -> None:
        """Check what the topologies ask for (facts.md section 1)."""
        values, owner = draft.properties, draft.id
        refusals.require_property(values, "appliesToGroups", owner)
        if values["connectivityTopology"] == "HubAndSpoke":
            refusals.require_property(values, "hubs", owner)
        for hub in values["hubs"]:
            refusals.require_property(hub, "resourceId", owner)
        for group in values["appliesToGroups"]:
            _check_group(group, draft)
        _check_capabilities(draft, existing)
        self.require_own_groups(draft, call)

    def cleans_up(self, resource: Resource, world: World) -> bool:
        """Tell whether groups with members hang on it: recorded as 202 without a commit.

        Not by api-version 2022-01-01 (test_network_manager_connect_config_crud@2023-09).
        """
        groups = (item["networkGroupId"].lower() for item in resource.properties["appliesToGroups"])
        by_members = (
            any(has_members(world, group) for group in groups) and world.api_version > FIRST_VERSION
        )
        return by_members or super().cleans_up(resource, world)


def _completed(group: Mapping[str, Any]) -> dict[str, Any]:
    values = {**_GROUP_DEFAULTS, **{key: value for key, value in group.items() if value}}
    first = {key: values[key] for key in _GROUP_ORDER if key in values}
    return {**first, **values}


def _check_group(group: dict[str, Any], draft: Draft) -> None:
    if group["isGlobal"] == "True" and group["groupConnectivity"] != "DirectlyConnected":
        raise refusals.refusal(
            f"In {draft.id.text} isGlobal of group {group['networkGroupId']} needs "
            "groupConnectivity DirectlyConnected.",
            "InvalidPropertyValue",
        )


def _check_capabilities(draft: Draft, existing: Resource | None) -> None:
    values = draft.properties.get("connectivityCapabilities")
    if values is None:
        return
    for name, known in _CAPABILITIES.items():
        refusals.require_property(values, name, draft.id)
        refusals.require_one_of(values, name, known, draft.id)
    enforced = values["peeringEnforcement"] == "Enforced"
    if enforced and draft.properties["connectivityTopology"] != "HubAndSpoke":
        raise refusals.refusal(
            f"peeringEnforcement Enforced of {draft.id.text} needs topology HubAndSpoke.",
            "InvalidPropertyValue",
        )
    before = (existing.properties if existing else {}).get("connectivityCapabilities") or {}
    overlap = "connectedGroupAddressOverlap"
    if before.get(overlap) == "Allowed" and values[overlap] == "Disallowed":
        raise refusals.refusal(
            f"{overlap} of {draft.id.text} cannot change from Allowed to Disallowed.",
            "PropertyChangeNotAllowed",
        )
