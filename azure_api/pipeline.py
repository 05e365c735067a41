"""What happens to each request on its way. Importing this imports azure.core."""

from __future__ import annotations

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

from azure_api.azure_time import AzureTime
from azure_api.pacing import Pacing, Turn, left, refused_by
from azure_api.retry_after import retry_after
from azure_api.settings import AzureSettings
from azure_api.waiting import azure_now, pause


def policies(
    credential: Any, scope: str, pacing: Pacing, time: AzureTime, settings: AzureSettings
) -> list[Any]:
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
        Dated(time),
        Paced(pacing, settings),
        ARMHttpLoggingPolicy(),
    ]


class WholeRetryAfter(SansIOHTTPPolicy[Any, Any]):
    """Lets a Retry-After that is no whole number pass the SDK.

    Its long operations read the header of a 202 as an integer and fail on "0.3", and on a date
    (azure-mgmt-network 33.1, `_deserialize("int", ...)`), while azure-core also reads
    `retry-after-ms`. A fast simulator sends fractions; no recording of Azure has one, or a date.
    """

    def on_response(
        self,
        request: PipelineRequest[Any],  # noqa: ARG002  the SDK passes it
        response: PipelineResponse[Any, Any],
    ) -> None:
        """Move what is not a whole number of seconds to the header for milliseconds."""
        headers = response.http_response.headers
        value = headers.get("Retry-After")
        seconds = retry_after(headers)
        if value and not value.isdigit() and seconds is not None:
            del headers["Retry-After"]
            headers["retry-after-ms"] = str(seconds * 1000)


class Dated(SansIOHTTPPolicy[Any, Any]):
    """Learns from each answer what time it is in Azure."""

    def __init__(self, time: AzureTime) -> None:
        self._time = time

    def on_response(
        self,
        request: PipelineRequest[Any],  # noqa: ARG002  the SDK passes it
        response: PipelineResponse[Any, Any],
    ) -> None:
        """Keep its date."""
        self._time.told(response.http_response.headers)


class Paced(AsyncHTTPPolicy[Any, Any]):
    """Sends a request when Azure takes it, as far as its limits and the last answers told.

    A refusal holds back all requests that count against the same, so that not each has to be
    refused. A write brings its `turn`, which was waited for before what it sends was made.
    """

    def __init__(self, pacing: Pacing, settings: AzureSettings) -> None:
        super().__init__()
        self._pacing = pacing
        self._settings = settings

    async def send(self, request: PipelineRequest[Any]) -> PipelineResponse[Any, Any]:
        """Wait for the request's turn, send it, and learn from its answer."""
        turn = self._turn(request)
        learnt: dict[str, Any] = {}
        try:
            await pause(turn.at - self._now(), self._settings)
            turn.use(self._now())
            response = await self.next.send(request)
            learnt = await self._learnt(response.http_response)
            return response
        finally:
            turn.answered(self._now(), **learnt)

    def _turn(self, request: PipelineRequest[Any]) -> Turn:
        """Return the turn that was brought, for the first request; the SDK's polls have others."""
        brought: Turn | None = request.context.options.pop("turn", None)
        if brought is not None and not brought.is_used:
            return brought
        sent = request.http_request
        return self._pacing.take(sent.method, sent.url, self._now())

    async def _learnt(self, answer: Any) -> dict[str, Any]:
        told = left(answer.headers)
        seconds = retry_after(answer.headers)
        if seconds is None or answer.status_code != 429:  # noqa: PLR2004
            return {"left": told}
        await answer.read()  # that of an operation's first request is a stream
        closed = refused_by(answer.status_code, answer.headers, answer.text())
        wait = seconds / self._settings.time_scale
        return {"left": told, "closed": closed, "retry_after": wait}

    def _now(self) -> float:
        return azure_now(self._settings)
