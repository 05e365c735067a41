"""The types of the network manager's family, in Azure's spelling."""

# The first stable api-version, which differs from later ones in small things.
FIRST_VERSION = "2022-01-01"

MANAGER = "Microsoft.Network/networkManagers"
GROUP = MANAGER + "/networkGroups"
MEMBER = GROUP + "/staticMembers"
CONNECTIVITY = MANAGER + "/connectivityConfigurations"
ADMIN = MANAGER + "/securityAdminConfigurations"
ADMIN_COLLECTION = ADMIN + "/ruleCollections"
ADMIN_RULE = ADMIN_COLLECTION + "/rules"
ROUTING = MANAGER + "/routingConfigurations"
ROUTING_COLLECTION = ROUTING + "/ruleCollections"
ROUTING_RULE = ROUTING_COLLECTION + "/rules"

USER = MANAGER + "/securityUserConfigurations"
USER_COLLECTION = USER + "/ruleCollections"
USER_RULE = USER_COLLECTION + "/rules"
COMMIT = MANAGER + "/commits"
SCOPE_CONNECTION = MANAGER + "/scopeConnections"
POOL = MANAGER + "/ipamPools"
CIDR = POOL + "/staticCidrs"
WORKSPACE = MANAGER + "/verifierWorkspaces"
INTENT = WORKSPACE + "/reachabilityAnalysisIntents"
RUN = WORKSPACE + "/reachabilityAnalysisRuns"
MANAGER_CONNECTION = "Microsoft.Network/networkManagerConnections"

# What a commit calls a kind of configuration, and the type of such configurations.
COMMIT_TYPES = {
    "Connectivity": CONNECTIVITY,
    "SecurityAdmin": ADMIN,
    "SecurityUser": USER,
    "Routing": ROUTING,
}

NETWORK = "Microsoft.Network/virtualNetworks"
SUBNET = NETWORK + "/subnets"
PEERING = NETWORK + "/virtualNetworkPeerings"
GATEWAY = "Microsoft.Network/virtualNetworkGateways"
TABLE = "Microsoft.Network/routeTables"
ROUTE = TABLE + "/routes"
