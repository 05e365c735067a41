"""Prices: a table with a date and a source for each, and how a user's own is read."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from topology.billed import METERS, TRAFFIC
from topology.field_types import RegionName, Spec
from topology.reading import parse_as

HOURS = 730.0  # a month, as Azure's pricing calculator has it


def _known(names: tuple[str, ...]) -> AfterValidator:
    def check(value: str) -> str:
        if value not in names:
            raise ValueError(f'"{value}" is no meter; write one of {", ".join(names)}')
        return value

    return AfterValidator(check)


Meter = Annotated[str, _known((*METERS, *TRAFFIC))]
TrafficMeter = Annotated[str, _known(TRAFFIC)]
Amount = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Price(Spec):
    """What a meter costs, who says so and when; `assumed` where nobody does."""

    price: Amount
    per: Literal["hour", "month", "GB"]
    source: str = Field(min_length=1)
    date: date
    assumed: bool = False
    regions: dict[RegionName, Amount] = Field(
        default_factory=dict, description="Where it costs something else."
    )

    def monthly(self, region: str | None) -> float:
        """Return what a month of one unit costs; of traffic, a GB."""
        price = self.regions.get(region or "", self.price)
        return price * HOURS if self.per == "hour" else price


class PriceTable(Spec):
    """Prices by meter, in one currency, and the traffic of a month that is paid for.

    `traffic_gb` is what the firewalls process, what passes peerings between hubs and spokes,
    and what passes the mesh between regions, each in all.
    """

    currency: str = Field(pattern="^[A-Z]{3}$")
    prices: dict[Meter, Price] = Field(default_factory=dict)
    traffic_gb: dict[TrafficMeter, Amount] = Field(default_factory=dict)


_RETAIL = "Azure Retail Prices, as infracost keeps them in {test}"
_READ = date(2026, 11, 26)


def _price(price: float, per: Literal["hour", "month", "GB"], test: str) -> Price:
    return Price(price=price, per=per, source=_RETAIL.format(test=test), date=_READ)


# List prices of most regions of America and Europe. What passes a peering is billed on both
# sides, and the mesh as a peering (learn: virtual-network-manager/faq, "charge for peering").
BUILT_IN = PriceTable(
    currency="USD",
    prices={
        "firewall-premium": _price(1.75, "hour", "firewall_test"),
        "firewall-standard": _price(1.25, "hour", "firewall_test"),
        "public-ip": _price(0.005, "hour", "public_ip_test"),
        "private-dns-zone": _price(0.5, "month", "private_dns_zone_test"),
        "firewall-gb": _price(0.016, "GB", "firewall_test"),
        "peering-gb": _price(0.02, "GB", "virtual_network_peering_test"),
        "mesh-gb": _price(0.07, "GB", "virtual_network_peering_test"),
        "managed-network": Price(
            price=0.02,
            per="hour",
            source="ASSUMPTION: billed by network (learn: virtual-network-manager/faq), so much?",
            date=_READ,
            assumed=True,
        ),
        "firewall-policy": Price(
            price=100,
            per="month",
            source=(
                "ASSUMPTION: free for one firewall (learn: firewall-manager/policy-overview), "
                "so much, and by region?"
            ),
            date=_READ,
            assumed=True,
        ),
    },
)


def parse_prices(text: str, source: str) -> PriceTable:
    """Read a price table; what it leaves out has the built-in price, if it is in that currency.

    Raises TopologyError.
    """
    table = parse_as(
        PriceTable,
        text,
        source,
        "a price table is a mapping; see docs/forecast.md",
        page="docs/forecast.md",
    )
    if table.currency != BUILT_IN.currency:
        return table
    return table.model_copy(update={"prices": {**BUILT_IN.prices, **table.prices}})
