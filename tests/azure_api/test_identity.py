"""Who we are to Azure: the names in our token."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from azure_api.identity import names_of_us
from simulator.settings import Settings
from tests.azure_api.in_process import simulated_azure


async def test_all_names_of_our_token_are_ours() -> None:
    """The client id, the object id and what people call us."""
    settings = Settings()
    async with simulated_azure() as (azure, _world):
        found = await names_of_us(azure)

    assert found == {settings.client_id, settings.operator.object_id, settings.principal}


@pytest.mark.parametrize("token", ["", "opaque", "a.b.c", "a.bnVsbA.c"])
async def test_a_token_that_cannot_be_read_names_nobody(token: str) -> None:
    """Entra promises no form of it."""

    class _Credential:
        async def get_token(self, *_scopes: str, **_options: Any) -> Any:
            return type("Token", (), {"token": token})

    async with simulated_azure() as (azure, _world):
        assert await names_of_us(replace(azure, credential=_Credential())) == frozenset()
