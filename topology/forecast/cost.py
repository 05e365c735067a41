"""What a month costs, before a plan and after it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from topology.billed import Billed
from topology.forecast.prices import Price, PriceTable
from topology.kind import Resource, at, same_id
from topology.resources import KIND_BY_NAME

Units = Counter[tuple[str, str | None]]  # of a meter in a region


@dataclass(frozen=True)
class Line:
    """One meter: units and what they cost in a month; None where the table has no price.

    Units run for a whole month; those of traffic are GB.
    """

    meter: str
    units_before: float
    units_after: float
    before: float | None
    after: float | None
    price: str = "no price"
    source: str = ""
    date: str = ""
    assumed: bool = False


@dataclass(frozen=True)
class Cost:
    """What a month costs before and after a plan; `fixed_only` where no traffic is given."""

    currency: str
    before: float
    after: float
    fixed_only: bool
    lines: tuple[Line, ...]

    @property
    def unpriced(self) -> tuple[str, ...]:
        """Return the meters that run and have no price."""
        return tuple(line.meter for line in self.lines if line.after is None)

    @property
    def unknown(self) -> tuple[str, ...]:
        """Return the meters of which more will run than before, nobody knows for how much."""
        unpriced = (line for line in self.lines if line.after is None)
        return tuple(line.meter for line in unpriced if line.units_after > line.units_before)

    @property
    def dates(self) -> tuple[str, ...]:
        """Return of which days the prices are, the oldest first."""
        return tuple(sorted({line.date for line in self.lines if line.date}))

    @property
    def assumed(self) -> tuple[str, ...]:
        """Return the meters whose price is an assumption."""
        return tuple(line.meter for line in self.lines if line.assumed)


def cost_of(before: Iterable[Resource], after: Iterable[Resource], table: PriceTable) -> Cost:
    """Return what these resources cost in a month; traffic passes while any of them stands."""
    old, new = units_of(before), units_of(after)
    meters = sorted({meter for meter, _ in (*old, *new)})
    lines = [_fixed(meter, old, new, table) for meter in meters]
    lines += [_traffic(name, (bool(old), bool(new)), table) for name in table.traffic_gb]
    return Cost(
        table.currency,
        round(sum(line.before or 0.0 for line in lines), 2),
        round(sum(line.after or 0.0 for line in lines), 2),
        not table.traffic_gb,
        tuple(lines),
    )


def units_of(resources: Iterable[Resource]) -> Units:
    """Return which meters run how often, by region."""
    standing = tuple(resources)
    found: Units = Counter()
    for resource in standing:
        for billed in KIND_BY_NAME[resource.kind].billed:
            name = _meter(billed, resource)
            if billed.users_at is None:
                found[name, resource.region] += 1
            elif len(users := list(_users(resource, billed.users_at, standing))) > 1:
                found.update((name, region) for region in dict.fromkeys(users))
    return found


def _meter(billed: Billed, resource: Resource) -> str:
    return re.sub(r"\{(.+?)\}", lambda path: str(at(resource.body, path[1])).lower(), billed.meter)


def _users(used: Resource, path: str, standing: Iterable[Resource]) -> Iterator[str | None]:
    for resource in standing:
        if same_id(str(at(resource.body, path))) == same_id(used.id):
            yield resource.region


def _fixed(meter: str, old: Units, new: Units, table: PriceTable) -> Line:
    price = table.prices.get(meter)

    def monthly(units: Units) -> float:
        mine = ((region, count) for (name, region), count in units.items() if name == meter)
        return sum(count * price.monthly(region) for region, count in mine) if price else 0.0

    def total(units: Units) -> int:
        return sum(count for (name, _), count in units.items() if name == meter)

    return _line(meter, (total(old), total(new)), (monthly(old), monthly(new)), price)


def _traffic(meter: str, stands: tuple[bool, bool], table: PriceTable) -> Line:
    price, amount = table.prices.get(meter), table.traffic_gb[meter]
    before, after = (amount * there for there in stands)
    each = price.price if price else 0.0
    return _line(meter, (before, after), (before * each, after * each), price)


def _line(
    meter: str, units: tuple[float, float], costs: tuple[float, float], price: Price | None
) -> Line:
    if price is None:
        return Line(meter, *units, None, None)
    each, day = f"{price.price:g} per {price.per}", price.date.isoformat()
    return Line(meter, *units, *costs, each, price.source, day, price.assumed)
