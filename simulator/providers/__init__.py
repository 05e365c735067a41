"""The resource types the simulator serves, one file each.

How a provider is written
-------------------------
Subclass `simulator.arm.provider.Provider`, set its facts and override only the hooks
that are special to the type; then put an instance into `PROVIDERS` below. The base class
parses, completes, checks, stores, shows, times and deletes.

Facts: `type` (in Azure's spelling), `family` (`simulator.arm.families`: which status
URLs, etags and status codes), `operation_name` (the middle of "PutSubnetOperation"),
`layout` (order of properties in a body), `defaults`, `read_only` (input to ignore),
`extras` (top-level keys such as "sku"), `inline` (children written in the parent's
body), `locations` ("regional", "global", "none" for children), `has_guid`, `has_tags`
(children with tags), `key_order` (of a body's top level, where the family's is wrong),
`shown_type` (where bodies spell the type unlike paths), `since` (the first api-version
that shows a property), `synchronous_delete`, `scopes` (extension resources stand on other
resources, subscriptions and management groups, not only in groups; see
`simulator.arm.ids.ResourceId.scope_kind`).

A PUT calls `location_of`, `read` and `adjust` (the body becomes a `Draft`, nothing has
changed yet), `references` (ids that must exist; `regional_references` in the same
region), `check_name`, `check_reference`, `validate`, and then changes things: `write`,
`on_written`, `duration` and `locks` of the operation, and `on_done` when its time has
come. A refusal is a raised `ArmError`; it is always raised before anything was changed.
What is accepted and fails all the same is `doomed`; `on_failed` says what it leaves
behind. How many there may be of a type is in `simulator.settings.LIMITS`.

Before `read` the body is held against the table `simulator/constraints.json` (members,
kinds, values, patterns and ranges from Microsoft's swagger; `simulator.arm.constraints`),
and what the family `minds` is refused in its words, `malformed`. A provider checks only
what the swagger cannot say. After adding a type, `python -m tests.contract.swagger` writes
the table anew, and the type gets a stop in `tests/contract/swagger/stops.py`.

A read is `show`: stored properties plus `computed(resource, world)`. `Resource.hidden`
is a notebook for what is never shown. Inline children are resources of their own.

What differs altogether overrides a verb: `put`, `get`, `delete`, `patch`, `list_reply`,
`post`, `result` each take a `Call` and return a `Reply`. `actions` maps lower-cased POST
names, and `questions` those of a GET below a resource, to functions
`(call, resource) -> Reply`. A list that is not `{"value": [...]}`
overrides `list_reply(call, resources)`, one that shows other resources `listed(call)`.
Polls of `<resource path>/operationResults/<id>` arrive at `result(call, id)` of the
provider of that resource.

Time: `world.timeline.after(seconds, function)` lets something become true later; it is
settled at the start of the first request after that moment, in order of time.
`world.draw((low, high))` draws a duration, `world.new_guid()` an id, and
`world.clock.wall()` is the date for stamps. `world.operations.holder(key)` tells what
keeps a resource busy. Effects on other resources go through `world.store` and `touch`.
"""

