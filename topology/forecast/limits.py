"""Room below Azure's limits, and which one is met first by growing."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from topology.addressing import AddressError, allocate, lock_of, resolve
from topology.forecast.calls import subscription_of
from topology.kind import Resource, same_id
from topology.limits import LIMITS, Limit, Per
from topology.naming import AVNM_GROUP
from topology.network import Network
from topology.planning.actual import Actual
from topology.planning.removal import as_resource
from topology.regions import AZURE_REGIONS
from topology.resources import KIND_BY_NAME, wanted
from topology.spec import RegionSpec
from topology.verification.deployed import manager_of

Raised = Mapping[str, int]
Counts = Mapping[str, Counter[str]]  # of each limit, by its name: how much is used where
NOTHING: Counts = {}


@dataclass(frozen=True)
class Headroom:
    """How much of a limit is used at a place.

    `others` of it is not this topology's. `before` is how much was used there before. `amid` says
    that it is so on the way of a plan, and no more at its end.
    """

    limit: Limit
    where: str
    used: int
    most: int
    others: int = 0
    before: int = 0
    amid: bool = False

    @property
    def is_passed(self) -> bool:
        """Say whether Azure would refuse it."""
        return self.limit.certain and self.used > self.most and not self.stands_beyond

    @property
    def stands_beyond(self) -> bool:
        """Say whether as much stood beyond the limit already: Azure must have raised it."""
        return self.before >= self.used > self.most

    def __str__(self) -> str:
        """Say it in a line: `9 of 100 security admin rules in vnm-globojava, 7 of them others'`."""
        told = f"{self.used:,} of {self.most:,} {self.limit.what} in {self.where}"
        told += " amid the rollout" if self.amid else ""
        return f"{told}, {self.others:,} of them others'" if self.others else told


@dataclass(frozen=True)
class Growth:
    """How many more regions fit, and what is met then: nothing where all regions fit.

    Regions are added as the file would have them with a line each. `nearest` is what is nearly
    met, of the limits that refuse, when all that fit have come.
    """

    regions: int
    fits: int
    meets: str = ""
    nearest: Headroom | None = None

    def __str__(self) -> str:
        """Say it in a sentence."""
        if not self.meets:
            near = f" (nearest then: {self.nearest})" if self.nearest else ""
            return f"all {self.regions + self.fits} public regions fit{near}"
        fits = {
            -1: "what the file asks for does not fit",
            0: "no further region fits",
            1: "the next region fits",
        }.get(self.fits, f"the next {self.fits} regions fit")
        return f"{fits}; at {self.regions + self.fits + 1} regions you meet {self.meets}"


def counted(resources: Iterable[Resource]) -> Counts:
    """Return how much of each limit these resources use, by place."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for resource in resources:
        for limit in KIND_BY_NAME[resource.kind].limits:
            place = _place(limit, resource)
            if place is not None:
                counts[limit.name][place] += limit.count(resource.body)
    return counts


def beside(counts: Counts, own: Counts) -> Counts:
    """Return what of these counts is not the topology's own."""
    return {name: places - own.get(name, Counter()) for name, places in counts.items()}


def headroom(
    counts: Counts, raised: Raised, others: Counts = NOTHING, before: Counts = NOTHING
) -> tuple[Headroom, ...]:
    """Return what is left of every limit at every place where it is counted, least first.

    `raised` are limits that Azure has raised for this tenant, by name. `others` say how much of
    it is not the topology's, `before` how much there was. What stands beyond a limit comes last:
    nobody knows how much is left there.
    """
    found = [
        Headroom(
            LIMITS[name],
            place,
            used,
            raised.get(name, LIMITS[name].most),
            others.get(name, Counter())[place],
            before.get(name, Counter())[place],
        )
        for name, places in counts.items()
        for place, used in places.items()
        if used
    ]
    return tuple(
        sorted(
            found, key=lambda item: (item.stands_beyond, -item.used / item.most, item.limit.name)
        )
    )


