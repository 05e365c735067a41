"""One connection: few tokens, one client each, and one clear word when it is refused."""

from __future__ import annotations

import asyncio

import pytest

from azure_api import calls
from azure_api.client import Azure, connect
from azure_api.errors import Final
from azure_api.settings import AzureSettings
from simulator.app import create_app
from simulator.clock import LoopClock
from simulator.settings import Settings
from tests.azure_api.bodies import GROUP, GROUP_ID, VNET, vnet_id
from tests.azure_api.in_process import (
    HOST,
    SUBSCRIPTION,
    AsgiTransport,
    simulated_azure,
)


def _tokens(transport: AsgiTransport) -> int:
    return sum(path.endswith("/oauth2/v2.0/token") for path in transport.paths("POST"))


async def test_many_requests_at_once_ask_for_two_tokens_at_most(
    azure: Azure, transport: AsgiTransport
) -> None:
    """Every client asks for itself, but one credential answers all."""
    await asyncio.gather(
        *(calls.get(azure, VNET, vnet_id(f"v{number}")) for number in range(50)),
        *(calls.get(azure, GROUP, f"{GROUP_ID}{number}") for number in range(50)),
    )
    assert 1 <= _tokens(transport) <= 2


async def test_client_of_a_service_is_made_once(azure: Azure) -> None:
    """A client costs a second to make."""
    assert azure.client("network", SUBSCRIPTION) is azure.client("network", SUBSCRIPTION)


async def test_the_time_in_azure_is_that_of_its_last_answer() -> None:
    """This machine may have another."""
    async with simulated_azure() as (azure, world):
        for _ in range(2):
            await asyncio.sleep(600)
            await calls.get(azure, GROUP, GROUP_ID)
        assert azure.time.now == world.clock.wall().replace(microsecond=0)


async def test_unknown_service_is_refused_by_its_name(azure: Azure) -> None:
    """A kind that names a wrong client is found at once."""
    with pytest.raises(LookupError, match="compute is no client"):
        azure.client("compute", SUBSCRIPTION)


async def test_wrong_secret_is_one_final_error_within_seconds() -> None:
    """It names the cause in Entra's words, and never the secret."""
    async with simulated_azure(secret="not-the-secret") as (azure, _):
        with pytest.raises(Final) as refused:
            await calls.get(azure, GROUP, GROUP_ID)
        assert asyncio.get_running_loop().time() < 5
        assert _tokens(azure.transport) == 1
    assert refused.value.code == "AuthenticationFailed"
    assert "AADSTS7000215" in str(refused.value)
    assert "AZURE_CLIENT_SECRET" in refused.value.next_step
    assert "not-the-secret" not in str(refused.value)


async def test_default_credential_speaks_to_a_custom_authority(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The environment alone leads to a simulator: no code knows about it."""
    settings = Settings()
    monkeypatch.setenv("AZURE_AUTHORITY_HOST", HOST)
    monkeypatch.setenv("AZURE_TENANT_ID", settings.tenant_id)
    monkeypatch.setenv("AZURE_CLIENT_ID", settings.client_id)
    monkeypatch.setenv("AZURE_CLIENT_SECRET", settings.client_secret)
    transport = AsgiTransport(create_app(LoopClock(), settings=settings))
    async with connect(AzureSettings(endpoint=HOST), transport=transport) as azure:
        assert await calls.get(azure, GROUP, GROUP_ID) is None
    assert _tokens(transport) == 1


async def test_wrong_secret_in_the_environment_asks_nobody_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The chain of credentials ends at the first that tried: no CLI, no machine identity."""
    settings = Settings()
    monkeypatch.setenv("AZURE_AUTHORITY_HOST", HOST)
    monkeypatch.setenv("AZURE_TENANT_ID", settings.tenant_id)
    monkeypatch.setenv("AZURE_CLIENT_ID", settings.client_id)
    monkeypatch.setenv("AZURE_CLIENT_SECRET", "wrong")
    transport = AsgiTransport(create_app(LoopClock(), settings=settings))
    async with connect(AzureSettings(endpoint=HOST), transport=transport) as azure:
        with pytest.raises(Final, match="AADSTS7000215"):
            await calls.get(azure, GROUP, GROUP_ID)
    assert len(transport.sent) == 1
