"""Which services a subnet can be delegated to, and what each may then do with it."""

from collections.abc import Mapping
from typing import Any

_SUBNETS = "Microsoft.Network/virtualNetworks/subnets"
_ANY = (f"{_SUBNETS}/action",)
_JOIN = (f"{_SUBNETS}/join/action",)
_INTERFACES = ("Microsoft.Network/networkinterfaces/*", *_JOIN)
_PREPARE = (
    *_JOIN,
    f"{_SUBNETS}/prepareNetworkPolicies/action",
    f"{_SUBNETS}/unprepareNetworkPolicies/action",
)

# In Azure's order (recording test_network_subnet_delegation of 14 September 2024, in which
# two regions have the same list; that all have it is `assumed`).
DELEGATIONS: Mapping[str, tuple[str, ...]] = {
    "Microsoft.Web/serverFarms": _ANY,
    "Microsoft.ContainerInstance/containerGroups": _ANY,
    "Microsoft.Netapp/volumes": _INTERFACES,
    "Microsoft.HardwareSecurityModules/dedicatedHSMs": _INTERFACES,
    "Microsoft.ServiceFabricMesh/networks": _ANY,
    "Microsoft.Logic/integrationServiceEnvironments": _ANY,
    "Microsoft.Batch/batchAccounts": _ANY,
    "Microsoft.Sql/managedInstances": _PREPARE,
    "Microsoft.Web/hostingEnvironments": _ANY,
    "Microsoft.BareMetal/CrayServers": _INTERFACES,
    "Microsoft.Databricks/workspaces": _PREPARE,
    "Microsoft.BareMetal/AzureHostedService": _INTERFACES,
    "Microsoft.BareMetal/AzureVMware": _INTERFACES,
    "Microsoft.StreamAnalytics/streamingJobs": _JOIN,
    "Microsoft.DBforPostgreSQL/serversv2": _JOIN,
    "Microsoft.AzureCosmosDB/clusters": _JOIN,
    "Microsoft.MachineLearningServices/workspaces": _JOIN,
    "Microsoft.DBforPostgreSQL/singleServers": _JOIN,
    "Microsoft.DBforPostgreSQL/flexibleServers": _JOIN,
    "Microsoft.DBforMySQL/serversv2": _JOIN,
    "Microsoft.DBforMySQL/flexibleServers": _JOIN,
    "Microsoft.DBforMySQL/servers": _JOIN,
    "Microsoft.ApiManagement/service": (
        f"{_SUBNETS}/join/action",
        f"{_SUBNETS}/prepareNetworkPolicies/action",
    ),
    "Microsoft.Synapse/workspaces": _JOIN,
    "Microsoft.PowerPlatform/vnetaccesslinks": _JOIN,
    "Microsoft.Network/dnsResolvers": _JOIN,
    "Microsoft.Kusto/clusters": _PREPARE,
    "Microsoft.DelegatedNetwork/controller": _JOIN,
    "Microsoft.ContainerService/managedClusters": _JOIN,
    "Microsoft.PowerPlatform/enterprisePolicies": _JOIN,
    "Microsoft.StoragePool/diskPools": ("Microsoft.Network/virtualNetworks/read",),
    "Microsoft.DocumentDB/cassandraClusters": _JOIN,
    "Microsoft.Apollo/npu": _INTERFACES,
    "Microsoft.AVS/PrivateClouds": ("Microsoft.Network/networkinterfaces/*",),
    "Microsoft.Orbital/orbitalGateways": (
        "Microsoft.Network/publicIPAddresses/join/action",
        f"{_SUBNETS}/join/action",
        "Microsoft.Network/virtualNetworks/read",
        "Microsoft.Network/publicIPAddresses/read",
    ),
    "Microsoft.Singularity/accounts/networks": _INTERFACES,
    "Microsoft.Singularity/accounts/npu": _INTERFACES,
    "Microsoft.LabServices/labplans": _JOIN,
    "Microsoft.Fidalgo/networkSettings": _JOIN,
    "Microsoft.DevCenter/networkConnection": _JOIN,
    "NGINX.NGINXPLUS/nginxDeployments": _JOIN,
    "Microsoft.DevOpsInfrastructure/pools": _JOIN,
    "Microsoft.CloudTest/pools": _JOIN,
    "Microsoft.CloudTest/hostedpools": _JOIN,
    "Microsoft.CloudTest/images": _JOIN,
    "PaloAltoNetworks.Cloudngfw/firewalls": _JOIN,
    "Qumulo.Storage/fileSystems": _JOIN,
    "Microsoft.App/testClients": _JOIN,
    "Microsoft.App/environments": _JOIN,
    "Microsoft.ServiceNetworking/trafficControllers": _JOIN,
    "GitHub.Network/networkSettings": _JOIN,
    "Microsoft.Network/networkWatchers": _JOIN,
    "Dell.Storage/fileSystems": _JOIN,
    "Microsoft.Netapp/scaleVolumes": _JOIN,
    "Oracle.Database/networkAttachments": _INTERFACES,
    "PureStorage.Block/storagePools": _JOIN,
    "Informatica.DataManagement/organizations": _JOIN,
    "Microsoft.AzureCommunicationsGateway/networkSettings": _JOIN,
    "Microsoft.PowerAutomate/hostedRpa": _JOIN,
    "Microsoft.MachineLearningServices/workspaceComputes": _JOIN,
}


def actions_of(service: str) -> list[str]:
    """Return what a service may do with its subnet; of one not listed it is `assumed`."""
    known = {name.lower(): actions for name, actions in DELEGATIONS.items()}
    return list(known.get(service.lower(), _JOIN))


def available(subscription: str, group: str | None) -> list[dict[str, Any]]:
    """Return the list of delegations that a region offers; their ids are in Azure's words."""
    # "resourceGroup", without an s: so it was recorded.
    within = "" if group is None else f"/resourceGroup/{group}"
    base = f"/subscriptions/{subscription}{within}/providers/Microsoft.Network"
    return [
        {
            "name": service.replace("/", "."),
            "id": f"{base}/availableDelegations/{service.replace('/', '.')}",
            "type": "Microsoft.Network/availableDelegations",
            "serviceName": service,
            "actions": list(actions),
        }
        for service, actions in DELEGATIONS.items()
    ]
