"""Signing in, and who may be heard afterwards."""

import base64
import json
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from simulator.app import create_app
from simulator.clock import ManualClock
from simulator.identity import bearer_token
from simulator.identity.assertions import KIND
from simulator.principals import PIPELINE, Principal
from simulator.settings import Settings

_READER = Principal("reader-app", "reader-object", secret="read")
_SETTINGS = Settings(principals=(_READER,), token_lifetime=3600)
_FORM = {
    "grant_type": "client_credentials",
    "client_id": _SETTINGS.client_id,
    "client_secret": _SETTINGS.client_secret,
    "scope": "https://management.azure.com/.default",
}
_NEXT_HOUR = 3600


@pytest.fixture
def app(clock: ManualClock) -> Starlette:
    """Return a simulator with a second principal, whose tokens last an hour."""
    return create_app(clock, settings=_SETTINGS)


async def _token(client: httpx.AsyncClient, **changes: str | None) -> httpx.Response:
    tenant = changes.pop("tenant", _SETTINGS.tenant_id)
    form = {**_FORM, **changes}
    sent = {name: value for name, value in form.items() if value is not None}
    return await client.post(f"/{tenant}/oauth2/v2.0/token", data=sent)


def _assertion(clock: ManualClock, **changes: Any) -> dict[str, str | None]:
    """Return the form fields of the pipeline that the operator trusts, less its secret."""
    claims = {
        "iss": PIPELINE.issuer,
        "sub": PIPELINE.subject,
        "aud": PIPELINE.audience,
        "exp": clock.watch().timestamp() + 300,
        **changes,
    }
    content = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    signed = {"client_assertion_type": KIND, "client_assertion": f"head.{content}.signature"}
    return {**signed, "client_secret": None}


async def _heard(client: httpx.AsyncClient, token: str) -> httpx.Response:
    return await client.get("/subscriptions", headers={"Authorization": f"Bearer {token}"})


async def test_the_right_secret_gets_a_bearer_token(client: httpx.AsyncClient) -> None:
    """The token opens Resource Manager."""
    token = (await _token(client)).json()["access_token"]
    assert (await _heard(client, token)).status_code == 200


async def test_several_principals_have_secrets_of_their_own(client: httpx.AsyncClient) -> None:
    """One's secret is nothing to another."""
    own = await _token(client, client_id="READER-APP", client_secret="read")
    others = await _token(client, client_id="reader-app")
    assert (own.status_code, others.status_code) == (200, 401)


async def test_version_1_of_the_endpoint_takes_a_resource_and_writes_texts(
    client: httpx.AsyncClient,
) -> None:
    """Old clients read `expires_on`, which version 2 no longer has."""
    form = {**_FORM, "resource": "https://management.core.windows.net/"}
    answer = (await client.post(f"/{_SETTINGS.tenant_id}/oauth2/token", data=form)).json()
    assert (answer["expires_in"], answer["resource"]) == ("3600", form["resource"])
    assert (await _heard(client, answer["access_token"])).status_code == 200


_REFUSED: list[tuple[dict[str, str | None], int, str, str]] = [
    ({"client_secret": "guess"}, 401, "invalid_client", "AADSTS7000215: "),
    ({"client_secret": None}, 401, "invalid_client", "AADSTS7000216: "),
    ({"client_id": "nobody"}, 400, "unauthorized_client", "AADSTS700016: "),
    ({"client_id": None}, 400, "invalid_request", "AADSTS900144: "),
    ({"grant_type": "password"}, 400, "unsupported_grant_type", "AADSTS70003: "),
    ({"scope": "User.Read"}, 400, "invalid_scope", "AADSTS1002012: "),
    ({"scope": "https://example.com/.default"}, 400, "invalid_resource", "AADSTS500011: "),
]


