"""The same over a real socket: TLS with a private authority, and the SDK's own transport."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme
import uvicorn

from azure_api.client import connect
from azure_api.read import read_one
from azure_api.settings import AzureSettings
from simulator.app import create_app
from simulator.clock import RealClock
from simulator.request_limits import CallLimit, RequestLimits
from simulator.settings import Settings
from tests.azure_api.bodies import VNET, a_group, a_vnet, delete, vnet_id

SPEED = 100.0
_ONE_AT_A_TIME = RequestLimits(
    calls=(CallLimit("Microsoft.Network/virtualNetworks", ("create",), 1, 20, ("subscription",)),)
)

pytestmark = pytest.mark.slow


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Serve a simulator on a free port, and let the environment lead to it."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    certificate = authority.issue_cert("localhost")
    certificate.private_key_and_cert_chain_pem.write_to_path(str(tmp_path / "server.pem"))
    config = uvicorn.Config(
        create_app(RealClock(SPEED), settings=Settings(request_limits=_ONE_AT_A_TIME)),
        port=0,
        ssl_certfile=str(tmp_path / "server.pem"),
        log_level="warning",
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    settings = Settings()
    for name, value in {
        "ORRERY_ARM_ENDPOINT": f"https://localhost:{port}",
        "ORRERY_TIME_SCALE": str(1 / SPEED),
        "AZURE_AUTHORITY_HOST": f"https://localhost:{port}",
        "AZURE_TENANT_ID": settings.tenant_id,
        "AZURE_CLIENT_ID": settings.client_id,
        "AZURE_CLIENT_SECRET": settings.client_secret,
        "SSL_CERT_FILE": str(tmp_path / "authority.pem"),
    }.items():
        monkeypatch.setenv(name, value)
    yield
    server.should_exit = True
    thread.join()


@pytest.mark.usefixtures("environment")
def test_environment_alone_leads_to_a_simulator_over_tls() -> None:
    """Delays are fractions of a second there, and the SDK's transport reads them; refusals, too."""

    async def main() -> None:
        async with connect(AzureSettings.from_environment()) as azure:
            await a_group(azure)
            await a_vnet(azure, "vnet-first")
            await a_vnet(azure)
            assert await read_one(azure, VNET, vnet_id()) is not None
            await delete(azure, VNET, vnet_id())
            assert await read_one(azure, VNET, vnet_id()) is None

    asyncio.run(main())
