"""The topology file as a value: what a platform team may write, and its rules.

Only intent is written here. Addresses come from `addressing`, names from
`naming`, and what Azure is asked for from `resources`.
"""

from __future__ import annotations

from ipaddress import IPv4Network
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from topology.compliance_spec import ComplianceSpec
from topology.field_types import (
    ManagementGroup,
    Name,
    PlacedError,
    RegionName,
    Spec,
    SubscriptionId,
    or_nothing,
)
from topology.groups_spec import GroupsSpec
from topology.limits import ASSIGNMENTS
from topology.names_spec import RegionNames, SpokeNames, Template, TopologyNames, check_names
from topology.naming import Names, subnet_key
from topology.policies_spec import (
    MOST_TAGS,
    PoliciesSpec,
    TagName,
    TagValue,
    check_own_tags,
)
from topology.regions import AZURE_REGIONS
from topology.rollout_spec import RolloutSpec
from topology.verify_spec import VerifySpec, prefix_of


def _at_least(length: int, what: str) -> AfterValidator:
    def check(prefix: IPv4Network) -> IPv4Network:
        if prefix.prefixlen > length:
            raise ValueError(
                f"{prefix} is too small for {what}: Azure takes /{length} or larger; "
                "give it a larger prefix, or take the line out"
            )
        return prefix

    return AfterValidator(check)


SubnetPrefix = Annotated[IPv4Network, _at_least(29, "a subnet")]
FirewallPrefix = Annotated[IPv4Network, _at_least(26, "a firewall's subnet")]
PrefixLength = Annotated[int, Field(ge=8, le=29)]


class SubnetSpec(Spec):
    """A workload subnet of a spoke."""

    prefix: SubnetPrefix | None = Field(
        default=None, description="Given, or allocated from the spoke."
    )
    name: Template | None = Field(default=None, description="In place of that of `names`.")


class SpokeSpec(Spec):
    """A spoke network of a region."""

    environment: Name | None = Field(default=None, description="By default the spoke's own name.")
    subscription: SubscriptionId | None = Field(
        default=None, description="By default its environment's."
    )
    prefix: SubnetPrefix | None = Field(
        default=None, description="Given, or allocated from the region."
    )
    subnets: dict[Name, Annotated[SubnetSpec, or_nothing(SubnetSpec)]] = Field(
        default_factory=lambda: {"workload": SubnetSpec()},
        min_length=1,
        description="The workload subnets by name.",
    )
    names: SpokeNames = SpokeNames()


class HubSpec(Spec):
    """The hub network of a region; its firewall subnet is the first /26 unless given."""

    prefix: IPv4Network | None = Field(
        default=None, description="Given, or allocated from the region."
    )
    firewall: FirewallPrefix | None = Field(
        default=None, description="AzureFirewallSubnet, /26 or larger."
    )


Spokes = dict[Name, Annotated[SpokeSpec, or_nothing(SpokeSpec)]]


class RegionSpec(Spec):
    """A region: `eastus:` alone takes every default of the topology."""

    block: IPv4Network | None = Field(default=None, description="All addresses of the region.")
    hub: HubSpec = HubSpec()
    spokes: Spokes | None = Field(default=None, description="In place of the topology's spokes.")
    zones: tuple[Literal["1", "2", "3"], ...] | None = Field(
        default=None, description="Zones of the firewall; by default all that the region has."
    )
    names: RegionNames = RegionNames()
    admin_rules: bool = Field(
        default=True,
        description="Whether security admin rules are deployed here; others may have theirs.",
    )


class AddressSpec(Spec):
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


class EgressSpec(Spec):
    """Names on the internet that environments may reach, by TLS unless said otherwise."""

    name: Name
    fqdns: tuple[str, ...] = Field(min_length=1)
    environments: tuple[Name, ...] | None = Field(default=None, description="By default all.")
    protocol: Literal["Http", "Https"] = "Https"
    port: int = Field(443, ge=1, le=65535)


class FirewallSpec(Spec):
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


