"""Every number and name that the simulator's behaviour depends on, with its source.

A value that no source gives is said to be `assumed` in the comment beside it.
"""

from dataclasses import dataclass, field
from functools import cached_property

from simulator.management_groups import ManagementGroup
from simulator.principals import PIPELINE, Principal
from simulator.request_limits import RequestLimits

Range = tuple[float, float]

# Seconds of simulated time, drawn uniformly from (low, high). Recorded medians are
# upper bounds that contain the client's own poll period, so the draws lie below them
# (recordings.md section 9, facts.md section 11).
DURATIONS: dict[tuple[str, str], Range] = {
    ("Microsoft.Resources/resourceGroups", "delete"): (31, 62),
    ("Microsoft.Network/virtualNetworks", "create"): (3, 10),
    ("Microsoft.Network/virtualNetworks", "update"): (0.5, 3),
    ("Microsoft.Network/virtualNetworks", "delete"): (4, 9.5),
    ("Microsoft.Network/virtualNetworks/subnets", "create"): (1, 3),
    ("Microsoft.Network/virtualNetworks/subnets", "update"): (0.5, 2),
    ("Microsoft.Network/virtualNetworks/subnets", "delete"): (4, 9.5),
    ("Microsoft.Network/virtualNetworks/virtualNetworkPeerings", "create"): (2, 4),
    ("Microsoft.Network/virtualNetworks/virtualNetworkPeerings", "update"): (1, 3),
    ("Microsoft.Network/virtualNetworks/virtualNetworkPeerings", "delete"): (4, 9.5),
    ("Microsoft.Network/networkSecurityGroups", "create"): (2, 4),
    ("Microsoft.Network/networkSecurityGroups", "update"): (1, 2),
    ("Microsoft.Network/networkSecurityGroups", "delete"): (1, 3),
    ("Microsoft.Network/networkSecurityGroups/securityRules", "create"): (1, 3),
    ("Microsoft.Network/networkSecurityGroups/securityRules", "update"): (1, 3),
    ("Microsoft.Network/networkSecurityGroups/securityRules", "delete"): (1, 3),
    ("Microsoft.Network/routeTables", "create"): (1.5, 3.5),
    ("Microsoft.Network/routeTables", "update"): (0.5, 1.5),
    ("Microsoft.Network/routeTables", "delete"): (2, 3),
    ("Microsoft.Network/routeTables/routes", "create"): (1, 3),
    ("Microsoft.Network/routeTables/routes", "update"): (1, 2),
    ("Microsoft.Network/routeTables/routes", "delete"): (1, 3),
    # A run of network verifier was over within 64 seconds (facts.md section 9).
    (
        "Microsoft.Network/networkManagers/verifierWorkspaces/reachabilityAnalysisRuns",
        "run",
    ): (20, 60),
    # Interfaces and the questions asked of them were never measured: `assumed`.
    # Recording test_network_vnet_peering; an update was never measured: `assumed` as a create.
    ("Microsoft.Network/virtualNetworkGateways", "create"): (981, 1082),
    ("Microsoft.Network/virtualNetworkGateways", "update"): (981, 1082),
    ("Microsoft.Network/virtualNetworkGateways", "delete"): (478, 579),
    ("Microsoft.Network/networkInterfaces", "create"): (1, 3),
    ("Microsoft.Network/networkInterfaces", "update"): (1, 3),
    ("Microsoft.Network/networkInterfaces", "delete"): (4, 9.5),
    ("Microsoft.Network/networkInterfaces", "question"): (2, 8),
    ("Microsoft.Network/publicIPAddresses", "create"): (1, 3),
    ("Microsoft.Network/publicIPAddresses", "update"): (1, 3),
    ("Microsoft.Network/publicIPAddresses", "delete"): (4, 9.5),
    # Done at the first poll, 0 to 10 s later (recordings.md section 9).
    ("Microsoft.Network/ipGroups", "create"): (0.5, 9.5),
    ("Microsoft.Network/ipGroups", "update"): (0.5, 9.5),
    # A group that rules of a deployed firewall name: `assumed` as for a policy.
    ("Microsoft.Network/ipGroups", "attached"): (96, 222),
    ("Microsoft.Network/firewallPolicies", "create"): (3, 5),
    ("Microsoft.Network/firewallPolicies", "update"): (3, 5),
    ("Microsoft.Network/firewallPolicies", "attached"): (96, 222),
    ("Microsoft.Network/firewallPolicies/ruleCollectionGroups", "create"): (3, 9.5),
    ("Microsoft.Network/firewallPolicies/ruleCollectionGroups", "update"): (3, 9.5),
    ("Microsoft.Network/firewallPolicies/ruleCollectionGroups", "delete"): (3, 9.5),
    # A write on a policy with firewalls attached (recordings.md section 9: 187 to 250).
    ("Microsoft.Network/firewallPolicies/ruleCollectionGroups", "attached"): (187, 250),
    # A delete there kept the firewall busy for 139 s, and no longer than 199 (facts.md
    # section 6, recordings of 2025 and 2026).
    ("Microsoft.Network/firewallPolicies/ruleCollectionGroups", "attached-delete"): (139, 199),
    ("Microsoft.Network/azureFirewalls", "create"): (218, 407),
    # All that was measured is Standard without zones (facts.md section 11): `assumed` the same.
    ("Microsoft.Network/azureFirewalls", "create-premium"): (218, 407),
    ("Microsoft.Network/azureFirewalls", "create-zonal"): (218, 407),
    ("Microsoft.Network/azureFirewalls", "update"): (74, 174),
    ("Microsoft.Network/azureFirewalls", "delete"): (380, 480),
    # A firewall without ipConfigurations is metadata only.
    ("Microsoft.Network/azureFirewalls", "metadata"): (0.5, 1.5),
    ("Microsoft.Network/privateDnsZones", "create"): (10, 31),
    ("Microsoft.Network/privateDnsZones", "update"): (10, 31),
    ("Microsoft.Network/privateDnsZones", "delete"): (10, 31),
    ("Microsoft.Network/privateDnsZones/virtualNetworkLinks", "create"): (10, 31),
    ("Microsoft.Network/privateDnsZones/virtualNetworkLinks", "update"): (10, 31),
    ("Microsoft.Network/privateDnsZones/virtualNetworkLinks", "delete"): (10, 31),
}

