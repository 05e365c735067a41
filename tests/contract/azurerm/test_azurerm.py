"""Every resource of the contract is created, read, changed and deleted as azurerm does it."""

import base64
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from ruamel.yaml import YAML

from simulator.app import create_app
from simulator.clock import ManualClock
from simulator.identity import bearer_token
from simulator.settings import Settings
from tests.contract.azurerm.provider import GROUP, Provider, full

_TABLE: list[dict[str, Any]] = YAML(typ="safe").load(Path(__file__).parent / "resources.yaml")
_NAMES = [f"{item['resource']}:{item['path'].rsplit('/', 1)[-1]}" for item in _TABLE]
_MANAGER = full("networkManagers/manager")
_MESH = f"{_MANAGER}/connectivityConfigurations/mesh"


@pytest.fixture
async def azurerm() -> AsyncIterator[Provider]:
    """Yield a provider that is signed in to a simulator of its own."""
    clock = ManualClock()
    transport = httpx.ASGITransport(create_app(clock))
    token = bearer_token(Settings())
    async with httpx.AsyncClient(
        transport=transport,
        base_url="https://localhost",
        headers={"Authorization": f"Bearer {token}"},
    ) as client:
        yield Provider(client, clock)


async def _made(azurerm: Provider, number: int) -> None:
    for item in _TABLE[: number + 1]:
        await azurerm.create(item)


@pytest.mark.parametrize("number", range(len(_TABLE)), ids=_NAMES)
async def test_a_resource_is_created_and_read(azurerm: Provider, number: int) -> None:
    """From the import check, which must be a 404, to what the provider keeps in its state."""
    await _made(azurerm, number)


_AGAIN = [number for number, item in enumerate(_TABLE) if "again" in item]


@pytest.mark.parametrize("number", _AGAIN, ids=[_NAMES[number] for number in _AGAIN])
async def test_what_was_read_is_put_back_changed(azurerm: Provider, number: int) -> None:
    """An update sends the whole answer of a GET again, with one property changed."""
    await _made(azurerm, number)
    await azurerm.update(_TABLE[number])


async def test_all_is_destroyed_in_reverse(azurerm: Provider) -> None:
    """Until a GET of each is 404, and the group holds nothing more."""
    await _made(azurerm, len(_TABLE) - 1)
    for item in reversed(_TABLE):
        await azurerm.delete(item)
    answer = await azurerm.client.get(GROUP, params={"api-version": "2023-07-01"})
    assert answer.status_code == 404


# --- azurerm_network_manager_deployment: internal/services/network/
# --- network_manager_deployment_resource.go


async def _statuses(azurerm: Provider) -> list[dict[str, Any]]:
    asked = {"regions": ["westeurope"], "deploymentTypes": ["Connectivity"]}
    answer = await azurerm.client.post(
        f"{_MANAGER}/listDeploymentStatus", params={"api-version": "2025-01-01"}, json=asked
    )
    assert answer.status_code == 200
    found: list[dict[str, Any]] = answer.json()["value"]
    return found


async def _commit(azurerm: Provider, *configurations: str) -> None:
    body = {
        "configurationIds": list(configurations),
        "targetLocations": ["westeurope"],
        "commitType": "Connectivity",
    }
    answer = await azurerm.client.post(
        f"{_MANAGER}/commit", params={"api-version": "2025-01-01"}, json=body
    )
    # What comes with it is not polled: the provider lists statuses until one will do.
    assert answer.status_code in (200, 202)


async def test_a_deployment_is_committed_and_watched(azurerm: Provider) -> None:
    """Statuses are listed every half minute; an empty list may come twenty times first."""
    await _made(azurerm, _NAMES.index("azurerm_network_manager_connectivity_configuration:mesh"))
    assert await _statuses(azurerm) == []
    await _commit(azurerm, _MESH)
    seen: list[str] = []
    while "Deployed" not in seen[-1:]:
        azurerm.clock.advance(30)
        found = await _statuses(azurerm)
        assert len(found) <= 1
        seen.append(found[0]["deploymentStatus"] if found else "")
        assert len(seen) < 20
    assert set(seen) <= {"", "NotStarted", "Deploying", "Deployed"}
    (deployed,) = await _statuses(azurerm)
    assert (deployed["configurationIds"], deployed["region"]) == ([_MESH], "westeurope")
    assert deployed["deploymentType"] == "Connectivity"


async def test_a_deployment_is_destroyed_by_a_commit_of_nothing(azurerm: Provider) -> None:
    """It is gone when its status names no configuration, or there is none."""
    await _made(azurerm, _NAMES.index("azurerm_network_manager_connectivity_configuration:mesh"))
    await _commit(azurerm, _MESH)
    azurerm.clock.advance(600)
    await _commit(azurerm)
    azurerm.clock.advance(600)
    assert all(not item["configurationIds"] for item in await _statuses(azurerm))


# --- what the provider asks when it starts: internal/clients/builder.go,
# --- internal/resourceproviders, go-azure-sdk sdk/environments/from_endpoint.go


async def test_the_environment_comes_from_the_metadata_host(azurerm: Provider) -> None:
    """Each of these must be there, or the provider does not start."""
    answer = await azurerm.client.get("/metadata/endpoints", params={"api-version": "2022-09-01"})
    found = answer.json()
    assert found["name"]
    assert found["resourceManager"] == "https://localhost/"
    assert found["microsoftGraphResourceId"] == "https://localhost"
    assert found["authentication"]["loginEndpoint"] == "https://localhost"
    assert found["authentication"]["audiences"][0].startswith("https://management.core")


async def test_the_token_for_graph_names_who_signed_in(azurerm: Provider) -> None:
    """Where it names application, object and tenant, Microsoft Graph itself is not asked."""
    settings = Settings()
    form = {
        "grant_type": "client_credentials",
        "client_id": settings.client_id,
        "client_secret": settings.client_secret,
        "scope": "https://localhost/.default",
    }
    path = f"/{settings.tenant_id}/oauth2/v2.0/token"
    token = (await azurerm.client.post(path, data=form)).json()["access_token"]
    claims = _claims(token)
    assert (claims["appid"], claims["tid"]) == (settings.client_id, settings.tenant_id)
    assert claims["oid"] == settings.operator.object_id


def _claims(token: str) -> dict[str, Any]:
    part = token.split(".")[1]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found


async def test_the_providers_it_needs_are_registered(azurerm: Provider) -> None:
    """Those that a list does not have are only warned about; names are compared by case."""
    path = f"/subscriptions/{Settings().subscription_ids[0]}/providers"
    answer = await azurerm.client.get(path, params={"api-version": "2022-09-01"})
    states = {item["namespace"]: item["registrationState"] for item in answer.json()["value"]}
    assert {"Microsoft.Network", "Microsoft.Resources", "Microsoft.Authorization"} <= set(states)
    assert set(states.values()) == {"Registered"}
