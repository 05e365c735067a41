"""The topology file as a value: what a platform team may write, and its rules.

Only intent is written here. Addresses come from `addressing`, names from
`naming`, and what Azure is asked for from `resources`.
"""

from __future__ import annotations

import re
from ipaddress import IPv4Network
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    WithJsonSchema,
    model_validator,
)

from topology.regions import AZURE_REGIONS

# A network's name holds two of these and the longest region: 63 of the 64 that Azure takes.
NAME = re.compile(r"[a-z][a-z0-9-]{0,17}[a-z0-9]")


class PlacedError(ValueError):
    """A rule that spans fields; `path` is where in the topology file it is broken."""

    def __init__(self, path: tuple[str, ...], message: str) -> None:
        super().__init__(message)
        self.path = path


def _short_name(value: str) -> str:
    if not NAME.fullmatch(value):
        raise ValueError(
            f'"{value}" cannot be part of an Azure name; '
            "write 2 to 19 lower-case letters, digits or dashes, a letter first"
        )
    return value


def _known_region(value: str) -> str:
    if value not in AZURE_REGIONS:
        raise ValueError(
            f'"{value}" is not a public Azure region; '
            "write its short name, as `az account list-locations` prints it"
        )
    return value


def _at_least(length: int, what: str) -> AfterValidator:
    def check(prefix: IPv4Network) -> IPv4Network:
        if prefix.prefixlen > length:
            raise ValueError(
                f"{prefix} is too small for {what}: Azure takes /{length} or larger; "
                "give it a larger prefix, or take the line out"
            )
        return prefix

    return AfterValidator(check)


def _nothing_is_default(value: Any) -> Any:
    """Read a key without a value as `{}`: `eastus:` alone is a whole region."""
    return {} if value is None else value


def _or_nothing(model: type[BaseModel]) -> BeforeValidator:
    return BeforeValidator(_nothing_is_default, json_schema_input_type=model | None)


Name = Annotated[
    str,
    AfterValidator(_short_name),
    WithJsonSchema({"type": "string", "pattern": f"^{NAME.pattern}$"}),
]
RegionName = Annotated[
    str,
    AfterValidator(_known_region),
    WithJsonSchema({"type": "string", "enum": sorted(AZURE_REGIONS)}),
]
SubnetPrefix = Annotated[IPv4Network, _at_least(29, "a subnet")]
FirewallPrefix = Annotated[IPv4Network, _at_least(26, "a firewall's subnet")]
PrefixLength = Annotated[int, Field(ge=8, le=29)]


