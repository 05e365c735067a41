"""Roles: the built-in ones that networks are run with, and what any role permits.

Ids and permissions are those of Microsoft's "Azure built-in roles", read in 2026; there
are some hundred more, which are not here.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any


@dataclass(frozen=True)
class Role:
    """What a role permits: actions, less those it takes away again."""

    guid: str
    name: str
    description: str
    actions: tuple[str, ...]
    not_actions: tuple[str, ...] = ()

    def permits(self, action: str) -> bool:
        """Tell whether a role permits an action, whatever its case."""
        return _matches(self.actions, action) and not _matches(self.not_actions, action)

    @property
    def permission(self) -> dict[str, Any]:
        """Return what it permits in the form of an answer."""
        return {
            "actions": list(self.actions),
            "notActions": list(self.not_actions),
            "dataActions": [],
            "notDataActions": [],
        }


@lru_cache(maxsize=4096)
def _matches(patterns: tuple[str, ...], action: str) -> bool:
    return any(_pattern(item).fullmatch(action) is not None for item in patterns)


@lru_cache(maxsize=1024)
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(re.escape(text).replace(r"\*", ".*"), re.IGNORECASE)


OWNER = Role(
    "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
    "Owner",
    "Grants full access to manage all resources, including the ability to assign roles in Azure "
    "RBAC.",
    ("*",),
)
CONTRIBUTOR = Role(
    "b24988ac-6180-42a0-ab88-20f7382dd24c",
    "Contributor",
    "Grants full access to manage all resources, but does not allow you to assign roles in Azure "
    "RBAC, manage assignments in Azure Blueprints, or share image galleries.",
    ("*",),
    (
        "Microsoft.Authorization/*/Delete",
        "Microsoft.Authorization/*/Write",
        "Microsoft.Authorization/elevateAccess/Action",
        "Microsoft.Blueprint/blueprintAssignments/write",
        "Microsoft.Blueprint/blueprintAssignments/delete",
        "Microsoft.Compute/galleries/share/action",
        "Microsoft.Purview/consents/write",
        "Microsoft.Purview/consents/delete",
        "Microsoft.Resources/deploymentStacks/manageDenySetting/action",
        "Microsoft.Subscription/cancel/action",
        "Microsoft.Subscription/enable/action",
    ),
)
READER = Role(
    "acdd72a7-3385-48ef-bd42-f606fba81ae7",
    "Reader",
    "View all resources, but does not allow you to make any changes.",
    ("*/read",),
)
NETWORK_CONTRIBUTOR = Role(
    "4d97b98b-1d4f-4787-a291-c67834d212e7",
    "Network Contributor",
    "Lets you manage networks, but not access to them.",
    (
        "Microsoft.Authorization/*/read",
        "Microsoft.Insights/alertRules/*",
        "Microsoft.Network/*",
        "Microsoft.ResourceHealth/availabilityStatuses/read",
        "Microsoft.Resources/deployments/*",
        "Microsoft.Resources/subscriptions/resourceGroups/read",
        "Microsoft.Support/*",
    ),
)
USER_ACCESS_ADMINISTRATOR = Role(
    "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
    "User Access Administrator",
    "Lets you manage user access to Azure resources.",
    ("*/read", "Microsoft.Authorization/*", "Microsoft.Support/*"),
)
RESOURCE_POLICY_CONTRIBUTOR = Role(
    "36243c78-bf99-498c-9df9-86d9f8d28608",
    "Resource Policy Contributor",
    "Users with rights to create/modify resource policy, create support ticket and read "
    "resources/hierarchy.",
    (
        "*/read",
        "Microsoft.Authorization/policyassignments/*",
        "Microsoft.Authorization/policydefinitions/*",
        "Microsoft.Authorization/policyexemptions/*",
        "Microsoft.Authorization/policysetdefinitions/*",
        "Microsoft.PolicyInsights/*",
        "Microsoft.Support/*",
    ),
)

BUILT_IN = (
    OWNER,
    CONTRIBUTOR,
    READER,
    NETWORK_CONTRIBUTOR,
    USER_ACCESS_ADMINISTRATOR,
    RESOURCE_POLICY_CONTRIBUTOR,
)


def built_in(guid: str) -> Role | None:
    """Return the built-in role with an id."""
    return next((role for role in BUILT_IN if role.guid == guid.lower()), None)


def named(name: str) -> Role:
    """Return the built-in role with a name."""
    return next(role for role in BUILT_IN if role.name == name)


def ids_of(subscription: str) -> Iterator[tuple[Role, str]]:
    """Yield every built-in role with the id it has in a subscription."""
    for role in BUILT_IN:
        yield role, role_id(subscription, role.guid)


def role_id(subscription: str, guid: str) -> str:
    """Return the id of a role as a subscription shows it."""
    scope = f"/subscriptions/{subscription}" if subscription else ""
    return f"{scope}/providers/Microsoft.Authorization/roleDefinitions/{guid}"
