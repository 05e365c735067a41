"""Microsoft.Network/azureFirewalls."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, ClassVar

from simulator.arm.busy import another_operation
from simulator.arm.call import Call
from simulator.arm.draft import Draft, linked_ids
from simulator.arm.errors import ArmError
from simulator.arm.ids import same_id
from simulator.arm.operations import Operation
from simulator.arm.provider import Provider
from simulator.arm.store import Resource
from simulator.arm.world import World
from simulator.providers import classic_rules, firewall_rules
from simulator.providers.ip_configurations import configuration_id, kept, move_in, move_out
from simulator.providers.zones import check_zones

TYPE = "Microsoft.Network/azureFirewalls"
_CONFIGURATION = "azureFirewallIpConfigurations"
_MANAGEMENT = "managementIpConfiguration"
_POLICYS_VERSION = "2020-05-01"


class AzureFirewalls(Provider):
    """Firewalls: minutes to deploy, and an address that only a later GET shows."""

    type = TYPE
    operation_name = "AzureFirewall"
    has_guid = False
    extras = ("zones", "identity", "extendedLocation")
    key_order = ("name", "id", "etag", "type", "location", "tags", "zones", "properties")
    layout = (
        "sku",
        "threatIntelMode",
        "autoscaleConfiguration",
        "additionalProperties",
        "managementIpConfiguration",
        "ipConfigurations",
        "networkRuleCollections",
        "applicationRuleCollections",
        "natRuleCollections",
        "firewallPolicy",
    )
    defaults: ClassVar[Mapping[str, Any]] = {
        "sku": {"name": "AZFW_VNet", "tier": "Standard"},
        "threatIntelMode": "Alert",
        "additionalProperties": {},
        "ipConfigurations": [],
        "networkRuleCollections": [],
        "applicationRuleCollections": [],
        "natRuleCollections": [],
    }
    read_only = frozenset({"hubIPAddresses", "ipGroups"})

    def adjust(self, draft: Draft) -> None:
        """Complete the SKU, and keep of the ipConfigurations what can be asked for."""
        sku = draft.properties["sku"]
        draft.properties["sku"] = {
            "name": sku.get("name", "AZFW_VNet"),
            "tier": sku.get("tier", "Standard"),
        }
        given = draft.properties["ipConfigurations"]
        draft.properties["ipConfigurations"] = [kept(item) for item in given]
        if _MANAGEMENT in draft.properties:
            draft.properties[_MANAGEMENT] = kept(draft.properties[_MANAGEMENT])
        classic_rules.complete(draft.properties)
        for policy in linked_ids(draft.properties.get("firewallPolicy")):
            draft.properties["firewallPolicy"] = {"id": policy}

    def references(self, draft: Draft) -> Iterable[str]:
        """Return policy, IP groups, subnets and public addresses."""
        yield from linked_ids(draft.properties.get("firewallPolicy"))
        yield from classic_rules.ip_groups(draft.properties)
        yield from self.regional_references(draft)

    def regional_references(self, draft: Draft) -> Iterable[str]:
        """Return subnets and addresses: policies and IP groups serve firewalls anywhere."""
        for item in _configurations(draft):
            yield from linked_ids(item["properties"].get("subnet"))
            yield from linked_ids(item["properties"].get("publicIPAddress"))

    def validate(self, draft: Draft, call: Call, existing: Resource | None) -> None:
        """Check tiers, addresses, subnet and zones."""
        check_zones(draft, existing)
        firewall_rules.check_tiers(draft, existing, call.world)
        firewall_rules.check_number_of_addresses(draft, call.world)
        for item in _configurations(draft):
            firewall_rules.check_address(draft, item, call.world)
        for item in draft.properties["ipConfigurations"]:
            firewall_rules.check_subnet(draft, item, call.world)
        firewall_rules.check_management(draft, draft.properties.get(_MANAGEMENT))
        classic_rules.check(draft, call.world)

    def busy(self, call: Call, operation: Operation) -> ArmError:
        """Return the 409 that firewalls answer (recordings.md section 8).

        What a policy's change does to a firewall is an operation of the firewall's own,
        which the provider of policies started with its own api-version (recording
        Test_Networking_Firewall_20250301_CRUD).
        """
        if not same_id(operation.target, call.id.text):
            started = replace(operation, family=self.family, api_version=_POLICYS_VERSION)
            return another_operation(replace(started, url=self.family.status_url(call, started)))
        return another_operation(operation)

    def duration(self, call: Call, resource: Resource, operation: str) -> float:
        """Return the seconds: metadata only without ipConfigurations, else minutes."""
        attached = bool(resource.properties["ipConfigurations"])
        deployed = "deployed" in resource.hidden
        if not attached and not deployed:
            return super().duration(call, resource, "metadata")
        if deployed or operation == "delete":
            return super().duration(call, resource, operation)
        return super().duration(call, resource, _creation(resource))

    def on_written(self, resource: Resource, call: Call) -> None:
        """Take the subnet and the addresses at once."""
        move_in(resource, _CONFIGURATION, _configurations(resource), call.world)

    def on_deleted(self, resource: Resource, world: World) -> None:
        """Leave the subnet."""
        move_out(resource, world)

    def on_done(self, resource: Resource, world: World) -> None:
        """Show the private address: x.x.x.4 was observed, never promised (facts.md section 6)."""
        if resource.properties["ipConfigurations"]:
            resource.hidden["deployed"] = True
            resource.hidden["private_address"] = firewall_rules.private_address(resource, world)
        else:
            resource.hidden.pop("deployed", None)

    def computed(self, resource: Resource, world: World) -> dict[str, Any]:
        """Return what carries ids and etags: ipConfigurations, and the collections of rules."""
        shown = [
            self._shown_configuration(resource, item, first=position == 0)
            for position, item in enumerate(resource.properties["ipConfigurations"])
        ]
        found = {"ipConfigurations": shown, **classic_rules.shown(resource, world)}
        management = resource.properties.get(_MANAGEMENT)
        if management is not None:
            found[_MANAGEMENT] = self._shown_configuration(resource, management, first=False)
        return found

    def _shown_configuration(
        self, firewall: Resource, item: dict[str, Any], *, first: bool
    ) -> dict[str, Any]:
        values: dict[str, Any] = {"provisioningState": "Succeeded"}
        if first and "deployed" in firewall.hidden:
            values["privateIPAddress"] = firewall.hidden["private_address"]
        values.update(privateIPAllocationMethod="Dynamic", **item["properties"])
        return {
            "name": item["name"],
            "id": configuration_id(firewall, _CONFIGURATION, item["name"]),
            "etag": firewall.etag,
            "type": f"{TYPE}/{_CONFIGURATION}",
            "properties": values,
        }


def _configurations(firewall: Draft | Resource) -> list[dict[str, Any]]:
    """Return all ipConfigurations, that of the management last."""
    management = firewall.properties.get(_MANAGEMENT)
    found: list[dict[str, Any]] = firewall.properties["ipConfigurations"]
    return found if management is None else [*found, management]


def _creation(resource: Resource) -> str:
    """Return what the deployment is called in the table of durations."""
    if resource.extras.get("zones"):
        return "create-zonal"
    premium = (resource.properties.get("sku") or {}).get("tier") == "Premium"
    return "create-premium" if premium else "create"
