"""Room below Azure's limits, and which one is met first by growing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from topology.addressing import AddressError, allocate, resolve
from topology.forecast.calls import subscription_of
from topology.kind import Resource, same_id
from topology.limits import LIMITS, Limit, Per
from topology.network import Network
from topology.planning.actual import Actual
from topology.planning.plan import Delete, Plan
from topology.planning.removal import as_resource
from topology.regions import AZURE_REGIONS
from topology.resources import KIND_BY_NAME, wanted
from topology.spec import RegionSpec

Raised = Mapping[str, int]


@dataclass(frozen=True)
class Headroom:
    """How much of a limit is used, at the place where the least is left."""

    limit: Limit
    where: str
    used: int
    most: int

    @property
    def is_passed(self) -> bool:
        """Say whether Azure would refuse it."""
        return self.limit.certain and self.used > self.most

    def __str__(self) -> str:
        """Say it in a line: `2 of 100 security admin rules in vnm-globojava`."""
        return f"{self.used:,} of {self.most:,} {self.limit.what} in {self.where}"


@dataclass(frozen=True)
class Growth:
    """How many more regions fit, and what is met then: nothing where all regions fit.

    Regions are added as the file would have them with a line each.
    """

    regions: int
    fits: int
    meets: str = ""

    def __str__(self) -> str:
        """Say it in a sentence."""
        if not self.meets:
            return f"all {self.regions + self.fits} public regions fit"
        fits = {0: "no further region fits", 1: "the next region fits"}.get(
            self.fits, f"the next {self.fits} regions fit"
        )
        return f"{fits}; at {self.regions + self.fits + 1} regions you meet {self.meets}"


def headroom(resources: Iterable[Resource], raised: Raised) -> tuple[Headroom, ...]:
    """Return what is left of every limit that these resources count against, least first.

    `raised` are limits that Azure has raised for this tenant, by name.
    """
    counts: dict[str, Counter[str]] = {}
    for resource in resources:
        for limit in KIND_BY_NAME[resource.kind].limits:
            place = _place(limit, resource)
            if place is not None:
                used = limit.count(resource.body)
                counts.setdefault(limit.name, Counter())[place] += used
    found = [
        Headroom(LIMITS[name], place, used, raised.get(name, LIMITS[name].most))
        for name, places in counts.items()
        for place, used in places.most_common(1)
    ]
    return tuple(sorted(found, key=lambda item: (-item.used / item.most, item.limit.name)))


def standing(plan: Plan, actual: Actual) -> Iterator[Resource]:
    """Yield what stands when a plan is done: ours, and of others what was read beside it.

    Items that others put into what is ours are not counted.
    """
    planned = {same_id(step.resource.id).split("#")[0] for step in plan.steps}
    yield from (step.resource for step in plan.steps if not isinstance(step, Delete))
    for found in (*actual.resources.values(), *actual.others):
        if same_id(found.id) not in planned:
            yield as_resource(found, actual)


def passed(rooms: Iterable[Headroom]) -> list[str]:
    """Return a sentence for each limit that would be passed, with the way out."""
    return [
        f"there would be {room}; take something out of the topology, or ask Azure for more and "
        f"write what it gives into `policies.limits.{room.limit.name}`"
        for room in rooms
        if room.is_passed
    ]


def growth(network: Network, beside: Iterable[Resource], raised: Raised) -> Growth:
    """Return how far a network can grow by regions, found out by growing it."""
    others, present = tuple(beside), len(network.topology.regions)
    more = [name for name in AZURE_REGIONS if name not in network.topology.regions]

    def met(number: int) -> str:
        return _met(network, more[:number], others, raised)

    if not met(len(more)):
        return Growth(present, len(more))
    fits, fails = 0, len(more)
    if met(0):
        return Growth(present, -1, met(0))
    while fails - fits > 1:
        half = (fits + fails) // 2
        fits, fails = (fits, half) if met(half) else (half, fails)
    return Growth(present, fits, met(fails))


def _met(network: Network, more: list[str], others: tuple[Resource, ...], raised: Raised) -> str:
    """Return the first limit that is passed with these regions more, or ""."""
    topology = network.topology
    regions = {**topology.regions, **{name: RegionSpec() for name in more}}
    grown = topology.model_copy(update={"regions": regions})
    try:
        resources = wanted(resolve(grown, allocate(grown)))
    except AddressError as error:
        return f"the end of the addresses: {error}"
    for room in headroom((*resources, *others), raised):
        if room.is_passed:
            return f"{room.most:,} {room.limit.what} in {room.where}"
    return ""


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
