"""Microsoft.Network/virtualNetworks/subnets."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from simulator.arm.call import Call, Reply
from simulator.arm.draft import Draft, linked_ids
from simulator.arm.provider import Action, Provider
from simulator.arm.store import Resource
from simulator.arm.world import World
from simulator.delegations import actions_of
from simulator.providers import subnet_rules
from simulator.providers.addresses import POOLS, SHOWS_NO_POOLS, space_of
from simulator.providers.ip_configurations import shouted, tenants

TYPE = "Microsoft.Network/virtualNetworks/subnets"
_POLICIES_CHANGED = "2020-11-01"


class Subnets(Provider):
    """Subnets; what they refer to must exist in the same region."""

    type = TYPE
    operation_name = "Subnet"
    locations = "none"
    has_guid = False
    layout = (
        "addressPrefix",
        "addressPrefixes",
        "ipamPoolPrefixAllocations",
        "networkSecurityGroup",
        "routeTable",
        "natGateway",
        # From here on as the strangers' networks in recording test_network_vnet.
        "networkIntentPolicies",
        "serviceAssociationLinks",
        "ipConfigurations",
        "privateEndpoints",
        "serviceEndpoints",
        "delegations",
        "purpose",
        "privateEndpointNetworkPolicies",
        "privateLinkServiceNetworkPolicies",
        "defaultOutboundAccess",
    )
    defaults: ClassVar[Mapping[str, Any]] = {
        "delegations": [],
        "privateLinkServiceNetworkPolicies": "Enabled",
    }
    read_only = frozenset({"ipConfigurations", "ipConfigurationProfiles", "purpose"})

    def adjust(self, draft: Draft) -> None:
        """Keep of a reference its id: a client may send back the whole resource it read."""
        draft.properties["delegations"] = [
            {
                "name": item.get("name"),
                "properties": {"serviceName": (item.get("properties") or {}).get("serviceName")},
            }
            for item in draft.properties["delegations"]
        ]
        if "serviceEndpoints" in draft.properties:
            given = draft.properties["serviceEndpoints"]
            draft.properties["serviceEndpoints"] = [_endpoint(item) for item in given]
        for name in ("networkSecurityGroup", "routeTable", "natGateway"):
            ids = linked_ids(draft.properties.get(name))
            if ids:
                draft.properties[name] = {"id": ids[0]}
            else:
                draft.properties.pop(name, None)

    @property
    def questions(self) -> Mapping[str, Action]:
        """Return the links of services that live in subnets: the simulator has none."""
        return {"resourcenavigationlinks": _no_links, "serviceassociationlinks": _no_links}

    def references(self, draft: Draft) -> Iterable[str]:
        """Return what serves the subnet: security group, route table, NAT gateway."""
        for name in ("networkSecurityGroup", "routeTable", "natGateway"):
            yield from linked_ids(draft.properties.get(name))

    def validate(self, draft: Draft, call: Call, existing: Resource | None) -> None:
        """Complete the policies; check the place when it comes alone, and a firewall's subnet."""
        # Recorded: Enabled with 2020-03-01, Disabled from 2020-11-01 on.
        usual = "Enabled" if call.api_version < _POLICIES_CHANGED else "Disabled"
        draft.properties.setdefault("privateEndpointNetworkPolicies", usual)
        network = call.world.store.get(draft.id.root.key)
        if network is not None and call.id.key == draft.key:
            siblings = call.world.store.children(network.key, TYPE)
            subnet_rules.check_place(draft, space_of(network.properties), siblings, network.id)
        if existing is not None:
            subnet_rules.refuse_moved_prefix(draft, existing, call.world)
        subnet_rules.check_firewall_subnet(draft, call.world)

    def check_deletable(self, resource: Resource, call: Call) -> None:
        """Refuse while something lives in the subnet."""
        subnet_rules.refuse_if_used(resource, call.world)

    def computed(self, resource: Resource, world: World) -> dict[str, Any]:
        """Return who lives in the subnet, if anybody does."""
        used_by = tenants(resource, world)
        shown: dict[str, Any] = {}
        if world.api_version in SHOWS_NO_POOLS and POOLS not in resource.properties:
            shown[POOLS] = []
        if used_by:
            shown["ipConfigurations"] = [{"id": shouted(item)} for item in used_by]
        if resource.properties["delegations"]:
            etag = self.etag_of(resource, world)
            given = resource.properties["delegations"]
            shown["delegations"] = [_delegation(resource, item, etag) for item in given]
        return shown


def _no_links(call: Call, subnet: Resource) -> Reply:  # noqa: ARG001
    return Reply(200, {"value": []})


def _endpoint(given: dict[str, Any]) -> dict[str, Any]:
    """Return a service endpoint as recorded; that all services get "*" is `assumed`."""
    kept = {key: value for key, value in given.items() if value is not None}
    usual = {"service": given.get("service"), "locations": ["*"]}
    return {"provisioningState": "Succeeded", **usual, **kept}


def _delegation(subnet: Resource, item: dict[str, Any], etag: str) -> dict[str, Any]:
    service = (item.get("properties") or {}).get("serviceName")
    return {
        "name": item.get("name"),
        "id": f"{subnet.id.text}/delegations/{item.get('name')}",
        "etag": etag,
        "properties": {
            "provisioningState": "Succeeded",
            "serviceName": service,
            "actions": actions_of(str(service)),
        },
        "type": f"{TYPE}/delegations",
    }
