"""Errors of Azure: those that pass by waiting, and those that a person must act on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from azure_api.error_codes import (
    BUSY_WHILE_DELETING,
    LOST_CODES,
    MAY_LAST,
    NEXT_STEPS,
    NEXT_STEPS_BY_MESSAGE,
    PASSING_CODES,
    PASSING_MESSAGES,
    PASSING_STATUSES,
)
from azure_api.retry_after import retry_after


class AzureError(Exception):
    """What Azure refused, in words that name the resource and the way out.

    `status` is None where no answer came. `code` is Azure's innermost known code.
    """

    def __init__(  # noqa: PLR0913  these are the facts of an ARM error
        self,
        resource_id: str,
        status: int | None,
        code: str,
        message: str,
        correlation_id: str = "",
        next_step: str = "",
    ) -> None:
        self.resource_id = resource_id
        self.status = status
        self.code = code
        self.message = message
        self.correlation_id = correlation_id
        self.next_step = next_step
        super().__init__(resource_id, status, code, message, correlation_id, next_step)

    def __str__(self) -> str:
        """Say what happened to which resource, and what to do."""
        text = f"{self.resource_id}: {self.code}: {self.message}"
        if self.next_step:
            text = f"{text} Next: {self.next_step}."
        return f"{text} (correlation id {self.correlation_id})" if self.correlation_id else text


class Passing(AzureError):  # noqa: N818  it passes: that is its name
    """An error that passes by itself: try again, after `retry_after` seconds if given.

    `answer_was_lost` says that Azure may have done what was asked: read before you
    send again; `was_taken`, that it has begun to. Where the same error can also be
    lasting, a write does not believe so before `at_least` tries (`RetryBudget.lasts`).
    """

    retry_after: float | None = None
    answer_was_lost: bool = False
    was_taken: bool = False
    at_least: int | None = None


class Final(AzureError):  # noqa: N818  the word that it is not Passing
    """An error that trying again does not help."""


@dataclass(frozen=True)
class _Answer:
    status: int | None
    codes: tuple[str, ...]
    message: str
    headers: dict[str, str]

    @property
    def code(self) -> str:
        """Return the code that tells most: a known one, or else the first."""
        known = [code for code in self.codes if code in PASSING_CODES or code in NEXT_STEPS]
        return (known or list(self.codes) or [f"HTTP {self.status}"])[-1 if known else 0]


def from_sdk(error: Exception, resource_id: str, *, deleting: bool = False) -> AzureError:
    """Return an SDK error as Passing or Final, by Azure's code before its status.

    `deleting` makes "still in use" errors passing: what uses the resource may be on
    its way out (facts.md section 7). Never raises; secrets never reach the message.
    """
    from azure.core import exceptions as sdk  # noqa: PLC0415  the SDK costs seconds to import

    if isinstance(error, AzureError):
        return error
    status = getattr(error, "status_code", None)
    if isinstance(error, sdk.ClientAuthenticationError) and (status is None or _is_entra(error)):
        return _refused(error, resource_id)
    if isinstance(error, sdk.HttpResponseError):
        return _from_answer(_answer(error), resource_id, deleting=deleting)
    if isinstance(error, sdk.ServiceRequestError | sdk.ServiceResponseError):
        return _lost(error, resource_id)
    return Final(resource_id, None, type(error).__name__, _clean(str(error)))


def out_of_sight(error: Exception, resource_id: str, *, deleting: bool = False) -> AzureError:
    """Return an error of a poll or of the read at its end: what was sent was taken.

    How the operation itself ended is told with 200 and means what it says. Any other error
    that passes only hides it; so does a 404, which readers that lag behind answer of what
    was just made.
    """
    told = from_sdk(error, resource_id, deleting=deleting)
    if told.status == 200 or not (told.status == 404 or isinstance(told, Passing)):  # noqa: PLR2004
        return told
    hidden = Passing(*told.args)
    hidden.retry_after = getattr(told, "retry_after", None)
    hidden.answer_was_lost = hidden.was_taken = True
    return hidden


# -- the three sorts of error ------------------------------------------------------------


def _from_answer(answer: _Answer, resource_id: str, *, deleting: bool) -> AzureError:
    known_to_pass = _passes(answer, deleting=deleting)
    kind = Passing if known_to_pass else Final
    error = kind(
        resource_id,
        answer.status,
        answer.code,
        answer.message,
        answer.headers.get("x-ms-correlation-request-id", ""),
        _next_step(answer),
    )
    if isinstance(error, Passing):
        error.retry_after = retry_after(answer.headers)
        error.at_least = MAY_LAST.get(answer.code)
        # A 5xx without ARM's envelope came from something in between: Azure itself may
        # have done what was asked.
        in_between = (answer.status or 0) >= 500 and not answer.codes  # noqa: PLR2004
        error.answer_was_lost = in_between or not LOST_CODES.isdisjoint(answer.codes)
    return error


def _next_step(answer: _Answer) -> str:
    for pattern, step in NEXT_STEPS_BY_MESSAGE.items():
        if found := re.search(pattern, answer.message):
            return step.format(*found.groups())
    return NEXT_STEPS.get(answer.code, "")


def _passes(answer: _Answer, *, deleting: bool) -> bool:
    if PASSING_CODES.intersection(answer.codes):
        return True
    if any(text in answer.message for text in PASSING_MESSAGES):
        return True
    if deleting and any(re.fullmatch(BUSY_WHILE_DELETING, code) for code in answer.codes):
        return True
    if answer.code in NEXT_STEPS:
        return False
    status = answer.status or 0
    return status in PASSING_STATUSES or status >= 500  # noqa: PLR2004


def _lost(error: Exception, resource_id: str) -> Passing:
    lost = Passing(resource_id, None, type(error).__name__, _clean(str(error)))
    lost.next_step = NEXT_STEPS["ConnectionLost"]
    lost.answer_was_lost = True
    return lost


def _is_entra(error: Exception) -> bool:
    """Say whether Entra refused a token; Resource Manager answers 401 in its own words."""
    return "AADSTS" in str(error)


def _refused(error: Exception, resource_id: str) -> Final:
    from azure.identity import CredentialUnavailableError  # noqa: PLC0415  see from_sdk

    text = str(error)
    absent = isinstance(error, CredentialUnavailableError) or _nobody_tried(text)
    code = "CredentialUnavailable" if absent else "AuthenticationFailed"
    return Final(resource_id, None, code, _clean(_cause(text)), "", NEXT_STEPS[code])


def _nobody_tried(text: str) -> bool:
    """Say whether the default credential found nothing set up to try (azure-identity 1.27)."""
    return "EnvironmentCredential authentication unavailable" in text and "AADSTS" not in text


def _cause(text: str) -> str:
    """Return one sentence of what may be a page: Entra's words, or the last attempt's."""
    if found := re.search(r"AADSTS\d+[^\r\n]*", text):
        return found[0].split(" Trace ID:", 1)[0]
    if _nobody_tried(text):
        return "no credential is set up."
    attempts: list[str] = re.findall(r"^\t\w+: (.+)$", text, re.MULTILINE)
    return (attempts or [text.split("\n", 1)[0]])[-1]


# -- reading an answer -------------------------------------------------------------------


def _answer(error: Any) -> _Answer:
    response = error.response
    headers = {key.lower(): value for key, value in dict(getattr(response, "headers", {})).items()}
    envelope = error.error
    if envelope is None:
        text = _clean(error.reason or str(error))
        codes = ("OperationFailed",) if error.status_code == 200 else ()  # noqa: PLR2004
        return _Answer(error.status_code, codes, text, headers)
    return _Answer(error.status_code, tuple(_codes(envelope)), _text(envelope), headers)


def _codes(envelope: Any) -> Iterator[str]:
    """Yield the codes of an ARM error, outermost first."""
    if envelope.code:
        yield envelope.code
    for detail in envelope.details or ():
        yield from _codes(detail)
    inner = envelope.innererror
    if isinstance(inner, dict) and isinstance(inner.get("code"), str):
        yield inner["code"]


def _text(envelope: Any) -> str:
    said = [envelope.message, *(detail.message for detail in envelope.details or ())]
    return _clean(" ".join(dict.fromkeys(text for text in said if text)))


_SECRETS = re.compile(
    r"(Bearer\s+|client_secret=|password=|sig=|[?&][tcsh]=)[^\s&\"']+", re.IGNORECASE
)


def _clean(text: str) -> str:
    """Return a message without tokens, secrets and signatures of poll addresses."""
    return _SECRETS.sub(r"\1...", text).strip()