# Of a type and operation that the table leaves out: `assumed`.
DEFAULT_DURATION: Range = (1, 3)

# Retry-After of the answer to a write (recordings.md section 4).
RETRY_AFTER: dict[tuple[str, str], float] = {
    ("Microsoft.Resources/resourceGroups", "delete"): 15,
    ("Microsoft.Network/virtualNetworks", "put"): 3,
    ("Microsoft.Network/virtualNetworks/subnets", "put"): 3,
    ("Microsoft.Network/networkSecurityGroups", "put"): 1,
    ("Microsoft.Network/networkSecurityGroups", "delete"): 1,
    ("Microsoft.Network/networkSecurityGroups/securityRules", "put"): 1,
    ("Microsoft.Network/publicIPAddresses", "put"): 1,
    ("Microsoft.Network/applicationSecurityGroups", "put"): 1,
    ("Microsoft.Network/routeTables", "put"): 2,
    ("Microsoft.Network/routeTables", "delete"): 2,
    ("Microsoft.Network/routeTables/routes", "put"): 2,
    ("Microsoft.Network/routeTables/routes", "delete"): 2,
    ("Microsoft.Network/privateDnsZones", "put"): 30,
    ("Microsoft.Network/privateDnsZones", "delete"): 30,
    ("Microsoft.Network/privateDnsZones/virtualNetworkLinks", "put"): 30,
    ("Microsoft.Network/privateDnsZones/virtualNetworkLinks", "delete"): 30,
}

# Peerings, firewalls, policies, rule collection groups, every other delete.
DEFAULT_RETRY_AFTER = 10.0

