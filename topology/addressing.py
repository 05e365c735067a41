"""Addresses: allocated from one space, kept by a lock file, never moved.

The lock is read and written by the caller; here it is a value. A block that was
once given stays with its owner's name, also when the region leaves the topology,
so that nobody else ever gets it and a region that returns gets its own again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network
from itertools import pairwise
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    field_validator,
    model_serializer,
)

from topology.network import Hub, Network, Spoke
from topology.regions import AZURE_REGIONS
from topology.spec import Topology

FIREWALL_PREFIX = 26  # the smallest that Azure takes (facts.md section 6)


class AddressError(ValueError):
    """Addresses that overlap or do not fit; `path` is where in the topology file."""

    def __init__(self, path: tuple[str, ...], message: str) -> None:
        super().__init__(message)
        self.path = path


class _Lock(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SpokeLock(_Lock):
    """The addresses of a spoke."""

    prefix: IPv4Network
    subnets: dict[str, IPv4Network] = Field(default_factory=dict)


class RegionLock(_Lock):
    """The addresses of a region."""

    block: IPv4Network
    hub: IPv4Network
    firewall: IPv4Network
    spokes: dict[str, SpokeLock] = Field(default_factory=dict)


LOCK_VERSION = 1


class AddressLock(_Lock):
    """All addresses ever given, by region, the subscriptions, and names of policies used up.

    `subscription` is that of the hubs, which never moves. `other_subscriptions` are those in
    which anything else of ours ever stood: Azure cannot be asked where to look for what is
    left there.

    `policies` has the last generation that a policy definition was made with, by what it
    serves: one that was deleted leaves a name that no network group takes again (facts.md
    section 0.14).
    """

    version: int = LOCK_VERSION
    topology: str
    subscription: str | None = None
    other_subscriptions: tuple[str, ...] = ()
    regions: dict[str, RegionLock] = Field(default_factory=dict)
    policies: dict[str, Annotated[int, Field(ge=1)]] = Field(default_factory=dict)

    @field_validator("version")
    @classmethod
    def _is_known(cls, version: int) -> int:
        if version != LOCK_VERSION:
            raise ValueError(
                f"this lock file is of version {version}, and this Orrery reads version "
                f"{LOCK_VERSION}; take the Orrery that wrote it"
            )
        return version

    @model_serializer(mode="wrap")
    def _without_what_is_empty(self, plain: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Leave out what there never was: other subscriptions, policies."""
        values: dict[str, Any] = plain(self)
        return {key: value for key, value in values.items() if value or key == "regions"}

    def having_used(self, policies: Mapping[str, int]) -> AddressLock:
        """Return the lock after these generations of policy definitions; none goes back."""
        last = {name: max(number, self.policies.get(name, 0)) for name, number in policies.items()}
        return self.model_copy(update={"policies": dict(sorted((self.policies | last).items()))})


@dataclass(frozen=True)
class _Taken:
    """A prefix that is given, to what, and where the topology file may say so."""

    prefix: IPv4Network
    name: str
    path: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.name} {self.prefix}"