class Topology(Spec):
    """One network: its regions, how they are kept apart, and what they share."""

    topology: Name = Field(description="The name of the network; part of every Azure name.")
    subscription: SubscriptionId = Field(
        description=(
            "The connectivity subscription: of hubs, of what belongs to no region, and of "
            "spokes that have no other."
        )
    )
    subscriptions: dict[Name, SubscriptionId] = Field(
        default_factory=dict, description="The subscription of an environment's spokes."
    )
    management_group: ManagementGroup | None = Field(
        default=None,
        description="The network manager's scope, in place of the subscriptions that are used.",
    )
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
    interconnect: Literal["mesh", "peering"] = Field(
        "mesh",
        description=(
            "How hubs are joined. mesh: by a connected group of AVNM, and by peerings where Azure "
            "offers none; peering: every two hubs are peered."
        ),
    )
    spokes: Spokes | None = Field(default=None, description="By default one for each environment.")
    firewall: FirewallSpec = FirewallSpec()
    egress: tuple[EgressSpec, ...] = ()
    groups: GroupsSpec = GroupsSpec()
    rollout: RolloutSpec = RolloutSpec()
    verify: VerifySpec = VerifySpec()
    compliance: ComplianceSpec = ComplianceSpec()
    protect: bool = Field(
        default=False,
        description=(
            "Refuse every plan, destroy and later roll-back that would delete or replace a "
            "region, a network, a firewall or what all of them share."
        ),
    )
    tags: dict[TagName, TagValue] = Field(
        default_factory=dict, max_length=MOST_TAGS, description="On all that takes tags."
    )
    policies: PoliciesSpec = PoliciesSpec()
    names: TopologyNames = Field(
        TopologyNames(), description="In place of Orrery's own, for a network that exists."
    )
    dns_zone: str = Field(pattern=r"^([a-z0-9-]+\.)+[a-z]{2,}$", description="Private DNS zone.")
    regions: dict[RegionName, Annotated[RegionSpec, or_nothing(RegionSpec)]] = Field(min_length=1)

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

    def subscription_of(self, region: str, spoke: str) -> str:
        """Return where a spoke stands: its own subscription, its environment's, or the hub's."""
        environment = self.environment_of(region, spoke)
        own = self.spokes_of(region)[spoke].subscription
        return own or self.subscriptions.get(environment, self.subscription)

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
        for environment in self.subscriptions:
            place = ("subscriptions", environment)
            self._check_environment(environment, "subscriptions", place)
        for number, rule in enumerate(self.egress):
            where = ("egress", str(number), "environments")
            for environment in rule.environments or ():
                self._check_environment(environment, f"egress {rule.name}", where)
        return self

    @model_validator(mode="after")
    def _names_are_free(self) -> Self:
        for number, name in enumerate(self.environments):
            path = ("environments", str(number))
            if name in {"hubs", "joined"} or name.startswith(("spokes-", "joined-")):
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

    @property
    def given_names(self) -> dict[tuple[str, str], dict[str, str]]:
        """Return the templates that stand in place of Orrery's own, as `Names` takes them."""
        found: dict[tuple[str, str], dict[str, str]] = {("", ""): dict(self.names.given)}
        for region, spec in self.regions.items():
            found[region, ""] = dict(spec.names.given)
            for spoke, held in self.spokes_of(region).items():
                full = {
                    subnet_key(name): subnet.name
                    for name, subnet in held.subnets.items()
                    if subnet.name is not None
                }
                found[region, spoke] = {**held.names.given, **full}
        return {place: given for place, given in found.items() if given}

    @model_validator(mode="after")
    def _names_are_azures(self) -> Self:
        if given := self.given_names:
            spokes = {
                region: {
                    name: list(spoke.subnets) for name, spoke in self.spokes_of(region).items()
                }
                for region in self.regions
            }
            names = Names(self.topology, self.subscription, given=given)
            check_names(names, spokes, self._where_named)
        return self

    def _where_named(self, key: str, region: str, spoke: str) -> tuple[str, ...]:
        """Return where in the file a name is given."""
        if spoke and key in self.spokes_of(region)[spoke].names.given:
            own = self.regions[region].spokes is not None
            return (*(("regions", region) if own else ()), "spokes", spoke, "names", key)
        if region and key in self.regions[region].names.given:
            return ("regions", region, "names", key)
        return ("names", key)

    @model_validator(mode="after")
    def _assignments_fit(self) -> Self:
        needed = len(self.regions) * (len(self.environments) + 1)
        if self.groups.membership == "dynamic" and needed > ASSIGNMENTS.most:
            raise PlacedError(
                ("groups", "membership"),
                f"dynamic membership takes {needed} policy assignments, one for each environment "
                f"of each region and one for the region, and a subscription holds "
                f"{ASSIGNMENTS.most}; write static, or split the topology",
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

    @model_validator(mode="after")
    def _rollout_names_regions(self) -> Self:
        for path, region in self.rollout.named_regions():
            if region not in self.regions:
                raise PlacedError(
                    ("rollout", *path),
                    f'"{region}" is none of `regions`; add it there, or take it out here',
                )
        return self

    @model_validator(mode="after")
    def _verify_names_what_is_there(self) -> Self:
        for path, end in self.verify.ends():
            if prefix_of(end) is None and end not in self.ends:
                names = ", ".join(self.environments)
                raise PlacedError(
                    ("verify", *path),
                    f'"{end}" is nobody here; write an environment ({names}), a region, a spoke '
                    "as region/spoke, or a prefix or address without host bits",
                )
        for path, region in self.verify.regions():
            if region not in self.regions:
                raise PlacedError(
                    ("verify", *path),
                    f'"{region}" is none of `regions`; add it there, or take it out here',
                )
        return self

    @property
    def ends(self) -> set[str]:
        """Return all names that an assertion may have for senders and targets."""
        spokes = {f"{region}/{name}" for region in self.regions for name in self.spokes_of(region)}
        return {*self.environments, *self.regions, *spokes}

    @model_validator(mode="after")
    def _policies_hold(self) -> Self:
        check_own_tags(self.tags, (self.groups.environment_tag, *self.groups.tags))
        self.policies.check_tags(self.tags)
        self.policies.check_regions(self.regions, self.home)
        return self

    def _check_environment(self, environment: str, where: str, path: tuple[str, ...]) -> None:
        if environment not in self.environments:
            raise PlacedError(
                path,
                f'{where} names the environment "{environment}", which `environments` lacks; '
                "add it there, most trusted first, or set `environment` to one of: "
                + ", ".join(self.environments),
            )
