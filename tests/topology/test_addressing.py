"""Addresses: nobody's overlap anybody's, and nobody's ever move."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network
from itertools import combinations
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.builders import a_network, a_topology
from tests.strategies import REGIONS, region_lists, topologies
from topology.addressing import AddressLock, RegionLock, allocate, first_free, resolve
from topology.network import Network
from topology.spec import Topology


def _leaves(network: Network) -> Iterator[IPv4Network]:
    for hub in network.hubs:
        yield hub.firewall_prefix
        for spoke in hub.spokes:
            yield from spoke.subnets.values()


def _overlapping(prefixes: list[IPv4Network]) -> list[tuple[IPv4Network, IPv4Network]]:
    return [(one, other) for one, other in combinations(prefixes, 2) if one.overlaps(other)]


def _with_regions(topology: Topology, *names: str) -> Topology:
    regions: dict[str, Any] = {name: topology.regions.get(name, {}) for name in names}
    return a_topology(*names, **{**topology.model_dump(exclude={"home"}), "regions": regions})


def _of_others(lock: AddressLock, region: str) -> dict[str, RegionLock]:
    return {name: held for name, held in lock.regions.items() if name != region}


# -- no overlaps -------------------------------------------------------------------------


@given(topologies())
def test_subnets_never_overlap(topology: Topology) -> None:
    """Whatever is given by hand, no address belongs to two subnets."""
    network = resolve(topology, allocate(topology))

    assert _overlapping(list(_leaves(network))) == []


@given(topologies())
def test_blocks_never_overlap(topology: Topology) -> None:
    """One route leads to each region and to no other."""
    network = resolve(topology, allocate(topology))

    assert _overlapping([hub.block for hub in network.hubs]) == []


@given(topologies())
def test_networks_of_a_region_never_overlap_and_lie_in_its_block(topology: Topology) -> None:
    """Peered networks cannot share addresses."""
    network = resolve(topology, allocate(topology))

    for hub in network.hubs:
        prefixes = [hub.prefix, *(spoke.prefix for spoke in hub.spokes)]
        assert _overlapping(prefixes) == []
        assert all(prefix.subnet_of(hub.block) for prefix in prefixes)


@given(topologies())
def test_subnet_lies_in_its_network(topology: Topology) -> None:
    """Azure refuses a subnet outside of its network's space."""
    network = resolve(topology, allocate(topology))

    for hub in network.hubs:
        assert hub.firewall_prefix.subnet_of(hub.prefix)
        for spoke in hub.spokes:
            assert all(prefix.subnet_of(spoke.prefix) for prefix in spoke.subnets.values())


# -- nobody moves ------------------------------------------------------------------------


@given(topologies())
def test_addresses_stay_when_asked_again(topology: Topology) -> None:
    """The lock that was written is the lock that is read."""
    lock = allocate(topology)

    assert lock == allocate(topology, lock)


@given(topologies(), st.sampled_from(REGIONS))
def test_new_region_moves_nobody(topology: Topology, new: str) -> None:
    """Adding a region changes no address of another."""
    assume(new not in topology.regions)
    lock = allocate(topology)

    grown = allocate(_with_regions(topology, *topology.regions, new), lock)

    assert lock.regions == _of_others(grown, new)


@given(topologies(), st.data())
def test_region_that_leaves_moves_nobody(topology: Topology, data: st.DataObject) -> None:
    """Removing a region changes no address of another."""
    assume(len(topology.regions) > 1)
    lock = allocate(topology)
    leaving = data.draw(st.sampled_from(sorted(topology.regions)))
    staying = [name for name in topology.regions if name != leaving]

    shrunk = allocate(_with_regions(topology, *staying), lock)

    assert lock == shrunk


@given(topologies(), st.data(), st.sampled_from(REGIONS))
def test_region_that_returns_gets_its_own_addresses_again(
    topology: Topology, data: st.DataObject, between: str
) -> None:
    """Also when another region came while it was away."""
    assume(len(topology.regions) > 1 and between not in topology.regions)
    lock = allocate(topology)
    leaving = data.draw(st.sampled_from(sorted(topology.regions)))
    staying = [name for name in topology.regions if name != leaving]
    away = allocate(_with_regions(topology, *staying, between), lock)

    back = allocate(_with_regions(topology, *topology.regions, between), away)

    assert lock.regions == _of_others(back, between)


@given(region_lists, st.randoms(use_true_random=False))
def test_order_of_the_file_does_not_matter(regions: list[str], random: Any) -> None:
    """A topology file may be sorted anew."""
    mixed = list(regions)
    random.shuffle(mixed)

    assert allocate(a_topology(*regions)) == allocate(a_topology(*mixed))


