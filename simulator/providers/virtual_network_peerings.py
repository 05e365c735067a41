"""Microsoft.Network/virtualNetworks/virtualNetworkPeerings."""

import uuid
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from simulator.arm.busy import not_provisioned
from simulator.arm.call import Call
from simulator.arm.draft import Draft, linked_ids
from simulator.arm.errors import invalid_request
from simulator.arm.provider import Provider
from simulator.arm.store import Resource
from simulator.arm.world import World
from simulator.avnm.peerings import refuse_if_enforced
from simulator.providers import peering_rules

TYPE = peering_rules.PEERINGS


class VirtualNetworkPeerings(Provider):
    """One side of a peering; the other side is a resource of the other network."""

    type = TYPE
    operation_name = "VirtualNetworkPeering"
    locations = "none"
    layout = (
        "peeringState",
        "peeringSyncLevel",
        "remoteVirtualNetwork",
        "allowVirtualNetworkAccess",
        "allowForwardedTraffic",
        "allowGatewayTransit",
        "useRemoteGateways",
        "doNotVerifyRemoteGateways",
        "peerCompleteVnets",
        "remoteGateways",
        "remoteAddressSpace",
        "remoteVirtualNetworkAddressSpace",
        "remoteVirtualNetworkEncryption",
        "routeServiceVips",
    )
    defaults: ClassVar[Mapping[str, Any]] = {
        "allowVirtualNetworkAccess": True,
        "allowForwardedTraffic": False,
        "allowGatewayTransit": False,
        "useRemoteGateways": False,
        "doNotVerifyRemoteGateways": False,
        "peerCompleteVnets": True,
    }
    read_only = frozenset(
        {
            "peeringState",
            "peeringSyncLevel",
            "remoteGateways",
            "remoteAddressSpace",
            "remoteVirtualNetworkAddressSpace",
            "routeServiceVips",
            "remoteVirtualNetworkEncryption",
        }
    )

    def references(self, draft: Draft) -> Iterable[str]:
        """Return the network on the other side."""
        return linked_ids(draft.properties.get("remoteVirtualNetwork"))

    def regional_references(self, draft: Draft) -> Iterable[str]:  # noqa: ARG002
        """Return nothing: peerings cross regions."""
        return ()

    def check_reference(self, found: Resource, draft: Draft, call: Call) -> None:
        """Raise the 400 that peerings get, where others get a 429 (facts.md section 7)."""
        operation = call.world.operations.holder(found.key)
        inline = found.key == call.id.root.key or call.id.key != draft.key
        if operation is not None and not inline:
            raise not_provisioned(operation, found.id.text, draft.id.text)

    def validate(self, draft: Draft, call: Call, existing: Resource | None) -> None:
        """Check the pair: one peering to a network, no overlap, no disconnected other side."""
        refuse_if_enforced(existing)
        if not peering_rules.remote_id(draft):
            raise invalid_request(
                f"Resource {draft.id.text} is missing required property remoteVirtualNetwork.",
                "MissingRequiredProperty",
            )
        peering_rules.refuse_overlap(draft, call.world)
        back = peering_rules.other_side(draft, call.world)
        if back is not None and back.hidden.get("state") == "Disconnected" and existing is None:
            raise peering_rules.disconnected(draft.id.text, back)
        if existing is not None and existing.hidden.get("state") == "Disconnected":
            raise peering_rules.disconnected(draft.id.text, back or existing)

    def check_deletable(self, resource: Resource, call: Call) -> None:  # noqa: ARG002
        """Refuse while a network manager enforces the peering."""
        refuse_if_enforced(resource)

    def differs(self, draft: Draft, existing: Resource, world: World) -> bool:
        """Tell whether there is work: a stale copy of the remote space is work too."""
        stale = "Local" in peering_rules.sync_level(existing, world)
        return stale or super().differs(draft, existing, world)

    def on_written(self, resource: Resource, call: Call) -> None:
        """Copy the remote space and connect both sides when both exist."""
        world = call.world
        self._copy_space(resource, world)
        back = peering_rules.other_side(resource, world)
        resource.hidden["state"] = "Connected" if back else "Initiated"
        resource.guid = back.guid if back else self._pair_guid(resource)
        if back is not None:
            back.hidden["state"] = "Connected"
            self._copy_space(back, world)
            self.touch(back, world)

    def _copy_space(self, peering: Resource, world: World) -> None:
        remote = world.store.find(peering_rules.remote_id(peering))
        peering.hidden["remote_space"] = peering_rules.space_copy(remote)

    def _pair_guid(self, resource: Resource) -> str:
        # Identical on both sides of a pair (recordings.md section 6).
        pair = sorted((resource.id.root.key, peering_rules.remote_id(resource).lower()))
        return str(uuid.uuid5(uuid.NAMESPACE_URL, "|".join(pair)))

    def on_deleted(self, resource: Resource, world: World) -> None:
        """Leave the other side disconnected."""
        back = peering_rules.other_side(resource, world)
        if back is not None:
            back.hidden["state"] = "Disconnected"
            self.touch(back, world)

    def holds(self, user: Resource, used: Resource) -> bool:  # noqa: ARG002
        """Return False: a network can be deleted while others are peered with it."""
        return False

    def computed(self, resource: Resource, world: World) -> dict[str, Any]:
        """Return the state, how far both sides are in step, and the remote space."""
        space = resource.hidden.get("remote_space", {"addressPrefixes": []})
        remote = world.store.find(peering_rules.remote_id(resource))
        encryption = remote.properties.get("encryption") if remote else None
        return {
            "peeringState": resource.hidden.get("state", "Initiated"),
            "peeringSyncLevel": peering_rules.sync_level(resource, world),
            **peering_rules.remote_gateways(resource, world),
            "remoteAddressSpace": peering_rules.shown_space(space, world),
            "remoteVirtualNetworkAddressSpace": peering_rules.shown_space(
                peering_rules.space_copy(remote), world
            ),
            "routeServiceVips": {},
            **({"remoteVirtualNetworkEncryption": encryption} if encryption else {}),
        }
