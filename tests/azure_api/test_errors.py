"""Errors: told apart by code, in words that name the resource and the way out."""

from __future__ import annotations

import json
import pickle
from typing import Any

import pytest
from azure.core.exceptions import (
    ClientAuthenticationError,
    HttpResponseError,
    ServiceRequestError,
    ServiceResponseError,
)
from azure.identity import CredentialUnavailableError

from azure_api.errors import AzureError, Final, Passing, from_sdk

ID = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/v"


class _Response:
    """As much of a response as the SDK's errors read."""

    def __init__(self, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
        self.status_code: int | None = status
        self.reason: str | None = "as said"
        self.headers = headers or {}
        self.request: object = "a request"
        self._body = body

    def text(self) -> str:
        """Return the body."""
        return self._body if isinstance(self._body, str) else json.dumps(self._body)


def _error(
    status: int, *codes: str, message: str = "It says so.", headers: dict[str, str] | None = None
) -> HttpResponseError:
    details = [{"code": code, "message": f"{message} {code}"} for code in codes[1:]]
    body = {"error": {"code": codes[0], "message": message, "details": details}}
    return HttpResponseError(response=_Response(status, body, headers))


@pytest.mark.parametrize(
    ("status", "codes"),
    [
        (429, ("RetryableError", "RetryableErrorDueToAnotherOperation")),
        (429, ("RetryableError", "ReferencedResourceNotProvisioned")),
        (400, ("ReferencedResourceNotProvisioned",)),
        (409, ("AnotherOperationInProgress",)),
        (400, ("FirewallPolicyUpdateFailed",)),
        (500, ("Unheard",)),
        (429, ("Unheard",)),
    ],
)
def test_code_or_else_status_says_that_it_passes(status: int, codes: tuple[str, ...]) -> None:
    """Codes of details count as much as the first."""
    assert isinstance(from_sdk(_error(status, *codes), ID), Passing)


@pytest.mark.parametrize(
    ("status", "code"),
    [(400, "InvalidResourceReference"), (409, "Conflict"), (403, "AuthorizationFailed")],
)
def test_other_codes_are_final(status: int, code: str) -> None:
    """Conflict alone says nothing: it is final unless its sentence says that it passes."""
    assert isinstance(from_sdk(_error(status, code), ID), Final)


def test_conflict_with_a_pending_operation_passes() -> None:
    """The sentence is Azure's own (facts.md section 7)."""
    message = "Another operation is pending on the specified resource."
    assert isinstance(from_sdk(_error(409, "Conflict", message=message), ID), Passing)


@pytest.mark.parametrize(
    "code",
    ["InUseSubnetCannotBeDeleted", "PublicIPAddressCannotBeDeleted", "CannotDeleteResource"],
)
def test_in_use_passes_only_while_deleting(code: str) -> None:
    """What uses it may be on its way out."""
    assert isinstance(from_sdk(_error(400, code), ID, deleting=True), Passing)
    assert isinstance(from_sdk(_error(400, code), ID), Final)


def test_message_names_resource_code_and_correlation_id() -> None:
    """That is what an operator gives to support."""
    headers = {"x-ms-correlation-request-id": "c-1"}
    text = str(from_sdk(_error(403, "AuthorizationFailed", headers=headers), ID))
    assert text.startswith(f"{ID}: AuthorizationFailed: It says so. Next: give the identity")
    assert text.endswith("(correlation id c-1)")


@pytest.mark.parametrize(
    ("header", "value", "seconds"),
    [("Retry-After", "11", 11.0), ("Retry-After", "0.5", 0.5), ("x-ms-retry-after-ms", "500", 0.5)],
)
def test_retry_after_is_read_from_every_header_for_it(
    header: str, value: str, seconds: float
) -> None:
    """Azure's services spell it differently (azure-core reads the same three)."""
    error = from_sdk(_error(429, "RetryableError", headers={header: value}), ID)
    assert isinstance(error, Passing)
    assert error.retry_after == seconds


@pytest.mark.parametrize("kind", [ServiceRequestError, ServiceResponseError])
def test_lost_connection_passes_and_its_answer_was_lost(kind: type[Exception]) -> None:
    """Azure may have done what was asked: aiohttp's disconnect is a ServiceRequestError too."""
    error = from_sdk(kind("gone"), ID)
    assert isinstance(error, Passing)
    assert error.answer_was_lost


def test_error_page_of_a_gateway_leaves_the_answer_open() -> None:
    """A 502 without ARM's envelope came from something in between."""
    error = from_sdk(HttpResponseError(response=_Response(502, "<html>Bad gateway</html>")), ID)
    assert isinstance(error, Passing)
    assert error.answer_was_lost


def test_operation_that_failed_without_a_code_passes_a_few_times() -> None:
    """A firewall may end Failed while it serves (facts.md section 6)."""
    error = from_sdk(HttpResponseError(response=_Response(200, {"status": "Failed"})), ID)
    assert isinstance(error, Passing)
    assert error.at_least == 3


def test_operation_that_failed_is_judged_by_its_code() -> None:
    """The poll is a 200 whose body holds the error (recordings.md section 4)."""
    error = from_sdk(_error(200, "InvalidResourceReference"), ID)
    assert isinstance(error, Final)


def test_no_credential_says_what_to_set() -> None:
    """Nothing is set: the message names the variables."""
    error = from_sdk(CredentialUnavailableError("none"), ID)
    assert isinstance(error, Final)
    assert "az login" in error.next_step


def test_failed_chain_of_credentials_tells_the_last_attempt() -> None:
    """The SDK writes a page: its last attempt is the one that failed."""
    text = (
        "DefaultAzureCredential failed to retrieve a token.\nAttempted credentials:\n"
        "\tEnvironmentCredential: Cannot connect to host login.test\nTo mitigate this, read."
    )
    error = from_sdk(ClientAuthenticationError(text), ID)
    assert error.message == "Cannot connect to host login.test"


def test_refusal_by_resource_manager_is_not_one_by_entra() -> None:
    """A 401 of ARM has its own code, with its own way out."""
    body = {"error": {"code": "InvalidAuthenticationTokenTenant", "message": "Wrong tenant."}}
    error = from_sdk(ClientAuthenticationError(response=_Response(401, body)), ID)
    assert error.code == "InvalidAuthenticationTokenTenant"
    assert "AZURE_TENANT_ID" in error.next_step


@pytest.mark.parametrize(
    "secret", ["Bearer abc.def", "client_secret=abc.def", "https://x/y?t=1&s=abc.def&h=2"]
)
def test_secrets_never_reach_a_message(secret: str) -> None:
    """Neither tokens nor the signatures of poll addresses."""
    error = from_sdk(_error(400, "Unheard", message=f"sent {secret} there"), ID)
    assert "abc.def" not in str(error)


@pytest.mark.parametrize("kind", [Final, Passing])
def test_error_survives_a_journey_to_another_process(kind: type[AzureError]) -> None:
    """Flows run their tasks elsewhere: what they raise is pickled."""
    error = kind(ID, 409, "Code", "Message.", "c-1", "do this")
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301  our own bytes
    assert str(copy) == str(error)
