"""The types and words of Azure Policy, in Azure's spelling."""

DEFINITION = "Microsoft.Authorization/policyDefinitions"
SET = "Microsoft.Authorization/policySetDefinitions"
ASSIGNMENT = "Microsoft.Authorization/policyAssignments"
USER_IDENTITY = "Microsoft.ManagedIdentity/userAssignedIdentities"

# The mode whose definitions decide on members of network groups, and its effect.
NETWORK_MODE = "Microsoft.Network.Data"
ADD_TO_GROUP = "addToNetworkGroup"

# A definition that was deleted leaves this behind: its name is spent (`simulator.policy.spent`).
SPENT = "Microsoft.Authorization/spentPolicyNames"
