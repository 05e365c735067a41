"""What Azure's error codes mean for us: a table, with where each was seen."""

from __future__ import annotations

# Seen in real traffic unless noted (facts.md section 7, recordings.md section 8).
PASSING_CODES = frozenset(
    {
        "RetryableError",
        "RetryableErrorDueToAnotherOperation",
        "RetryableErrorDueToTooManyCalls",
        # A peering answers 400, not 429, while the other network updates.
        "ReferencedResourceNotProvisioned",
        "AnotherOperationInProgress",
        # Azure Resource Manager's throttling (learn: request-limits-and-throttling).
        "TooManyRequests",
        "ResourceRequestsThrottled",
        "SubscriptionRequestsThrottled",
        "InternalServerError",
        "ServiceUnavailable",
        "GatewayTimeout",
        "ServerTimeout",
        # Firewalls that another update made busy (facts.md section 6).
        "FirewallPolicyUpdateFailed",
        "IpGroupsUpdateFailed",
        # Two writes under one policy at a time (public reports of azurerm and az).
        "FirewallPolicyUpdateNotAllowedWhenUpdatingOrDeleting",
        "FirewallPolicyRuleCollectionGroupUpdateNotAllowedWhenUpdatingOrDeleting",
        "FirewallPolicyRuleCollectionGroupDeleteNotAllowedWhenUpdatingOrDeleting",
        # azure-core forgets the token that was refused: the next try brings another.
        "ExpiredAuthenticationToken",
        # Our own word for an operation that ended Failed and says no more: a firewall may
        # end so while it serves, and the advice is to put it again (facts.md section 6).
        "OperationFailed",
    }
)

# Somebody has waited too long for the answer: what was asked may go on all the same ("did not
# receive a response from 'Microsoft.Network' within the specified time period").
LOST_CODES = frozenset({"GatewayTimeout", "ServerTimeout"})

# `Conflict` alone says nothing; this sentence does (facts.md section 7).
PASSING_MESSAGES = ("Another operation is pending",)

PASSING_STATUSES = frozenset({408, 429})

# Codes that pass only if what uses the resource is itself on its way out
# (facts.md section 7, recordings.md section 8).
BUSY_WHILE_DELETING = r"InUse\w*CannotBeDeleted|\w+CannotBeDeleted|CannotDeleteResource"

# Errors that may also last: a write has so many tries at least, and ten minutes (retrying.py).
MAY_LAST = {
    "InternalServerError": 5,
    "FirewallPolicyUpdateFailed": 5,
    "IpGroupsUpdateFailed": 5,
    "OperationFailed": 3,
    "ExpiredAuthenticationToken": 3,
}

# What Azure says in words that do not say what is wrong; groups of the pattern stand in the step.
NEXT_STEPS_BY_MESSAGE = {
    # A management group at which the provider is not registered (azure-rest-api-specs issue
    # 25774).
    r"Resource \[.*/managementGroups/([^\]]+)\] is not within tenant": (
        "run `az provider register --namespace Microsoft.Network --management-group-id {0}`, wait "
        "some minutes, run again"
    ),
}

NEXT_STEPS = {
    "AuthenticationFailed": (
        "set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET to a service "
        "principal that exists, with a secret that has not expired; where the message "
        "speaks of a connection, check AZURE_AUTHORITY_HOST and the network"
    ),
    "CredentialUnavailable": (
        "set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET, or run `az login`"
    ),
    "InvalidAuthenticationToken": "sign in again; the token is of another tenant or has expired",
    "InvalidAuthenticationTokenTenant": "set AZURE_TENANT_ID to the tenant of the subscription",
    "ExpiredAuthenticationToken": "sign in again",
    "AuthorizationFailed": (
        "give the identity the role Network Contributor (and Contributor for resource "
        "groups) on the subscription, wait some minutes, run again"
    ),
    "LinkedAuthorizationFailed": (
        "give the identity the role Network Contributor on the linked resource too"
    ),
    "SubscriptionNotFound": "check the tenant, and the subscriptions that the topology names",
    "MissingSubscriptionRegistration": (
        "run `az provider register --namespace Microsoft.Network`, wait, run again"
    ),
    "LocationNotAvailableForResourceGroup": "take a region that the subscription has",
    "LocationNotAvailableForResourceType": "take a region that offers this type",
    "PublicIPCountLimitReached": "ask for more public addresses in this region, run again",
    "StandardSkuPublicIPCountLimitReached": "ask for more public addresses in this region",
    "ResourceGroupBeingDeleted": "wait until the resource group is gone, run again",
    "RequestDisallowedByPolicy": "ask who owns the named policy for an exemption",
    # No recording has it: the code is the simulator's own, an assumption.
    "PolicyDefinitionNameNotAvailable": (
        "take the lock file of the last run from version control, or raise the number of the "
        "definition under `policies` in it, run again"
    ),
    "ScopeLocked": "remove the lock that the message names, run again",
    "InvalidResourceReference": "run again: the plan is made from what then exists",
    "ResourceGroupNotFound": "run again: the plan is made from what then exists",
    "ParentResourceNotFound": "run again: the plan is made from what then exists",
    "InvalidAddressPrefixFormat": "correct the address in the topology",
    "VnetAddressSpaceOverlapsWithAlreadyPeeredVnet": (
        "give one of the two networks another address space"
    ),
    "RemotePeeringIsDisconnected": "delete both sides of the peering, run again",
    "AzureFirewallSubnetRouteTableMustHaveDefaultRouteToInternet": (
        "put 0.0.0.0/0 -> Internet back into the firewall subnet's route table, run again"
    ),
    "InUseSubnetCannotBeDeleted": "remove what the message says is in the subnet, run again",
    "InUseNetworkSecurityGroupCannotBeDeleted": "take the group off its subnets, run again",
    "PublicIPAddressCannotBeDeleted": "remove what uses the address, run again",
    "CannotDeleteResource": "delete the nested resources that the message names, run again",
    "AnotherOperationInProgress": "wait until the other change has ended, run again",
    "ReferencedResourceNotProvisioned": "wait until the named resource has settled, run again",
    "TooManyRequests": "wait some minutes, run again",
    "InternalServerError": "run again; if it lasts, give support the correlation id",
    "OperationFailed": "look at the activity log of the resource, run again",
    "ConnectionLost": "check the network and ORRERY_ARM_ENDPOINT, run again",
}