@pytest.mark.parametrize(("changes", "status", "error", "words"), _REFUSED)
async def test_a_wrong_request_gets_entras_own_words(
    client: httpx.AsyncClient, changes: dict[str, str | None], status: int, error: str, words: str
) -> None:
    """azure-identity and az show the description to the operator."""
    answer = await _token(client, **changes)
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert answer.json()["error_description"].startswith(words)


async def test_a_refusal_repeats_the_clients_correlation_id(client: httpx.AsyncClient) -> None:
    """It is what support asks for."""
    client.headers["client-request-id"] = "mine"
    answer = (await _token(client, client_id="nobody")).json()
    assert answer["correlation_id"] == "mine"
    assert "Correlation ID: mine Timestamp: 2026-01-01 00:00:00Z" in answer["error_description"]


async def test_a_federated_assertion_takes_the_place_of_the_secret(
    client: httpx.AsyncClient, clock: ManualClock
) -> None:
    """Pipelines sign in without a secret."""
    assert (await _token(client, **_assertion(clock))).status_code == 200


_MISMATCHES: list[tuple[dict[str, Any], int]] = [
    ({"iss": "https://example.com"}, 700211),
    ({"sub": "repo:example/other:ref:refs/heads/main"}, 700213),
    ({"sub": "repo:Example/network:ref:refs/heads/main"}, 7002138),
    ({"aud": "https://example.com"}, 700212),
    ({"exp": 0}, 700024),
]


@pytest.mark.parametrize(("changes", "number"), _MISMATCHES)
async def test_an_assertion_that_does_not_match_is_told_where(
    client: httpx.AsyncClient, clock: ManualClock, changes: dict[str, Any], number: int
) -> None:
    """Each part of the trust has a number of its own."""
    answer = await _token(client, **_assertion(clock, **changes))
    assert (answer.status_code, answer.json()["error_codes"]) == (401, [number])


async def test_an_assertion_for_one_who_trusts_nobody_is_refused(
    client: httpx.AsyncClient, clock: ManualClock
) -> None:
    """A federated credential has to be made first."""
    answer = await _token(client, **{**_assertion(clock), "client_id": "reader-app"})
    assert answer.json()["error_codes"] == [70025]


async def test_an_assertion_that_is_no_token_is_malformed(
    client: httpx.AsyncClient, clock: ManualClock
) -> None:
    """Its parts are not even read."""
    answer = await _token(client, **{**_assertion(clock), "client_assertion": "signed"})
    assert answer.json()["error_codes"] == [50027]


async def test_an_unknown_tenant_is_named(client: httpx.AsyncClient) -> None:
    """A wrong tenant is the most common mistake."""
    elsewhere = "00000000-0000-4000-8000-00000000ffff"
    answer = await _token(client, tenant=elsewhere)
    assert answer.json()["error_description"].startswith(f"AADSTS90002: Tenant '{elsewhere}'")


async def test_a_tenant_that_is_no_name_at_all_is_another_refusal(
    client: httpx.AsyncClient,
) -> None:
    """Discovery has its own word for the error."""
    answer = await client.get("/elsewhere/v2.0/.well-known/openid-configuration")
    assert (answer.json()["error"], answer.json()["error_codes"]) == ("invalid_tenant", [900023])


async def test_metadata_lead_back_to_this_address(client: httpx.AsyncClient) -> None:
    """Discovery never leaves the machine."""
    path = f"/{_SETTINGS.tenant_id}/v2.0/.well-known/openid-configuration"
    found = (await client.get(path)).json()
    assert found["token_endpoint"] == f"https://localhost/{_SETTINGS.tenant_id}/oauth2/v2.0/token"


