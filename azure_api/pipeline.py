"""What we add to the SDK's pipeline. Importing this imports azure.core."""

from __future__ import annotations

from typing import Any

from azure.core.pipeline import PipelineRequest, PipelineResponse
from azure.core.pipeline.policies import SansIOHTTPPolicy


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
