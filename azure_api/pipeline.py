"""What happens to each request on its way. Importing this imports azure.core."""

from __future__ import annotations

import asyncio
from typing import Any

from azure.core.pipeline import PipelineRequest, PipelineResponse
from azure.core.pipeline.policies import (
    AsyncHTTPPolicy,
    ContentDecodePolicy,
    CustomHookPolicy,
    HeadersPolicy,
    ProxyPolicy,
    RequestIdPolicy,
    SansIOHTTPPolicy,
    UserAgentPolicy,
)
from azure.mgmt.core.policies import ARMHttpLoggingPolicy, AsyncARMChallengeAuthenticationPolicy

from azure_api.pacing import Pacing, left
from azure_api.settings import AzureSettings
from azure_api.waiting import pause


def policies(credential: Any, scope: str, pacing: Pacing, settings: AzureSettings) -> list[Any]:
    """Return the SDK's own policies for one client, without the two that act by themselves.

    Its retry policy decides by status alone, while write.py and read.py know Azure's
    codes. Its registration policy answers a missing provider by registering it and
    waiting for minutes, even for a read: preflight.py tells it instead.
    """
    return [
        RequestIdPolicy(),
        HeadersPolicy(),
        UserAgentPolicy(base_user_agent="orrery"),
        ProxyPolicy(),
        ContentDecodePolicy(),
        AsyncARMChallengeAuthenticationPolicy(credential, scope),
        CustomHookPolicy(),
        WholeRetryAfter(),
        Paced(pacing, settings),
        ARMHttpLoggingPolicy(),
    ]


class WholeRetryAfter(SansIOHTTPPolicy[Any, Any]):
    """Lets a Retry-After that is no whole number pass the SDK.

    Its long operations read the header of a 202 as an integer and fail on "0.3"
    (azure-mgmt-network 33.1, `_deserialize("int", ...)`), while azure-core waits for
    fractions and also reads `retry-after-ms`. A fast simulator sends fractions; Azure
    never does.
    """

    def on_response(
        self,
        request: PipelineRequest[Any],  # noqa: ARG002  the SDK passes it
        response: PipelineResponse[Any, Any],
    ) -> None:
        """Move a fraction of a second to the header for milliseconds."""
        headers = response.http_response.headers
        value = headers.get("Retry-After")
        if value and _is_fraction(value):
            del headers["Retry-After"]
            headers["retry-after-ms"] = str(float(value) * 1000)


class Paced(AsyncHTTPPolicy[Any, Any]):
    """Sends a request when Azure has a token for it, as far as the last answers told.

    A refusal of the gateway holds back all requests of its sort, so that not each has to
    be refused.
    """

    def __init__(self, pacing: Pacing, settings: AzureSettings) -> None:
        super().__init__()
        self._pacing = pacing
        self._settings = settings

    async def send(self, request: PipelineRequest[Any]) -> PipelineResponse[Any, Any]:
        """Wait for the request's turn, send it, and learn from its answer."""
        sent = request.http_request
        pace = self._pacing.of(sent.method, sent.url, self._now())
        zone = self._pacing.of_zone(sent.method, sent.url, self._now())
        taken, retry_after = None, None
        try:
            if zone is not None:
                await pause(zone.take(self._now()), self._settings)
            await pause(pace.take(self._now()), self._settings)
            response = await self.next.send(request)
            answer = response.http_response
            taken = left(answer.headers)
            if taken == 0 and answer.status_code == 429:  # noqa: PLR2004
                retry_after = self._told(answer.headers.get("Retry-After"))
            return response
        finally:
            pace.answered(self._now(), taken, retry_after)

    def _now(self) -> float:
        return asyncio.get_running_loop().time() / self._settings.time_scale

    def _told(self, retry_after: str | None) -> float | None:
        try:
            return float(retry_after or "") / self._settings.time_scale
        except ValueError:
            return None


def _is_fraction(value: str) -> bool:
    try:
        return not float(value).is_integer()
    except ValueError:  # a date, which azure-core reads itself
        return False
