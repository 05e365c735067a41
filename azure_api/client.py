"""The connection to Azure: one credential, and one SDK client per service and subscription."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from azure_api.azure_time import AzureTime
from azure_api.credential import OneToken, default_credential
from azure_api.ids import parse
from azure_api.pacing import Pacing, Turn
from azure_api.retrying import READING, READING_AMID_WRITES, RetryBudget
from azure_api.settings import AzureSettings
from azure_api.transport import shared_transport
from azure_api.waiting import azure_now, pause

# The audience is Azure's own whatever the endpoint: a simulator takes the same tokens.
SCOPE = "https://management.azure.com/.default"

# How long a poll waits where Azure gave no Retry-After, as networkManagers never do
# (recordings.md section 4); the SDK's own default.
_POLLING_SECONDS = 30.0


@dataclass
class Azure:
    """A connection, good for one event loop and as long as `connect` is open.

    `writing` holds a lock for each id, so that this process never has two writes of
    one resource in flight. `reading` is how long a read is tried, `time` what
    time it is there.
    """

    settings: AzureSettings
    subscriptions: tuple[str, ...]
    credential: Any
    transport: Any
    reading: RetryBudget = READING
    time: AzureTime = field(default_factory=AzureTime)
    _pacing: Pacing = field(default_factory=Pacing)
    _clients: dict[tuple[str, str], Any] = field(default_factory=dict)
    _writing: dict[str, asyncio.Lock] = field(default_factory=dict)
    _stack: AsyncExitStack = field(default_factory=AsyncExitStack)

    def client(self, service: str, subscription: str) -> Any:
        """Return the SDK's client: `service` is network, privatedns, policy or resource.

        Raises LookupError for another word. The first use of a service imports it.
        """
        key = (service, subscription.lower())
        if key not in self._clients:
            self._clients[key] = self._make(service, subscription)
        return self._clients[key]

    def client_of(self, service: str, resource_id: str) -> Any:
        """Return the client for the subscription of a resource."""
        return self.client(service, parse(resource_id).subscription)

    def writing(self, resource_id: str) -> asyncio.Lock:
        """Return the lock that a write of this resource holds."""
        return self._writing.setdefault(resource_id.lower(), asyncio.Lock())

    @asynccontextmanager
    async def turn(self, method: str, path: str) -> AsyncIterator[Turn]:
        """Wait until Azure takes a write of a path, and give its turn, which the call brings.

        What is sent is made then: while a write waits, which may be minutes, others write too.
        """
        turn = self._pacing.take(method, path, azure_now(self.settings))
        try:
            await pause(turn.at - azure_now(self.settings), self.settings)
            yield turn
        finally:
            turn.answered(azure_now(self.settings))

    def begin_to_write(self, bodies: Iterable[tuple[str, Mapping[str, Any]]] = ()) -> None:
        """Try reads from here on as long as writes: what is half done is not given up for one.

        `bodies` of resources, by their ids, tell in which regions their groups are: services
        count calls by region.
        """
        self.reading = READING_AMID_WRITES
        for resource_id, body in bodies:
            region = body.get("location")
            if region and region != "global":
                self._pacing.regions["/".join(resource_id.lower().split("/")[:5])] = region

    def _make(self, service: str, subscription: str) -> Any:
        options = self._options()
        client = _client_class(service)(self.credential, subscription, **options)
        self._stack.push_async_callback(client.close)
        return client

    def _options(self) -> dict[str, Any]:
        from azure_api.pipeline import policies  # noqa: PLC0415  imports the SDK

        return {
            "base_url": self.settings.endpoint,
            "polling_interval": _POLLING_SECONDS * self.settings.time_scale,
            "policies": policies(self.credential, SCOPE, self._pacing, self.time, self.settings),
            "transport": self.transport,
        }

    async def close(self) -> None:
        """Close all clients."""
        await self._stack.aclose()


@asynccontextmanager
async def connect(
    settings: AzureSettings,
    subscriptions: Iterable[str] = (),
    *,
    transport: Any = None,
    credential: Any = None,
) -> AsyncIterator[Azure]:
    """Give a connection and close it at the end; nothing is sent until it is used.

    Without `credential` it is azure.identity's default one, taken from the
    environment. `transport` replaces the SDK's own, for tokens too.
    """
    async with AsyncExitStack() as stack:
        used = transport or await stack.enter_async_context(shared_transport())
        made = credential or default_credential(transport=used)
        azure = Azure(settings, tuple(subscriptions), OneToken(made), used)
        try:
            yield azure
        finally:
            await azure.close()
            if credential is None:
                await made.close()


def _client_class(service: str) -> Any:
    """Return a client class; each import costs up to seconds, so only on demand."""
    if service == "network":
        from azure.mgmt.network.aio import NetworkManagementClient  # noqa: PLC0415

        return NetworkManagementClient
    if service == "privatedns":
        from azure.mgmt.privatedns.aio import PrivateDnsManagementClient  # noqa: PLC0415

        return PrivateDnsManagementClient
    if service == "resource":
        from azure.mgmt.resource.resources.aio import ResourceManagementClient  # noqa: PLC0415

        return ResourceManagementClient
    if service == "policy":
        from azure.mgmt.resource.policy.aio import PolicyClient  # noqa: PLC0415

        return PolicyClient
    known = "network, privatedns, policy or resource"
    raise LookupError(f"{service} is no client; a kind's client is {known}")
