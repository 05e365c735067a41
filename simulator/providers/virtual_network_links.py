"""Microsoft.Network/privateDnsZones/virtualNetworkLinks."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from simulator.arm.call import Call
from simulator.arm.draft import Draft, linked_ids
from simulator.arm.errors import ArmError
from simulator.arm.families import PRIVATE_DNS_LINK
from simulator.arm.ids import ResourceId, same_id
from simulator.arm.store import Resource
from simulator.arm.world import World
from simulator.providers.private_dns_zones import LINKS, PrivateDnsProvider


class VirtualNetworkLinks(PrivateDnsProvider):
    """Links between a zone and a network of any region."""

    type = LINKS
    family = PRIVATE_DNS_LINK
    operation_name = "VirtualNetworkLink"
    noun = "Virtual Network link"
    locations = "global"
    has_guid = False
    has_tags = True
    layout = (
        "provisioningState",
        "registrationEnabled",
        "virtualNetwork",
        "virtualNetworkLinkState",
        "resolutionPolicy",
    )
    defaults: ClassVar[Mapping[str, Any]] = {"registrationEnabled": False}
    read_only = frozenset({"virtualNetworkLinkState"})

    def references(self, draft: Draft) -> Iterable[str]:
        """Return the network."""
        return linked_ids(draft.properties.get("virtualNetwork"))

    def regional_references(self, draft: Draft) -> Iterable[str]:  # noqa: ARG002
        """Return nothing: links reach every region."""
        return ()

    def check_reference(self, found: Resource, draft: Draft, call: Call) -> None:
        """Accept a network that is updating: no source says otherwise, `assumed`."""

    def holds(self, user: Resource, used: Resource) -> bool:  # noqa: ARG002
        """Return False: deleting a network clears its links (see `VirtualNetworks`)."""
        return False

    def validate(self, draft: Draft, call: Call, existing: Resource | None) -> None:
        """Check the limits, and that the network has one link and one registration."""
        links = call.world.store.children(call.id.root.key, LINKS)
        others = [item for item in links if item.key != draft.key]
        network = next(iter(self.references(draft)), "")
        if existing is not None and not same_id(_network_of(existing), network):
            raise _refused(f"The virtual network of link {draft.name} cannot be changed.")
        for other in others:
            if same_id(_network_of(other), network):
                raise _refused(
                    f"A virtual network link from virtual network {network} to the zone exists "
                    f"already: {other.name}."
                )
        self._check_limits(draft, others, call.world)

    def _check_limits(self, draft: Draft, others: list[Resource], world: World) -> None:
        settings, registers = world.settings, bool(draft.properties["registrationEnabled"])
        registering = [item for item in others if item.properties["registrationEnabled"]]
        if registers and len(registering) >= settings.zone_registration_limit:
            raise _refused("The zone has the most links with registration it may have.")
        network = next(iter(self.references(draft)), "").lower()
        zones = [item for item in world.store.referrers(network, LINKS) if item.key != draft.key]
        if len(zones) >= settings.zones_per_network:
            raise _refused(f"Virtual network {network} is linked to the most zones it may be.")
        for other in zones:
            if registers and other.properties["registrationEnabled"]:
                raise _refused(
                    f"Virtual network {network} registers its machines in another zone already: "
                    f"{other.id.text}."
                )

    def computed(self, resource: Resource, world: World) -> dict[str, Any]:
        """Return how far the link is."""
        done = world.state_of(resource) == "Succeeded" and "linking" not in resource.hidden
        return {"virtualNetworkLinkState": "Completed" if done else "InProgress"}

    def absent(self, resource_id: ResourceId) -> ArmError:
        """Return the gateway's 404 (recorded), which spells the whole path of a link."""
        zone, link = resource_id.names
        return ArmError(
            404,
            "ResourceNotFound",
            f"The Resource 'Microsoft.Network/privateDnsZones/{zone}/virtualNetworkLinks/{link}' "
            f"under resource group '{resource_id.group}' was not found. For more details please go "
            "to https://aka.ms/ARMResourceNotFoundFix",
            gateway=True,
        )

    def on_done(self, resource: Resource, world: World) -> None:
        """Let a link with registration complete some time after its operation (recorded)."""
        if resource.properties["registrationEnabled"]:
            resource.hidden["linking"] = True
            wait = world.draw(world.settings.registration_lag)
            world.timeline.after(wait, lambda: resource.hidden.pop("linking", None))

    def _title(self, call: Call) -> str:
        return f"{self.noun} {call.id.name} for the Private DNS zone {call.id.names[0]}"


def _network_of(link: Resource) -> str:
    return next(iter(linked_ids(link.properties.get("virtualNetwork"))), "")


def _refused(message: str) -> ArmError:
    """Return a refusal whose code and words are `assumed`; the limits are facts.md section 8."""
    return ArmError(409, "Conflict", message)