async def test_an_expired_token_is_challenged(
    client: httpx.AsyncClient, clock: ManualClock
) -> None:
    """azure-core drops the token that it holds when the 401 carries a challenge."""
    token = (await _token(client)).json()["access_token"]
    clock.advance(_NEXT_HOUR + 1)
    answer = await _heard(client, token)
    assert (answer.status_code, answer.json()["error"]["code"]) == (
        401,
        "ExpiredAuthenticationToken",
    )
    assert answer.json()["error"]["message"] == (
        "The access token expiry UTC time '1/1/2026 1:00:00 AM' is earlier than current UTC time "
        "'1/1/2026 1:00:01 AM'."
    )
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]


async def test_a_token_for_another_service_opens_nothing(client: httpx.AsyncClient) -> None:
    """One for Microsoft Graph is not for Resource Manager."""
    scope = "https://graph.microsoft.com/.default"
    token = (await _token(client, scope=scope)).json()["access_token"]
    code = (await _heard(client, token)).json()["error"]["code"]
    assert code == "InvalidAuthenticationTokenAudience"


async def test_a_token_of_another_tenant_is_told_which_is_right(client: httpx.AsyncClient) -> None:
    """The message names both issuers."""
    token = bearer_token(Settings(tenant_id="00000000-0000-4000-8000-00000000ffff"))
    code = (await _heard(client, token)).json()["error"]["code"]
    assert code == "InvalidAuthenticationTokenTenant"


@pytest.mark.parametrize("changed", [slice(None, -2), slice(3, None)])
async def test_a_token_that_was_tampered_with_is_invalid(
    client: httpx.AsyncClient, changed: slice
) -> None:
    """Its signature is checked."""
    answer = await _heard(client, bearer_token(_SETTINGS)[changed])
    assert answer.json()["error"]["code"] == "InvalidAuthenticationToken"


async def test_a_virtual_machine_asks_its_metadata_service(client: httpx.AsyncClient) -> None:
    """Managed identities need no secret, but a header that no browser sends."""
    path = "/metadata/identity/oauth2/token"
    asked = {"resource": "https://management.azure.com/"}
    answer = await client.get(path, params=asked, headers={"Metadata": "true"})
    assert (await _heard(client, answer.json()["access_token"])).status_code == 200
    assert (await client.get(path, params=asked)).status_code == 400


async def test_the_cloud_describes_itself_to_those_who_ask_today(client: httpx.AsyncClient) -> None:
    """One object: az and azurerm read it so."""
    found = await client.get("/metadata/endpoints", params={"api-version": "2022-09-01"})
    assert found.json()["resourceManager"] == "https://localhost/"
    assert found.json()["authentication"]["loginEndpoint"] == "https://localhost"


@pytest.mark.parametrize("version", ["2019-05-01", "2020-06-01"])
async def test_older_versions_list_every_cloud(client: httpx.AsyncClient, version: str) -> None:
    """There is one."""
    found = await client.get("/metadata/endpoints", params={"api-version": version})
    assert [item["name"] for item in found.json()] == ["AzureCloud"]


async def test_the_oldest_version_has_other_names(client: httpx.AsyncClient) -> None:
    """Azure Stack's tools still ask for it."""
    found = await client.get("/metadata/endpoints", params={"api-version": "2015-01-01"})
    assert found.json()["authentication"]["loginEndpoint"] == "https://localhost"


async def test_one_version_tells_the_regions(client: httpx.AsyncClient) -> None:
    """Before azurerm asks for a resource it checks its location against them."""
    found = await client.get("/metadata/endpoints", params={"api-version": "2018-01-01"})
    public = found.json()["cloudEndpoint"]["public"]
    assert public["endpoint"] == "localhost"
    assert "westeurope" in public["locations"]


async def test_a_namespace_can_be_registered_again(client: httpx.AsyncClient) -> None:
    """Both az and azurerm register what they need before they use it."""
    path = f"/subscriptions/{_SETTINGS.subscription_ids[0]}/providers/microsoft.network/register"
    answer = await client.post(path)
    assert (answer.status_code, answer.json()["registrationState"]) == (200, "Registered")
    assert answer.json()["namespace"] == "Microsoft.Network"
