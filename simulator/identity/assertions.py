"""Federated tokens: what a pipeline shows in place of a secret.

Form, issuer, subject, audience and times are checked against the trusts of the
principal. The signature is not: the issuer's keys are elsewhere.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from simulator.arm.world import World
from simulator.identity import refusals
from simulator.identity.tokens import claims_of
from simulator.principals import FederatedCredential, Principal

KIND = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
# How far two clocks may differ: the usual allowance of Microsoft's token libraries.
_SKEW = 300


def require_assertion(world: World, who: Principal, form: Mapping[str, str]) -> None:
    """Raise Entra's refusal unless the form's assertion is one that the principal trusts."""
    if form.get("client_assertion_type") != KIND:
        raise refusals.missing_parameter("client_assertion_type")
    claims = claims_of(form["client_assertion"])
    if claims is None:
        raise refusals.malformed_assertion()
    if not who.federated:
        raise refusals.no_federation(who.client_id)
    _require_match(who.federated, claims)
    _require_time(world.clock.watch(), claims)


def _require_match(trusts: tuple[FederatedCredential, ...], claims: Mapping[str, Any]) -> None:
    issuer, subject = str(claims.get("iss", "")), str(claims.get("sub", ""))
    same_issuer = [item for item in trusts if item.issuer == issuer]
    if not same_issuer:
        raise refusals.unknown_issuer(issuer)
    same_subject = [item for item in same_issuer if item.subject == subject]
    if not same_subject:
        alike = any(item.subject.lower() == subject.lower() for item in same_issuer)
        raise (refusals.miswritten_subject if alike else refusals.unknown_subject)(subject)
    given = claims.get("aud", "")
    audiences = given if isinstance(given, list) else [given]
    if not any(item.audience in audiences for item in same_subject):
        raise refusals.unknown_audience(",".join(map(str, audiences)))


def _require_time(now: datetime, claims: Mapping[str, Any]) -> None:
    begins, ends = _number(claims.get("nbf")), _number(claims.get("exp"))
    if begins - _SKEW <= now.timestamp() <= ends + _SKEW:
        return
    raise refusals.out_of_time(
        _precise(now),
        _precise(datetime.fromtimestamp(begins, UTC)),
        _precise(datetime.fromtimestamp(ends, UTC)),
    )


def _number(value: Any) -> float:
    """Return a claim's seconds; what is missing is 1970, as the refusals of Entra show it."""
    return float(value) if isinstance(value, int | float) else 0.0


def _precise(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S.%f}0Z"