class _Spec(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SubnetSpec(_Spec):
    """A workload subnet of a spoke."""

    prefix: SubnetPrefix | None = Field(
        default=None, description="Given, or allocated from the spoke."
    )


class SpokeSpec(_Spec):
    """A spoke network of a region."""

    environment: Name | None = Field(default=None, description="By default the spoke's own name.")
    prefix: SubnetPrefix | None = Field(
        default=None, description="Given, or allocated from the region."
    )
    subnets: dict[Name, Annotated[SubnetSpec, _or_nothing(SubnetSpec)]] = Field(
        default_factory=lambda: {"workload": SubnetSpec()},
        min_length=1,
        description="The workload subnets by name.",
    )


class HubSpec(_Spec):
    """The hub network of a region; its firewall subnet is the first /26 unless given."""

    prefix: IPv4Network | None = Field(
        default=None, description="Given, or allocated from the region."
    )
    firewall: FirewallPrefix | None = Field(
        default=None, description="AzureFirewallSubnet, /26 or larger."
    )


Spokes = dict[Name, Annotated[SpokeSpec, _or_nothing(SpokeSpec)]]


class RegionSpec(_Spec):
    """A region: `eastus:` alone takes every default of the topology."""

    block: IPv4Network | None = Field(default=None, description="All addresses of the region.")
    hub: HubSpec = HubSpec()
    spokes: Spokes | None = Field(default=None, description="In place of the topology's spokes.")
    zones: tuple[Literal["1", "2", "3"], ...] | None = Field(
        default=None, description="Zones of the firewall; by default all that the region has."
    )


class AddressSpec(_Spec):
    """Where addresses come from, and how large each piece is (prefix lengths)."""

    space: IPv4Network = IPv4Network("10.0.0.0/8")
    region: PrefixLength = 16
    hub: PrefixLength = 22
    spoke: PrefixLength = 20
    subnet: PrefixLength = 24

    @model_validator(mode="after")
    def _pieces_fit(self) -> Self:
        if not self.space.prefixlen <= self.region < self.spoke < self.subnet:
            raise ValueError(
                "each piece must fit into the one before: space, region, spoke, subnet; "
                "write larger numbers for smaller pieces"
            )
        if not self.region < self.hub <= 26:  # noqa: PLR2004
            raise ValueError("the hub must hold a /26 for its firewall; write hub: 26 or less")
        return self


class EgressSpec(_Spec):
    """Names on the internet that environments may reach, by TLS unless said otherwise."""

    name: Name
    fqdns: tuple[str, ...] = Field(min_length=1)
    environments: tuple[Name, ...] | None = Field(default=None, description="By default all.")
    protocol: Literal["Http", "Https"] = "Https"
    port: int = Field(443, ge=1, le=65535)


class FirewallSpec(_Spec):
    """The one firewall policy, and the tier of the firewalls that use it."""

    tier: Literal["Standard", "Premium"] = "Premium"
    threat_intelligence: Literal["Off", "Alert", "Deny"] = "Deny"
    intrusion_detection: Literal["Off", "Alert", "Deny"] = "Alert"
    create_side_by_side: bool = Field(
        default=True,
        description=(
            "An assumption: firewalls that share a policy may be created at the same time. "
            "Set false to create them one after another."
        ),
    )


class Topology(_Spec):
    """One network: its regions, how they are kept apart, and what they share."""

    topology: Name = Field(description="The name of the network; part of every Azure name.")
    subscription: str = Field(pattern=r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$")
    home: RegionName = Field(description="Where the policy, the manager and the zone live.")
    addresses: AddressSpec = AddressSpec()
    environments: tuple[Name, ...] = Field(
        ("prod", "nonprod"), min_length=1, description="The most trusted first."
    )
    isolation: Literal["strict", "one-way", "none"] = Field(
        "one-way",
        description=(
            "strict: no environment reaches another; one-way: one reaches those listed "
            "after it, never those before; none: all reach all."
        ),
    )
    spokes: Spokes | None = Field(default=None, description="By default one for each environment.")
    firewall: FirewallSpec = FirewallSpec()
    egress: tuple[EgressSpec, ...] = ()
    dns_zone: str = Field(pattern=r"^([a-z0-9-]+\.)+[a-z]{2,}$", description="Private DNS zone.")
    regions: dict[RegionName, Annotated[RegionSpec, _or_nothing(RegionSpec)]] = Field(min_length=1)

    def spokes_of(self, region: str) -> dict[str, SpokeSpec]:
        """Return the spokes of a region: its own, the topology's, or one an environment."""
        own = self.regions[region].spokes
        if own is not None:
            return own
        if self.spokes is not None:
            return self.spokes
        return {environment: SpokeSpec() for environment in self.environments}

    def environment_of(self, region: str, spoke: str) -> str:
        """Return the environment of a spoke; a spoke that names none is its own."""
        return self.spokes_of(region)[spoke].environment or spoke

    def may_open(self, source: str, target: str) -> bool:
        """Say whether one environment may open connections to another."""
        if source == target or self.isolation == "none":
            return True
        order = self.environments
        return self.isolation == "one-way" and order.index(source) < order.index(target)

    @model_validator(mode="after")
    def _environments_are_known(self) -> Self:
        for region in self.regions:
            for spoke in self.spokes_of(region):
                path = ("regions", region, "spokes", spoke, "environment")
                environment = self.environment_of(region, spoke)
                self._check_environment(environment, f"{spoke} in {region}", path)
        for number, rule in enumerate(self.egress):
            place = ("egress", str(number), "environments")
            for environment in rule.environments or ():
                self._check_environment(environment, f"egress {rule.name}", place)
        return self

    @model_validator(mode="after")
    def _names_are_free(self) -> Self:
        for number, name in enumerate(self.environments):
            path = ("environments", str(number))
            if name == "hubs" or name.startswith("spokes-"):
                raise PlacedError(
                    path,
                    f'"{name}" is the name of a network group that Orrery makes itself; '
                    "give the environment another name",
                )
            if name in self.environments[:number]:
                raise PlacedError(path, f'"{name}" is named twice; take one of them out')
        names = [rule.name for rule in self.egress]
        for number, name in enumerate(names):
            if name in names[:number]:
                message = f'two rules are named "{name}"; give one of them another name'
                raise PlacedError(("egress", str(number), "name"), message)
        for region in self.regions:
            if "hub" in self.spokes_of(region):
                raise PlacedError(
                    ("regions", region, "spokes", "hub"),
                    f'a spoke in {region} is named "hub", as the hub itself is; '
                    "give it another name",
                )
        return self

    @model_validator(mode="after")
    def _zones_exist(self) -> Self:
        for name, region in self.regions.items():
            missing = set(region.zones or ()) - set(AZURE_REGIONS[name].zones)
            if missing:
                offered = ", ".join(AZURE_REGIONS[name].zones) or "none"
                raise PlacedError(
                    ("regions", name, "zones"),
                    f"{name} has no zone {min(missing)} (it offers: {offered}); "
                    "leave `zones` out to take all that there are",
                )
        return self

    def _check_environment(self, environment: str, where: str, path: tuple[str, ...]) -> None:
        if environment not in self.environments:
            raise PlacedError(
                path,
                f'{where} names the environment "{environment}", which `environments` lacks; '
                "add it there, most trusted first, or set `environment` to one of: "
                + ", ".join(self.environments),
            )
