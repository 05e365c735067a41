"""Tokens and metadata."""

import httpx

from simulator.settings import Settings

_SETTINGS = Settings()
_FORM = {
    "grant_type": "client_credentials",
    "client_id": _SETTINGS.client_id,
    "client_secret": _SETTINGS.client_secret,
    "scope": "https://management.azure.com/.default",
}


async def _token(client: httpx.AsyncClient, tenant: str, **changes: str) -> httpx.Response:
    return await client.post(f"/{tenant}/oauth2/v2.0/token", data={**_FORM, **changes})


async def test_the_right_secret_gets_a_bearer_token(client: httpx.AsyncClient) -> None:
    """The token opens Resource Manager."""
    token = (await _token(client, _SETTINGS.tenant_id)).json()["access_token"]
    answer = await client.get("/subscriptions", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200


async def test_a_wrong_secret_gets_entras_own_words(client: httpx.AsyncClient) -> None:
    """azure-identity shows the description to the operator."""
    answer = await _token(client, _SETTINGS.tenant_id, client_secret="guess")
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert answer.json()["error_description"].startswith("AADSTS7000215: ")


async def test_a_federated_assertion_is_accepted(client: httpx.AsyncClient) -> None:
    """Pipelines sign in without a secret."""
    answer = await _token(client, _SETTINGS.tenant_id, client_secret="", client_assertion="signed")
    assert answer.status_code == 200


async def test_an_unknown_tenant_is_named(client: httpx.AsyncClient) -> None:
    """A wrong tenant is the most common mistake."""
    answer = await _token(client, "elsewhere")
    assert answer.json()["error_description"].startswith("AADSTS90002: Tenant 'elsewhere'")


async def test_metadata_lead_back_to_this_address(client: httpx.AsyncClient) -> None:
    """Discovery never leaves the machine."""
    path = f"/{_SETTINGS.tenant_id}/v2.0/.well-known/openid-configuration"
    found = (await client.get(path)).json()
    assert found["token_endpoint"] == f"https://localhost/{_SETTINGS.tenant_id}/oauth2/v2.0/token"


async def test_the_cloud_describes_itself(client: httpx.AsyncClient) -> None:
    """Tools ask the cloud where to sign in."""
    found = (await client.get("/metadata/endpoints?api-version=2022-09-01")).json()
    assert found[0]["resourceManager"] == "https://localhost/"