# How many a region of a subscription may have or, of children, a parent (facts.md
# section 8; rule collection groups section 6; record sets recordings.md section 6).
LIMITS: dict[str, int] = {
    "Microsoft.Network/virtualNetworks": 1000,
    "Microsoft.Network/virtualNetworks/subnets": 3000,
    "Microsoft.Network/virtualNetworks/virtualNetworkPeerings": 500,
    "Microsoft.Network/networkSecurityGroups": 5000,
    "Microsoft.Network/networkSecurityGroups/securityRules": 1000,
    "Microsoft.Network/routeTables": 200,
    "Microsoft.Network/routeTables/routes": 400,
    "Microsoft.Network/publicIPAddresses": 1000,
    "Microsoft.Network/firewallPolicies/ruleCollectionGroups": 60,
    "Microsoft.Network/privateDnsZones": 1000,
    "Microsoft.Network/privateDnsZones/virtualNetworkLinks": 1000,
}


def subscriptions(count: int) -> tuple[str, ...]:
    """Return the ids of so many subscriptions; the first is the one of `Settings`."""
    return tuple(f"00000000-0000-4000-8000-{number:012d}" for number in range(1, count + 1))


@dataclass(frozen=True)
class Settings:
    """What one simulator is told; every field has a default that works."""

    tenant_id: str = "00000000-0000-4000-8000-0000000000aa"
    subscription_ids: tuple[str, ...] = ("00000000-0000-4000-8000-000000000001",)
    # The operator: the principal that env.sh signs in, and the name Azure has for it.
    client_id: str = "00000000-0000-4000-8000-0000000000cc"
    client_secret: str = "the-simulator-accepts-this"  # noqa: S105 - it guards nothing
    principal: str = "operator@example.com"
    # Others who may sign in.
    principals: tuple[Principal, ...] = ()
    # Groups below the tenant's root group, which holds all subscriptions that these do not.
    management_groups: tuple[ManagementGroup, ...] = ()
    # Which action Azure wants at a management group that becomes a manager's scope no source
    # says; that there is one, `Microsoft.Network/networkManagers/write`, is `assumed`.
    manager_scope_needs_rights: bool = True
    # Seconds that a token is valid for. Entra draws 60 to 90 minutes, and gives up to 28
    # hours to clients that can be called back, as those of the SDK can (its pages on access
    # tokens and on continuous access evaluation).
    token_lifetime: int = 24 * 3600
    # Simulated seconds until a new role assignment takes effect. Azure says "up to ten
    # minutes" (its page on troubleshooting RBAC); most runs see none: 0 is `assumed`.
    role_assignment_lag: float = 0.0
    seed: int = 1

    # All limits on requests are divided by this: 1 throttles as Azure does, 0 nobody.
    throttling: float = 1.0
    request_limits: RequestLimits = field(default_factory=RequestLimits)

    durations: dict[tuple[str, str], Range] = field(default_factory=lambda: dict(DURATIONS))
    retry_afters: dict[tuple[str, str], float] = field(default_factory=lambda: dict(RETRY_AFTER))
    limits: dict[str, int] = field(default_factory=lambda: dict(LIMITS))
    # "The call can be retried in 14 seconds": recordings.md section 8 saw 11 to 14.
    busy_retry_after: tuple[int, int] = (11, 14)

    # A commit reaches Deployed after this long. Nobody measured it; documents say
    # "a few minutes" (facts.md section 2): `assumed`.
    commit_duration: Range = (60, 180)
    # listDeploymentStatus answers an empty list this long after a commit (an open bug of
    # Azure, facts.md section 2); how long is `assumed`.
    status_empty_for: Range = (5, 15)
    # From the first entry, NotStarted, to Deploying: `assumed`.
    deployment_starts_after: Range = (2, 10)
    # Effects show on the networks this long after Deployed: `assumed`.
    effect_lag: Range = (5, 20)
    # AVNM notices new subnets, new members and lost associations, and repairs its route
    # tables, this long after ("eventual consistency", facts.md section 4): `assumed`.
    reconcile_lag: Range = (10, 30)
    # Networks join and leave a group this long after a policy, a tag or a network changed:
    # "a few minutes" below 1,000 subscriptions (facts.md section 1); the bounds are `assumed`.
    dynamic_membership_lag: Range = (60, 240)
    # A firewall that is made again in a subnet gets the next address: .4 was observed, never
    # promised (facts.md section 6). When Azure gives another is not known: `assumed`.
    firewall_addresses_move: bool = False
    # A static member reads Updating for this long (recordings.md section 6: about 2 s).
    static_member_duration: Range = (1.5, 2.5)
    # Reads show another etag each time this long after a write (recorded: three seconds).
    manager_etags_settle_for: float = 3.5
    # A manager deleted within so many seconds of its scope connection leaves its subscriptions
    # unusable as scopes (azure-rest-api-specs issue 23188: 1); 0 switches that off.
    scope_wedges_within: float = 0
    # Deletes in a network manager that clean up: 202, then 204 after 31 or 32 s; the
    # recording client polled every 30 s, so the true value lies below (section 9).
    manager_delete_duration: Range = (5, 30)
    # Members of a connected group, and connected groups a network (facts.md section 1).
    connected_group_limit: int = 250
    connected_groups_per_network: int = 2
    # Spokes that one hub can be peered with (facts.md section 1).
    spokes_per_hub: int = 1000
    # Members of a group that stands for addresses in an admin rule (section 3).
    group_as_addresses_limit: int = 100
    # Admin rules a manager, routes a managed table (facts.md sections 3 and 4). What
    # does not fit into the table is left out: `assumed`.
    admin_rule_limit: int = 100
    managed_route_limit: int = 1000

    # A link with registration completes this long after its operation: recorded is that it
    # still reads InProgress 31 s after the PUT (test_PutLink_LinkNotExistsWithRegistration,
    # test_PatchLink_EnableRegistration); until when is `assumed`.
    registration_lag: Range = (31, 60)

    # Resources on a page of a list: that lists are paged is sourced (arm/paging.py), the
    # size is `assumed`.
    page_size: int = 1000

    # Private addresses in use in one network, and in it and its peers (facts.md section 8).
    addresses_per_network: int = 65536
    addresses_of_peers: int = 128000
    # Public addresses a firewall (facts.md section 6).
    addresses_per_firewall: int = 250
    # Addresses an IP group, and groups that the rules of one firewall may name
    # (facts.md section 6).
    ip_group_address_limit: int = 5000
    ip_groups_per_firewall: int = 200
    # Size of a rule collection group; DNAT rules, and pairs of a source and a destination
    # in network rules, of one firewall (facts.md section 6).
    rule_collection_group_megabytes: float = 2
    dnat_rule_limit: int = 250
    network_rule_pair_limit: int = 20000

    # Standard public addresses per subscription and region (facts.md section 8).
    public_address_limit: int = 1000
    # Record sets a private zone, and links with registration (recordings.md section 6).
    zone_record_set_limit: int = 25000
    zone_registration_limit: int = 100
    # Private zones that one network is linked to (facts.md section 8).
    zones_per_network: int = 1000
    # Routes to a service tag in one route table (facts.md section 8).
    service_tag_route_limit: int = 25

    @cached_property
    def operator(self) -> Principal:
        """Return the principal that env.sh signs in: it owns every subscription."""
        return Principal(
            self.client_id,
            "00000000-0000-4000-8000-0000000000dd",
            self.client_secret,
            self.principal,
            "Owner",
            (PIPELINE,),
        )

    @cached_property
    def everyone(self) -> tuple[Principal, ...]:
        """Return all who may sign in, the operator first."""
        return (self.operator, *self.principals)

    def principal_with(self, client_id: str) -> Principal | None:
        """Return who has this client id, in any case."""
        wanted = client_id.lower()
        return next((who for who in self.everyone if who.client_id.lower() == wanted), None)

    def duration(self, type_name: str, operation: str) -> Range:
        """Return the bounds between which this operation's seconds are drawn."""
        return self.durations.get((type_name, operation), DEFAULT_DURATION)

    def retry_after(self, type_name: str, operation: str) -> float:
        """Return the seconds that the answer to this write asks a client to wait."""
        return self.retry_afters.get((type_name, operation), DEFAULT_RETRY_AFTER)
