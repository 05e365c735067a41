"""Who we are to Azure: one credential a process, and few token requests."""

from __future__ import annotations

import asyncio
import logging
from typing import Any


class OneToken:
    """A credential that never asks for two tokens at once.

    Each SDK client asks for itself, and many requests start together: without the
    lock each of them would fetch a token, with it the first fills the cache.
    """

    def __init__(self, credential: Any) -> None:
        self._credential = credential
        self._lock = asyncio.Lock()

    async def get_token(self, *scopes: str, **options: Any) -> Any:
        """Return a token; see azure.core.credentials.AsyncTokenCredential."""
        async with self._lock:
            return await self._credential.get_token(*scopes, **options)

    async def get_token_info(self, *scopes: str, options: Any = None) -> Any:
        """Return a token; see azure.core.credentials.AsyncSupportsTokenInfo."""
        async with self._lock:
            return await self._credential.get_token_info(*scopes, options=options)


def default_credential(**options: Any) -> Any:
    """Return azure.identity's default credential, from the environment.

    A custom AZURE_AUTHORITY_HOST needs no more than the variable: the asynchronous
    credentials speak to it without asking Microsoft whether it exists (azure-identity
    1.27, `aio/_internal/aad_client.py` knows no instance discovery). Its retries are
    few, so that a wrong address is reported in seconds.
    """
    from azure.identity.aio import DefaultAzureCredential  # noqa: PLC0415  costs a second

    # It logs each refusal as a warning too, and ours is raised: one error, told once.
    logging.getLogger("azure.identity").setLevel(logging.ERROR)
    return DefaultAzureCredential(retry_total=2, retry_backoff_factor=0.2, **options)
