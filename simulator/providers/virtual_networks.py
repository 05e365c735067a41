"""Microsoft.Network/virtualNetworks, with subnets and peerings in the same body."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from simulator.arm.call import Call
from simulator.arm.draft import Draft, linked_ids
from simulator.arm.errors import ArmError, invalid_request
from simulator.arm.provider import Action, Inline, Provider
from simulator.arm.store import Resource
from simulator.arm.world import World
from simulator.avnm import pool_allocations
from simulator.avnm.effective import network_actions
from simulator.providers import network_rules, peering_rules, subnet_rules
from simulator.providers.address_use import check_address, usages
from simulator.providers.addresses import clashes, networks, space_of

TYPE = "Microsoft.Network/virtualNetworks"
SUBNETS = TYPE + "/subnets"
PEERINGS = TYPE + "/virtualNetworkPeerings"
LINKS = "Microsoft.Network/privateDnsZones/virtualNetworkLinks"


class VirtualNetworks(Provider):
    """Virtual networks: a PUT is the whole wanted state, subnets included."""

    type = TYPE
    operation_name = "VirtualNetwork"
    layout = (
        "addressSpace",
        "encryption",
        "privateEndpointVNetPolicies",
        "dhcpOptions",
        "subnets",
        "virtualNetworkPeerings",
        "enableDdosProtection",
        "enableVmProtection",
    )
    defaults: ClassVar[Mapping[str, Any]] = {
        "privateEndpointVNetPolicies": "Disabled",
        "enableDdosProtection": False,
    }
    # recordings.md section 6.
    since: ClassVar[Mapping[str, str]] = {"privateEndpointVNetPolicies": "2024-03-01"}
    # Recorded with 2020-03-01 and not with 2020-11-01; where between it ends is `assumed`.
    until: ClassVar[Mapping[str, str]] = {"enableVmProtection": "2020-08-01"}
    read_only = frozenset({"enableVmProtection", "flowLogs", "defaultPublicNatGateway"})
    extras = ("extendedLocation",)
    # A body without `subnets` deletes them (facts.md section 0.5). That one without
    # `virtualNetworkPeerings` leaves peerings alone is `assumed`: clients that never
    # heard of peerings write networks all the time.
    inline = (Inline("subnets", SUBNETS), Inline("virtualNetworkPeerings", PEERINGS, "keep"))

    @property
    def actions(self) -> Mapping[str, Action]:
        """Return the questions that the network manager answers."""
        return network_actions()

    @property
    def questions(self) -> Mapping[str, Action]:
        """Return what can be asked about the addresses of a network."""
        return {"checkipaddressavailability": check_address, "usages": usages}

    def references(self, draft: Draft) -> Iterable[str]:
        """Return the protection plan, of which there can be none: its type is not served."""
        return linked_ids(draft.properties.get("ddosProtectionPlan"))

    def regional_references(self, draft: Draft) -> Iterable[str]:  # noqa: ARG002
        """Return nothing: one plan protects networks of all regions."""
        return ()

    def validate(self, draft: Draft, call: Call, existing: Resource | None) -> None:
        """Check the address space, the subnets within it and what the peers say to it."""
        pool_allocations.allocate(draft, existing, call.world)
        prefixes = space_of(draft.properties)
        if not prefixes:
            raise invalid_request(
                f"Resource {draft.id.text} is missing required property addressSpace.",
                "MissingRequiredProperty",
            )
        spaces = networks(prefixes, draft.id.text)
        network_rules.refuse_reserved_space(spaces, draft)
        network_rules.check_options(draft)
        _refuse_overlap_within(spaces, draft)
        subnet_rules.check_all(draft.children.get(SUBNETS, []), prefixes, draft)
        if existing is not None:
            self._refuse_lost_subnets(draft, existing, call)
            peering_rules.refuse_overlap_of_changed_space(draft, existing, call.world)

    def _refuse_lost_subnets(self, draft: Draft, existing: Resource, call: Call) -> None:
        kept = {child.key for child in draft.children.get(SUBNETS, [])}
        for subnet in call.world.store.children(existing.key, SUBNETS):
            if subnet.key not in kept:
                subnet_rules.refuse_if_used(subnet, call.world)

    def computed(self, resource: Resource, world: World) -> dict[str, Any]:  # noqa: ARG002
        """Return what nobody can switch on any more."""
        return {"enableVmProtection": False}

    def check_deletable(self, resource: Resource, call: Call) -> None:
        """Refuse while a subnet is used; peers and links are simply left behind."""
        for subnet in call.world.store.children(resource.key, SUBNETS):
            subnet_rules.refuse_if_used(subnet, call.world)

    def on_deleted(self, resource: Resource, world: World) -> None:
        """Clear the links of private zones; that Azure does so is `assumed`."""
        for link in world.store.referrers(resource.key, LINKS):
            world.store.remove(link)

    def adjust(self, draft: Draft) -> None:
        """Complete DNS servers and encryption; refuse half of one (recordings.md section 8)."""
        if "dhcpOptions" in draft.properties:
            draft.properties["dhcpOptions"] = {"dnsServers": [], **draft.properties["dhcpOptions"]}
        encryption: Any = draft.properties.get("encryption")
        if encryption == {"enabled": False}:
            encryption["enforcement"] = "AllowUnencrypted"
        if encryption is not None and len(encryption) == 1:
            raise ArmError(
                400,
                "MustSpecifyBothEncryptionIntentAndEnforcementPolicy",
                f"Cannot encrypt VirtualNetwork {draft.id.text} unless both encryption intent "
                "(Enabled true or false) and enforcement policy (AllowUnencrypted or "
                "DropUnencrypted) are specified.",
                details=[],
            )


def _refuse_overlap_within(spaces: list[Any], draft: Draft) -> None:
    for position, space in enumerate(spaces):
        if clashes([space], spaces[:position]):
            raise invalid_request(
                f"Address prefixes of virtual network {draft.id.text} overlap with one another: "
                f"{space}.",
                "AddressSpacePrefixesOverlap",
            )