from simulator.arm.provider import Provider
from simulator.providers.admin_rule_collections import AdminRuleCollections
from simulator.providers.admin_rules import AdminRules
from simulator.providers.application_security_groups import ApplicationSecurityGroups
from simulator.providers.azure_firewalls import AzureFirewalls
from simulator.providers.connectivity_configurations import ConnectivityConfigurations
from simulator.providers.firewall_policies import FirewallPolicies
from simulator.providers.ip_groups import IpGroups
from simulator.providers.ipam_pools import IpamPools
from simulator.providers.local_network_gateways import LocalNetworkGateways
from simulator.providers.management_groups import ManagementGroups, SubscriptionPlaces
from simulator.providers.network_groups import NetworkGroups
from simulator.providers.network_interfaces import NetworkInterfaces
from simulator.providers.network_manager_commits import NetworkManagerCommits
from simulator.providers.network_manager_connections import NetworkManagerConnections
from simulator.providers.network_managers import NetworkManagers
from simulator.providers.network_security_groups import (
    DefaultSecurityRules,
    NetworkSecurityGroups,
    SecurityRules,
)
from simulator.providers.policy_assignments import PolicyAssignments
from simulator.providers.policy_definitions import PolicyDefinitions
from simulator.providers.policy_set_definitions import PolicySetDefinitions
from simulator.providers.private_dns_records import RECORD_SETS, AllRecordSets
from simulator.providers.private_dns_zones import PrivateDnsZones
from simulator.providers.public_ip_addresses import PublicIPAddresses
from simulator.providers.resource_groups import ResourceGroups
from simulator.providers.resources import Resources
from simulator.providers.role_assignments import RoleAssignments
from simulator.providers.role_definitions import RoleDefinitions
from simulator.providers.route_tables import Routes, RouteTables
from simulator.providers.routing_configurations import RoutingConfigurations
from simulator.providers.routing_rule_collections import RoutingRuleCollections
from simulator.providers.routing_rules import RoutingRules
from simulator.providers.rule_collection_groups import RuleCollectionGroups
from simulator.providers.rule_groups import RuleGroups
from simulator.providers.scope_connections import ScopeConnections
from simulator.providers.security_admin_configurations import SecurityAdminConfigurations
from simulator.providers.security_user_configurations import SecurityUserConfigurations
from simulator.providers.static_cidrs import StaticCidrs
from simulator.providers.static_members import StaticMembers
from simulator.providers.subnets import Subnets
from simulator.providers.user_assigned_identities import UserAssignedIdentities
from simulator.providers.user_rule_collections import UserRuleCollections
from simulator.providers.user_rules import UserRules
from simulator.providers.verifier_workspaces import (
    ReachabilityAnalysisIntents,
    ReachabilityAnalysisRuns,
    VerifierWorkspaces,
)
from simulator.providers.virtual_network_gateways import VirtualNetworkGateways
from simulator.providers.virtual_network_links import VirtualNetworkLinks
from simulator.providers.virtual_network_peerings import VirtualNetworkPeerings
from simulator.providers.virtual_networks import VirtualNetworks

PROVIDERS: tuple[Provider, ...] = (
    ResourceGroups(),
    Resources(),
    VirtualNetworks(),
    Subnets(),
    VirtualNetworkPeerings(),
    NetworkSecurityGroups(),
    SecurityRules(),
    DefaultSecurityRules(),
    NetworkInterfaces(),
    RouteTables(),
    Routes(),
    PublicIPAddresses(),
    IpGroups(),
    FirewallPolicies(),
    RuleCollectionGroups(),
    RuleGroups(),
    AzureFirewalls(),
    VirtualNetworkGateways(),
    LocalNetworkGateways(),
    ApplicationSecurityGroups(),
    PrivateDnsZones(),
    VirtualNetworkLinks(),
    *RECORD_SETS,
    AllRecordSets(),
    NetworkManagers(),
    NetworkManagerCommits(),
    ScopeConnections(),
    NetworkManagerConnections(),
    IpamPools(),
    StaticCidrs(),
    VerifierWorkspaces(),
    ReachabilityAnalysisIntents(),
    ReachabilityAnalysisRuns(),
    NetworkGroups(),
    StaticMembers(),
    ConnectivityConfigurations(),
    SecurityAdminConfigurations(),
    AdminRuleCollections(),
    AdminRules(),
    SecurityUserConfigurations(),
    UserRuleCollections(),
    UserRules(),
    RoutingConfigurations(),
    RoutingRuleCollections(),
    RoutingRules(),
    PolicyDefinitions(),
    PolicySetDefinitions(),
    PolicyAssignments(),
    UserAssignedIdentities(),
    ManagementGroups(),
    SubscriptionPlaces(),
    RoleDefinitions(),
    RoleAssignments(),
)
