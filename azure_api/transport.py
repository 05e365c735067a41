"""How requests leave: one pool of connections and one TLS context for a whole run."""

from __future__ import annotations

import os
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any


@asynccontextmanager
async def shared_transport() -> AsyncIterator[Any]:
    """Give a transport that all clients of a run share, and close it at the end.

    A private authority is trusted as Python (SSL_CERT_FILE) and Microsoft's tools
    (REQUESTS_CA_BUNDLE) do. The SDK, told of a bundle, reads it anew for every request:
    measured, that was 60 % of a run's processor time.
    """
    import aiohttp  # noqa: PLC0415  with the next, costs half a second
    from azure.core.pipeline.transport import AioHttpTransport  # noqa: PLC0415

    bundle = os.environ.get("SSL_CERT_FILE") or os.environ.get("REQUESTS_CA_BUNDLE")
    context = ssl.create_default_context(cafile=bundle)
    session = aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(ssl=context),
        # As the SDK makes its own: no cookies, bodies decoded by its pipeline.
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        trust_env=True,
    )
    async with session:
        yield AioHttpTransport(session=session, session_owner=False)