def first_free(space: IPv4Network, taken: Iterable[IPv4Network], length: int) -> IPv4Network:
    """Return the lowest block of this length in the space that overlaps none taken.

    The choice depends on the set of blocks and not on their order, so a topology
    file can be sorted anew without moving anyone's addresses. Raises ValueError when
    the space is full.
    """
    inside = sorted(block for block in taken if block.overlaps(space))
    size = 1 << (32 - length)
    start = int(space.network_address)
    for block in inside:
        if start + size <= int(block.network_address):
            break
        start = max(start, -(-(int(block.broadcast_address) + 1) // size) * size)
    if start + size - 1 > int(space.broadcast_address):
        raise ValueError(f"{space} has no /{length} left")
    return IPv4Network((start, length))


def allocate(topology: Topology, lock: AddressLock | None = None) -> AddressLock:
    """Return the lock with an address for all that the topology names.

    What the topology gives by hand is taken as it is, what the lock holds stays, and
    the rest gets the lowest free block. Raises AddressError, with the path in the
    topology file, for what overlaps, moves or does not fit.
    """
    kept = lock or AddressLock(topology=topology.topology)
    if kept.topology != topology.topology:
        raise AddressError(
            ("topology",),
            f'the lock file keeps the addresses of "{kept.topology}", this is '
            f'"{topology.topology}"; take the lock file of this network, or none',
        )
    if kept.subscription not in {None, topology.subscription}:
        raise AddressError(("subscription",), _hubs_would_move(kept, topology))
    regions = dict(kept.regions)
    reserved = _given_blocks(topology)
    for name in sorted(topology.regions):
        blocks = [held.block for other, held in regions.items() if other != name]
        blocks += [block for other, block in reserved.items() if other != name]
        regions[name] = _region(topology, name, regions.get(name), blocks)
    result = kept.model_copy(
        update={
            "regions": dict(sorted(regions.items())),
            "subscription": topology.subscription,
            "other_subscriptions": _other_subscriptions(topology, kept),
        }
    )
    _check(topology, result)
    return result


def resolve(topology: Topology, lock: AddressLock) -> Network:
    """Return the network: the topology with its addresses. The lock must be complete."""
    hubs = (_hub(topology, name, lock.regions[name]) for name in sorted(topology.regions))
    unused = {name: number + 1 for name, number in lock.policies.items()}
    former = lock.other_subscriptions
    return Network(topology, tuple(hubs), policies=unused, former_subscriptions=former)


def lock_of(network: Network) -> AddressLock:
    """Return the lock that gives a network the addresses that it has."""
    regions = {
        hub.region: RegionLock(
            block=hub.block,
            hub=hub.prefix,
            firewall=hub.firewall_prefix,
            spokes={
                spoke.name: SpokeLock(prefix=spoke.prefix, subnets=spoke.subnets)
                for spoke in hub.spokes
            },
        )
        for hub in network.hubs
    }
    return AddressLock(topology=network.topology.topology, regions=regions)


def _other_subscriptions(topology: Topology, kept: AddressLock) -> tuple[str, ...]:
    used = {
        topology.subscription_of(region, spoke)
        for region in topology.regions
        for spoke in topology.spokes_of(region)
    }
    used |= {*kept.other_subscriptions, *topology.groups.subscriptions}
    return tuple(sorted(used - {topology.subscription}))


def _hubs_would_move(kept: AddressLock, topology: Topology) -> str:
    return (
        f"the hubs stand in {kept.subscription}, as the lock file says, and the file says "
        f"{topology.subscription}: hubs never move; to make all anew, destroy the network with "
        "the old subscription in the file, then delete `subscription` from the lock file"
    )


def _given_blocks(topology: Topology) -> dict[str, IPv4Network]:
    regions = topology.regions.items()
    return {name: spec.block for name, spec in regions if spec.block is not None}


@dataclass(frozen=True)
class _Wish:
    """A prefix to be chosen: where the file may give it, and what it and the lock say."""

    path: tuple[str, ...]
    given: IPv4Network | None
    held: IPv4Network | None

    def choose(
        self, space: IPv4Network, taken: Iterable[IPv4Network | None], length: int
    ) -> IPv4Network:
        """Return what is given or held, or the lowest free block."""
        place = ".".join(self.path)
        if self.held is not None and self.given not in {None, self.held}:
            raise AddressError(
                self.path,
                f"{place} says {self.given}, the lock file keeps {self.held}: addresses never "
                "move by themselves; take the line out, or destroy the region and delete its "
                "entry from the lock file first",
            )
        if known := self.given or self.held:
            return known
        try:
            return first_free(space, (block for block in taken if block is not None), length)
        except ValueError as full:
            raise AddressError(
                self.path, f"{full} for {place}; widen the space or ask for smaller pieces"
            ) from None


def _region(
    topology: Topology, name: str, held: RegionLock | None, others: list[IPv4Network]
) -> RegionLock:
    spec, sizes, path = topology.regions[name], topology.addresses, ("regions", name)
    wished = topology.spokes_of(name)
    spokes = dict(held.spokes) if held else {}
    block_wish = _Wish((*path, "block"), spec.block, held.block if held else None)
    block = block_wish.choose(sizes.space, others, sizes.region)
    # Prefixes that are given are kept free for those they were given to.
    given = [spec.hub.prefix, *(spoke.prefix for spoke in wished.values())]
    hub_wish = _Wish((*path, "hub", "prefix"), spec.hub.prefix, held.hub if held else None)
    hub = hub_wish.choose(block, [*given, *(spoke.prefix for spoke in spokes.values())], sizes.hub)
    firewall_wish = _Wish(
        (*path, "hub", "firewall"), spec.hub.firewall, held.firewall if held else None
    )
    firewall = firewall_wish.choose(hub, [], FIREWALL_PREFIX)
    for spoke in sorted(wished):
        taken = [*given, hub, *(other.prefix for key, other in spokes.items() if key != spoke)]
        wish = _Wish(
            (*path, "spokes", spoke, "prefix"),
            wished[spoke].prefix,
            spokes[spoke].prefix if spoke in spokes else None,
        )
        prefix = wish.choose(block, taken, sizes.spoke)
        subnets = spokes[spoke].subnets if spoke in spokes else {}
        spokes[spoke] = _spoke(topology, (name, spoke), prefix, subnets)
    return RegionLock(block=block, hub=hub, firewall=firewall, spokes=dict(sorted(spokes.items())))


def _spoke(
    topology: Topology,
    place: tuple[str, str],
    prefix: IPv4Network,
    held: Mapping[str, IPv4Network],
) -> SpokeLock:
    region, name = place
    wished = topology.spokes_of(region)[name].subnets
    given = [subnet.prefix for subnet in wished.values()]
    length = max(topology.addresses.subnet, prefix.prefixlen)
    subnets = dict(held)
    for subnet in sorted(wished):
        taken = [*given, *(other for key, other in subnets.items() if key != subnet)]
        path = ("regions", region, "spokes", name, "subnets", subnet, "prefix")
        wish = _Wish(path, wished[subnet].prefix, subnets.get(subnet))
        subnets[subnet] = wish.choose(prefix, taken, length)
    return SpokeLock(prefix=prefix, subnets=dict(sorted(subnets.items())))


# -- checks ------------------------------------------------------------------------------


def _check(topology: Topology, lock: AddressLock) -> None:
    """Refuse what overlaps or lies outside of what holds it."""
    blocks = [
        _Taken(held.block, name, ("regions", name, "block")) for name, held in lock.regions.items()
    ]
    _apart(blocks, "region", "block")
    for name in topology.regions:
        region, path = lock.regions[name], ("regions", name)
        _inside(region.block, topology.addresses.space, (*path, "block"), "addresses.space")
        _check_region(topology, name, region)


def _check_region(topology: Topology, name: str, region: RegionLock) -> None:
    path = ("regions", name)
    _inside(region.hub, region.block, (*path, "hub", "prefix"), "the region's block")
    _inside(region.firewall, region.hub, (*path, "hub", "firewall"), "the hub")
    wanted = {spoke: region.spokes[spoke] for spoke in topology.spokes_of(name)}
    parts = [_Taken(region.hub, "hub", (*path, "hub", "prefix"))]
    parts += [
        _Taken(spoke.prefix, key, (*path, "spokes", key, "prefix")) for key, spoke in wanted.items()
    ]
    _apart(parts, f"{name}:", "prefix")
    for key, spoke in wanted.items():
        spoke_path = (*path, "spokes", key)
        _inside(spoke.prefix, region.block, (*spoke_path, "prefix"), "the region's block")
        named = topology.spokes_of(name)[key].subnets
        subnets = [
            _Taken(spoke.subnets[subnet], subnet, (*spoke_path, "subnets", subnet, "prefix"))
            for subnet in named
        ]
        _apart(subnets, f"{name} {key}: subnet", "prefix")
        for subnet in subnets:
            _inside(subnet.prefix, spoke.prefix, subnet.path, "its spoke")


def _apart(parts: list[_Taken], what: str, field: str) -> None:
    ordered = sorted(parts, key=lambda part: (part.prefix.network_address, part.prefix.prefixlen))
    for first, second in pairwise(ordered):
        if first.prefix.overlaps(second.prefix):
            raise AddressError(
                second.path,
                f"{what} {second} overlaps {first}; give one of them another {field}, "
                "or take the lines out and let Orrery allocate both",
            )


def _inside(part: IPv4Network, whole: IPv4Network, path: tuple[str, ...], name: str) -> None:
    if not part.subnet_of(whole):
        raise AddressError(
            path,
            f"{'.'.join(path)} {part} lies outside of {name} {whole}; "
            f"give it a prefix within {whole}, or take the line out",
        )


# -- the network -------------------------------------------------------------------------


def _hub(topology: Topology, name: str, held: RegionLock) -> Hub:
    spec = topology.regions[name]
    zones = spec.zones if spec.zones is not None else AZURE_REGIONS[name].zones
    spokes = (
        Spoke(
            region=name,
            name=spoke,
            environment=topology.environment_of(name, spoke),
            subscription=topology.subscription_of(name, spoke),
            prefix=held.spokes[spoke].prefix,
            subnets={key: held.spokes[spoke].subnets[key] for key in sorted(spec_.subnets)},
        )
        for spoke, spec_ in sorted(topology.spokes_of(name).items())
    )
    return Hub(name, held.block, held.hub, held.firewall, zones, tuple(spokes))
