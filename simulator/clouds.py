"""The cloud's own description, which az and azurerm read before anything else."""

from typing import Any

from simulator.arm.call import Reply
from simulator.incoming import Request
from simulator.settings import Settings


def answer(settings: Settings, request: Request) -> Reply | None:
    """Return the answer to `GET /metadata/endpoints`, or None when a request is another."""
    if request.method != "GET" or request.parts != ["metadata", "endpoints"]:
        return None
    return Reply(200, [_cloud(settings, request.base_url)])


def _cloud(settings: Settings, base_url: str) -> dict[str, Any]:
    return {
        "name": "AzureCloud",
        "authentication": {
            "loginEndpoint": base_url,
            "audiences": ["https://management.core.windows.net/", "https://management.azure.com/"],
            "tenant": settings.tenant_id,
            "identityProvider": "AAD",
        },
        "resourceManager": f"{base_url}/",
        "suffixes": {},
    }
