"""What a topology promises of its traffic: checked before it is built, and on what Azure says."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network
from typing import Annotated, Literal, Self, get_args

from pydantic import Field, model_validator

from topology.field_types import PlacedError, RegionName, Spec

INTERNET = "internet"
OWN_FIREWALLS = "own-firewalls"

Reason = Annotated[str, Field(min_length=1)]
ReferenceRule = Literal[
    "there",
    "isolation",
    "too-open",
    "denial",
    "open-group",
    "reach",
    "inspection",
    "third-region",
    "around",
    "egress",
    "half-seen",
    "loop",
    "black-hole",
    "not-ready",
]

_TAKEN = frozenset({*get_args(ReferenceRule), "undenied", "effective"})


class AssertionSpec(Spec):
    """Who can open a connection to whom, or cannot; and by which firewalls."""

    name: Annotated[str, Field(min_length=1)]
    source: str = Field(
        alias="from",
        description="An environment, a region, a spoke (region/spoke), a prefix or an address.",
    )
    target: str = Field(
        alias="to", description="The same, or an address of the internet, or `internet`: all."
    )
    protocol: Literal["tcp", "udp", "icmp"] = "tcp"
    port: int | None = Field(default=None, ge=0, le=65535, description="By default 443.")
    fqdn: Annotated[str, Field(min_length=1)] | None = Field(
        default=None, description="The name in the request, where a firewall decides by it."
    )
    expect: Literal["allowed", "denied"]
    by: Literal["own-firewalls"] | Annotated[tuple[RegionName, ...], Field(min_length=1)] | None = (
        Field(
            default=None,
            description=(
                "own-firewalls: that of the sender's region, then that of the target's; or the "
                "regions whose firewalls are passed, in their order."
            ),
        )
    )

    @model_validator(mode="after")
    def _says_what_can_be_asked(self) -> Self:
        if self.protocol == "icmp" and self.port is not None:
            raise ValueError("icmp has no ports; take `port` out")
        if self.expect == "denied" and self.by is not None:
            raise ValueError(
                "`by` is about the way of what is allowed; take it out, or write expect: allowed"
            )
        return self


class Assumptions(Spec):
    """What the proof takes for granted where Microsoft's text is silent."""

    mesh_forwards: bool = Field(
        default=True,
        description=(
            "A connected group (the mesh) carries what a firewall forwards, whose source is in "
            "none of its members."
        ),
    )
    peering_checks_forwarded: bool = Field(
        default=True,
        description="A peering drops forwarded traffic that its receiving side does not allow.",
    )
    internet_route_frees_private: bool = Field(
        default=False,
        description=(
            "A route 0.0.0.0/0 to the internet takes away the system routes that drop private "
            "addresses, as one to an appliance does."
        ),
    )
    unreachable_hop_drops: bool = Field(
        default=True,
        description=(
            "A route to an appliance that cannot be reached directly drops what it is for: the "
            "next best route does not take its place."
        ),
    )
    avnm_peerings_forward: bool = Field(
        default=True,
        description="Both sides of a peering that AVNM makes let forwarded traffic in.",
    )
    avnm_routes_skip_services: bool = Field(
        default=True,
        description=(
            "Of a network in a group, AVNM's routes leave out the subnets of firewalls, gateways, "
            "Bastion and route servers, as its security admin rules do."
        ),
    )
    firewall_takes_first_address: bool = Field(
        default=True,
        description=(
            "A firewall that is yet to be made gets the first address that its subnet gives (.4)."
        ),
    )


def opposites(assumptions: Assumptions) -> Iterator[tuple[str, Assumptions]]:
    """Yield each assumption as a phrase, `its_name (what it says)`, with all as it is but that."""
    for name, field in Assumptions.model_fields.items():
        value = bool(getattr(assumptions, name))
        taken = f"{'' if value else 'not '}{name} ({field.description})"
        yield taken, assumptions.model_copy(update={name: not value})


class VerifySpec(Spec):
    """What must be so, beside what follows from the topology itself (the reference)."""

    assertions: tuple[AssertionSpec, ...] = ()
    assumptions: Assumptions = Assumptions()
    without: dict[ReferenceRule, Reason] = Field(
        default_factory=dict,
        description="Rules of the reference that are not checked, each with the reason.",
    )

    @model_validator(mode="after")
    def _names_are_free(self) -> Self:
        names = [item.name for item in self.assertions]
        for number, name in enumerate(names):
            place = ("verify", "assertions", str(number), "name")
            if name in names[:number]:
                told = f'two assertions are named "{name}"; give one of them another name'
                raise PlacedError(place, told)
            if name in _TAKEN:
                told = f'"{name}" is a rule of the reference; give the assertion another name'
                raise PlacedError(place, told)
        return self

    def ends(self) -> Iterator[tuple[tuple[str, ...], str]]:
        """Yield whom assertions are about, each with its place below `verify`."""
        for number, item in enumerate(self.assertions):
            yield ("assertions", str(number), "from"), item.source
            if item.target != INTERNET:
                yield ("assertions", str(number), "to"), item.target

    def regions(self) -> Iterator[tuple[tuple[str, ...], str]]:
        """Yield the regions whose firewalls assertions name, each with its place."""
        for number, item in enumerate(self.assertions):
            for position, region in enumerate(item.by or ()) if item.by != OWN_FIREWALLS else ():
                yield ("assertions", str(number), "by", str(position)), region


def prefix_of(text: str) -> IPv4Network | None:
    """Return the prefix that a text is, an address being one of 32 bits; None for a name."""
    try:
        return IPv4Network(text)
    except ValueError:
        return None
