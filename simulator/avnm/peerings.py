"""Peerings that hub-and-spoke configurations make: both sides, named after the service.

They are plain peerings: whoever may write peerings may change or delete them,
and they are repaired a while later, `assumed`; with peeringEnforcement Enforced nobody but
the manager may touch them (documentation of PeeringEnforcement in the SDKs). A peering that
was there before between the same two networks keeps its place, `assumed`. Writing them takes
no time and makes no network busy, `assumed`.
"""

import uuid
from collections.abc import Iterable

from simulator.arm.call import Call
from simulator.arm.draft import linked_ids
from simulator.arm.errors import ArmError
from simulator.arm.store import Resource
from simulator.arm.world import World
from simulator.avnm import refusals
from simulator.avnm.hub_and_spoke import Side, gateways_of, has_gateway, wanted_sides
from simulator.avnm.prefixes import prefixes_of
from simulator.avnm.reconciler import Goal
from simulator.avnm.snapshots import Part
from simulator.avnm.types import GATEWAY, GROUP, MANAGER, MEMBER, NETWORK, PEERING, SUBNET

_HASH_LENGTH, _NUMBER_LENGTH, _NAME_LIMIT = 23, 10, 80


def refuse_if_enforced(peering: Resource | None) -> None:
    """Refuse to write or delete by hand what a manager enforces; the code is `assumed`."""
    if peering is not None and peering.hidden.get("managed", {}).get("enforced"):
        raise refusals.refusal(
            f"Peering {peering.id.text} is enforced by a connectivity configuration of "
            f"{peering.hidden['managed']['manager']} and cannot be changed outside of it.",
            "PeeringEnforcedByNetworkManager",
            403,
        )


class PeeringWriter:
    """Writes the peerings of one manager."""

    watched = frozenset(
        item.lower() for item in (MANAGER, GROUP, MEMBER, NETWORK, PEERING, SUBNET, GATEWAY)
    )

    def __init__(self, manager: Resource, world: World) -> None:
        self._manager = manager
        self._world = world

    def write(self, goals: Iterable[Goal]) -> bool:
        """Make, repair and remove; False when a network was busy and this has to be repeated."""
        sides = {side.pair: side for side in wanted_sides(self._world, self._manager, goals)}
        done = [self._remove(peering) for peering in self._unwanted(sides)]
        done += [self._put(side) for side in sides.values()]
        return all(done) and not any(self._awaits_gateway(side) for side in sides.values())

    def _awaits_gateway(self, side: Side) -> bool:
        """Tell whether a spoke's side is missing only until a gateway is ready."""
        if not side.uses_gateway or side.is_spoke:
            return False
        coming = gateways_of(self._world, side.network)
        return bool(coming) and not has_gateway(self._world, side.network)

    # --- removing -----------------------------------------------------------------------

    def _unwanted(self, sides: dict[tuple[str, str], Side]) -> list[Resource]:
        """Return ours that nothing asks for, and others where a configuration says so.

        Of ours also those that lost their partner: Azure does not connect such a side again
        (facts.md section 7).
        """
        strict = {
            network.key
            for side in sides.values()
            if side.configuration.properties["deleteExistingPeering"] == "True"
            for network in (side.network, side.remote)
        }
        return [
            item
            for item in self._world.store.of_type(PEERING)
            if (self._is_ours(item) and (_pair(item) not in sides or _is_disconnected(item)))
            or (item.id.root.key in strict and not _is_managed(item) and _pair(item) not in sides)
        ]

    def _remove(self, peering: Resource) -> bool:
        if self._is_busy(peering.id.root.key, peering.key):
            return False
        self._world.provider(PEERING).remove(peering, self._world)
        return True

    def _is_ours(self, peering: Resource) -> bool:
        return bool(peering.hidden.get("managed", {}).get("manager") == self._manager.key)

    def _is_busy(self, *keys: str) -> bool:
        return self._world.operations.first_holder(keys) is not None

    # --- making -------------------------------------------------------------------------

    def _put(self, side: Side) -> bool:
        existing = self._between(side)
        if existing is not None and not self._is_ours(existing):
            return True
        if existing is not None and self._is_as_wanted(existing, side):
            return True
        if self._is_busy(side.network.key, side.remote.key):
            return False
        self._write(side, existing)
        return True

    def _between(self, side: Side) -> Resource | None:
        peerings = self._world.store.children(side.network.key, PEERING)
        return next((item for item in peerings if _pair(item) == side.pair), None)

    def _is_as_wanted(self, existing: Resource, side: Side) -> bool:
        wanted = side.body()["properties"]
        same = all(existing.properties.get(name) == value for name, value in wanted.items())
        space = existing.hidden.get("remote_space", {}).get("addressPrefixes")
        return same and space == prefixes_of(side.remote)

    def _write(self, side: Side, existing: Resource | None) -> None:
        """Write as a client would, so that the same rules hold; what they refuse is left out.

        Only the number of peerings is not limited as theirs is (facts.md section 8).
        """
        provider, body = self._world.provider(PEERING), side.body()
        name = existing.name if existing else self._name(side)
        peering_id = side.network.id.child("virtualNetworkPeerings", name)
        call = Call(
            world=self._world,
            method="PUT",
            id=peering_id,
            body=body,
            query={},
            headers={},
            base_url="",
            path=peering_id.text,
        )
        if existing is not None:
            existing.hidden.pop("managed", None)
        draft = provider.read(existing.id if existing else peering_id, body, side.network.location)
        draft.references = frozenset(item.lower() for item in provider.references(draft))
        try:
            provider.validate(draft, call, existing)
        except ArmError:
            return
        made = provider.write(draft, call, existing, "update" if existing else "create")
        made.hidden["managed"] = {
            "manager": self._manager.key,
            "enforced": _is_enforced(side.configuration),
        }

    def _name(self, side: Side) -> str:
        """Return ANM_<hash>_<spoke>_<hub>_<n> (facts.md section 1).

        On the hub's side the hub comes first; what is hashed and counted, and that long
        names are cut, is `assumed`.
        """
        text = "|".join((self._manager.guid, side.configuration.key, *side.pair))
        digest = uuid.uuid5(uuid.NAMESPACE_URL, text)
        start = f"ANM_{digest.hex[:_HASH_LENGTH].upper()}_"
        end = f"_{digest.int % 10**_NUMBER_LENGTH:0{_NUMBER_LENGTH}d}"
        room = (_NAME_LIMIT - len(start) - len(end) - 1) // 2
        return f"{start}{side.network.name[:room]}_{side.remote.name[:room]}{end}"


def _is_managed(peering: Resource) -> bool:
    return "managed" in peering.hidden


def _is_disconnected(peering: Resource) -> bool:
    return bool(peering.hidden.get("state") == "Disconnected")


def _is_enforced(configuration: Part) -> bool:
    capabilities = configuration.properties.get("connectivityCapabilities") or {}
    return bool(capabilities.get("peeringEnforcement") == "Enforced")


def _pair(peering: Resource) -> tuple[str, str]:
    remote = next(iter(linked_ids(peering.properties.get("remoteVirtualNetwork"))), "")
    return peering.id.root.key, remote.rstrip("/").lower()