def test_new_spoke_moves_no_spoke() -> None:
    """A region grows without anyone's address changing."""
    before = a_topology("eastus", spokes={"prod": {}, "nonprod": {}})
    lock = allocate(before)
    after = a_topology("eastus", spokes={"lab": {"environment": "nonprod"}, "prod": {}})

    grown = allocate(after, lock)

    kept = {name: grown.regions["eastus"].spokes[name] for name in ("prod", "nonprod")}
    assert lock.regions["eastus"].spokes == kept


def test_new_subnet_moves_no_subnet() -> None:
    """A spoke grows without anyone's address changing."""
    spokes: dict[str, Any] = {"prod": {"subnets": {"web": {}}}}
    lock = allocate(a_topology("eastus", spokes=spokes))
    spokes["prod"]["subnets"]["data"] = {}

    grown = allocate(a_topology("eastus", spokes=spokes), lock)

    expected = lock.regions["eastus"].spokes["prod"].subnets["web"]
    assert expected == grown.regions["eastus"].spokes["prod"].subnets["web"]


# -- what is given -----------------------------------------------------------------------


@given(topologies())
def test_given_prefix_is_kept(topology: Topology) -> None:
    """What the file says is what Azure is asked for."""
    network = resolve(topology, allocate(topology))

    for hub in network.hubs:
        given_block = topology.regions[hub.region].block
        assert given_block in {None, hub.block}
        for spoke in hub.spokes:
            given_prefix = topology.spokes_of(hub.region)[spoke.name].prefix
            assert given_prefix in {None, spoke.prefix}


def test_given_block_is_kept_free_for_its_region() -> None:
    """A region that comes first by name does not take what another was given."""
    regions = {"eastus": {}, "westus": {"block": "10.0.0.0/16"}}

    network = a_network(home="eastus", regions=regions)

    assert [str(hub.block) for hub in network.hubs] == ["10.1.0.0/16", "10.0.0.0/16"]


def test_given_spoke_is_kept_free_in_its_region() -> None:
    """The hub and the spokes that come first by name go around it."""
    spokes = {"nonprod": {}, "prod": {"prefix": "10.0.0.0/20"}}

    [hub] = a_network("eastus", spokes=spokes).hubs

    prefixes = [str(prefix) for prefix in (hub.prefix, *(spoke.prefix for spoke in hub.spokes))]
    assert prefixes == ["10.0.16.0/22", "10.0.32.0/20", "10.0.0.0/20"]


def test_region_by_default_has_a_hub_and_a_spoke_an_environment() -> None:
    """The sizes are those that `addresses` has by default."""
    [hub] = a_network("eastus").hubs

    found = [hub.block, hub.prefix, hub.firewall_prefix]
    found += [prefix for spoke in hub.spokes for prefix in (spoke.prefix, *spoke.subnets.values())]
    assert [str(prefix) for prefix in found] == [
        "10.0.0.0/16",
        "10.0.0.0/22",
        "10.0.0.0/26",
        "10.0.16.0/20",
        "10.0.16.0/24",
        "10.0.32.0/20",
        "10.0.32.0/24",
    ]


def test_lock_is_read_back_as_it_was_written() -> None:
    """It is kept as text between runs."""
    lock = allocate(a_topology())

    assert lock == AddressLock.model_validate(lock.model_dump(mode="json"))


# -- the lowest free block ---------------------------------------------------------------

SPACE = IPv4Network("10.0.0.0/24")
blocks = st.builds(
    lambda start, length: IPv4Network((int(SPACE.network_address) + start, length), strict=False),
    st.integers(min_value=0, max_value=511),
    st.integers(min_value=23, max_value=30),
)


def _lowest(taken: list[IPv4Network], length: int) -> IPv4Network | None:
    """Return what `first_free` should, by trying every block."""
    for block in SPACE.subnets(new_prefix=length):
        if not any(block.overlaps(other) for other in taken):
            return block
    return None


@given(st.lists(blocks, max_size=8), st.integers(min_value=24, max_value=30))
def test_first_free_is_the_lowest_free_block(taken: list[IPv4Network], length: int) -> None:
    """Trying every block in turn finds the same, also in a space that is full."""
    expected = _lowest(taken, length)

    try:
        found = first_free(SPACE, taken, length)
    except ValueError:
        found = None

    assert expected == found


def test_full_space_is_an_error_that_names_it() -> None:
    """Nobody is given an address that belongs to another."""
    with pytest.raises(ValueError, match=r"10\.0\.0\.0/24 has no /25 left"):
        first_free(SPACE, [SPACE], 25)