def nearest(rooms: Iterable[Headroom]) -> tuple[Headroom, ...]:
    """Return the first place of each limit: where it is passed, or else the least is left."""
    found: dict[str, Headroom] = {}
    for room in rooms:
        found.setdefault(room.limit.name, room)
    return tuple(found.values())


def standing(actual: Actual) -> Iterator[Resource]:
    """Yield all that stands, of ours and, as far as it was read, of others in and around it.

    AVNM's tables are left out: they take more, and are counted by its rules. So are the managers
    of others, who have limits of their own.
    """
    ours = {"", *actual.goal_states}
    found = {same_id(item.id): item for item in actual.others}
    around = {key: item for key, item in actual.around.items() if manager_of(key) in ours}
    for key, item in {**found, **around, **actual.resources}.items():
        if AVNM_GROUP not in key:
            yield as_resource(item, actual)


def passed(rooms: Iterable[Headroom]) -> list[str]:
    """Return a sentence for each limit that would be passed, with the way out."""
    return [_refusal(room) for room in rooms if room.is_passed]


def _refusal(room: Headroom) -> str:
    if room.used - room.others <= room.most < room.used:
        way = "without theirs all would fit: have them take something out"
    elif room.amid:
        way = (
            "what comes is there before what goes has gone: take out first what goes, by a plan of "
            "its own"
        )
    else:
        way = "take something out of the topology"
    return (
        f"there would be {room}; {way}, or ask Azure for more and write what it gives into "
        f"`policies.limits.{room.limit.name}`"
    )


def growth(network: Network, others: Counts, raised: Raised, before: Counts = NOTHING) -> Growth:
    """Return how far a network can grow by regions, found out by growing it.

    What is there keeps its addresses, and `others` what they use. `before` is what is used now.
    """
    present = len(network.topology.regions)
    more = [name for name in AZURE_REGIONS if name not in network.topology.regions]

    @cache
    def met(number: int) -> tuple[str, Headroom | None]:
        return _met(network, more[:number], others, raised, before)

    passed, least = met(len(more))
    if not passed:
        return Growth(present, len(more), nearest=least)
    fits, fails = 0, len(more)
    if at_once := met(0)[0]:
        return Growth(present, -1, at_once)
    while fails - fits > 1:
        half = (fits + fails) // 2
        fits, fails = (fits, half) if met(half)[0] else (half, fails)
    return Growth(present, fits, met(fails)[0], met(fits)[1])


def _met(
    network: Network, more: list[str], others: Counts, raised: Raised, before: Counts
) -> tuple[str, Headroom | None]:
    """Return the first limit that is passed with these regions more, or "", and the nearest."""
    topology = network.topology
    regions = {**topology.regions, **{name: RegionSpec() for name in more}}
    grown = topology.model_copy(update={"regions": regions})
    try:
        resources = wanted(resolve(grown, allocate(grown, lock_of(network))))
    except AddressError as error:
        return f"the end of the addresses: {error}", None
    own = counted(resources)
    counts = {name: own.get(name, Counter()) + others.get(name, Counter()) for name in LIMITS}
    rooms = [room for room in headroom(counts, raised, before=before) if room.limit.certain]
    passed = (room for room in rooms if room.is_passed)
    told = (f"{room.most:,} {room.limit.what} in {room.where}" for room in passed)
    return next(told, ""), next(iter(rooms), None)


def _place(limit: Limit, resource: Resource) -> str | None:
    subscription = subscription_of(resource.id)
    if limit.per == Per.NETWORK:
        return "all networks together"
    if limit.per == Per.SUBSCRIPTION:
        return subscription
    if limit.per == Per.REGION:
        region = resource.body.get("location") or resource.region
        return f"{region}, {subscription}"
    parts = resource.id.split("#")[0].split("/")
    wanted_type, _, wanted_name = limit.per.lower().partition("/")
    for name, value in pairwise(parts):
        if name.lower() == wanted_type and wanted_name in {"", value.lower()}:
            return value
    return None
