"""What happens to each request on its way. Importing this imports azure.core."""

from __future__ import annotations

from typing import Any

from azure.core.pipeline import PipelineRequest, PipelineResponse
from azure.core.pipeline.policies import (
    ContentDecodePolicy,
    CustomHookPolicy,
    HeadersPolicy,
    ProxyPolicy,
    RequestIdPolicy,
    SansIOHTTPPolicy,
    UserAgentPolicy,
)
from azure.mgmt.core.policies import ARMHttpLoggingPolicy, AsyncARMChallengeAuthenticationPolicy


def policies(credential: Any, scope: str) -> list[Any]:
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


def _is_fraction(value: str) -> bool:
    try:
        return not float(value).is_integer()
    except ValueError:  # a date, which azure-core reads itself
        return False
