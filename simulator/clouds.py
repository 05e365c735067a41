"""The cloud's own description, which az and azurerm read before anything else.

Version 2022-09-01 describes the cloud at hand (az's `cloud register`; go-azure-sdk,
sdk/internal/metadata); those before list every cloud, of which there is one; 2018-01-01
tells the regions (go-azure-helpers, resourcemanager/location/supported_azure.go);
2015-01-01 says less, under other names. Services that are not simulated have the names
of Azure's public cloud.
"""

from typing import Any

from simulator.arm.call import Reply
from simulator.identity.sign_in import GRAPH
from simulator.identity.tokens import AUDIENCES
from simulator.incoming import Request
from simulator.regions import REGIONS
from simulator.settings import Settings

# Each client signs in for the first of them (az: `active_directory_resource_id`).
_AUDIENCES = [AUDIENCES[0], AUDIENCES[2]]
_SINGLE_SINCE = "2022-09-01"
_OLDEST = "2015-01-01"
_REGIONS_IN = "2018-01-01"

# Names of services that are not here, where a client insists on a name: azurerm stops
# without the first four (go-azure-sdk, sdk/environments/from_endpoint.go).
_SUFFIXES = {
    "storage": "core.windows.net",
    "keyVaultDns": "vault.azure.net",
    "mhsmDns": "managedhsm.azure.net",
    "sqlServerHostname": "database.windows.net",
    "acrLoginServer": "azurecr.io",
    "azureDataLakeStoreFileSystem": "azuredatalakestore.net",
    "azureDataLakeAnalyticsCatalogAndJob": "azuredatalakeanalytics.net",
    "azureFrontDoorEndpointSuffix": "azurefd.net",
    "storageSyncEndpointSuffix": "afs.azure.net",
    "mysqlServerEndpoint": "mysql.database.azure.com",
    "postgresqlServerEndpoint": "postgres.database.azure.com",
    "mariadbServerEndpoint": "mariadb.database.azure.com",
    "synapseAnalytics": "dev.azuresynapse.net",
    "attestationEndpoint": "attest.azure.net",
}
_RESOURCES = {
    "batch": "https://batch.core.windows.net/",
    "media": "https://rest.media.azure.net",
    "attestationResourceId": "https://attest.azure.net",
    "synapseAnalyticsResourceId": "https://dev.azuresynapse.net",
    "logAnalyticsResourceId": "https://api.loganalytics.io",
    "ossrDbmsResourceId": "https://ossrdbms-aad.database.windows.net",
}


def answer(settings: Settings, request: Request) -> Reply | None:
    """Return the answer to `GET /metadata/endpoints`, or None when a request is another."""
    if request.method != "GET" or request.parts != ["metadata", "endpoints"]:
        return None
    version = request.query.get("api-version", _OLDEST)
    if version == _REGIONS_IN:
        return Reply(200, {"cloudEndpoint": {"public": _regions(request.base_url)}})
    if version <= _OLDEST:
        return Reply(200, _old_form(request.base_url))
    cloud = _cloud(settings, request.base_url)
    return Reply(200, cloud if version >= _SINGLE_SINCE else [cloud])


def _cloud(settings: Settings, base_url: str) -> dict[str, Any]:
    return {
        "portal": base_url,
        "authentication": {
            "loginEndpoint": base_url,
            "audiences": _AUDIENCES,
            "tenant": settings.tenant_id,
            "identityProvider": "AAD",
        },
        "graphAudience": GRAPH,
        "graph": GRAPH,
        "name": "AzureCloud",
        "suffixes": _SUFFIXES,
        "resourceManager": f"{base_url}/",
        # Whoever asks Microsoft Graph here asks this address, and is told what it has not.
        "microsoftGraphResourceId": base_url,
        **_RESOURCES,
    }


def _regions(base_url: str) -> dict[str, Any]:
    return {"endpoint": base_url.partition("://")[2], "locations": list(REGIONS)}


def _old_form(base_url: str) -> dict[str, Any]:
    return {
        "galleryEndpoint": base_url,
        "graphEndpoint": GRAPH,
        "portalEndpoint": base_url,
        "authentication": {"loginEndpoint": base_url, "audiences": _AUDIENCES},
    }
