"""Access tokens: made, and read again from the header of a request."""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from simulator.arm.errors import ArmError
from simulator.arm.world import World
from simulator.principals import Principal
from simulator.settings import Settings

# Resource Manager's own names (the message of InvalidAuthenticationTokenAudience lists them).
AUDIENCES = (
    "https://management.core.windows.net/",
    "https://management.core.windows.net",
    "https://management.azure.com/",
    "https://management.azure.com",
)
# The end of the year 9999: the token of a client that never asks for another.
_NEVER = 253402300799
_PARTS = 3


def bearer_token(settings: Settings, principal: Principal | None = None) -> str:
    """Return a token that never expires, for clients that bring their own credential.

    It is the operator's unless another principal is named.
    """
    who = principal or settings.operator
    return issued(settings, who, "https://management.azure.com", (0, _NEVER))


def issued(settings: Settings, who: Principal, audience: str, valid: tuple[int, int]) -> str:
    """Return a token for an audience, valid between two Unix times.

    The claims are those of a version 1 token of an application. It is signed with a
    secret of the simulator instead of Entra's key, which only Entra's readers would miss.
    """
    begins, ends = valid
    claims = {
        "aud": audience,
        "iss": issuer(settings.tenant_id),
        "iat": begins,
        "nbf": begins,
        "exp": ends,
        "appid": who.client_id,
        "appidacr": "1",
        "idp": issuer(settings.tenant_id),
        "idtyp": "app",
        "oid": who.object_id,
        "sub": who.object_id,
        "tid": settings.tenant_id,
        "ver": "1.0",
        # Whom Azure calls by the name of a person, as the operator, is one in the token too.
        **({"upn": who.name} if "@" in who.name else {}),
    }
    content = f"{_encoded({'typ': 'JWT', 'alg': 'HS256'})}.{_encoded(claims)}"
    return f"{content}.{_signature(content)}"


def issuer(tenant: str) -> str:
    """Return the issuer that version 1 tokens of a tenant name."""
    return f"https://sts.windows.net/{tenant}/"


def _encoded(value: Mapping[str, Any]) -> str:
    return _text(json.dumps(value, separators=(",", ":")).encode())


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _signature(content: str) -> str:
    return _text(hmac.digest(b"the simulator's own", content.encode(), hashlib.sha256))


def claims_of(token: str) -> dict[str, Any] | None:
    """Return what a JSON web token says, None when it is none; nothing is verified."""
    parts = token.split(".")
    if len(parts) != _PARTS:
        return None
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (binascii.Error, ValueError):
        return None
    return claims if isinstance(claims, dict) else None


def principal_of(world: World, header: str | None, base_url: str) -> Principal:
    """Return who sent a request; raise Resource Manager's 401 unless its token is good."""
    if not header:
        raise _unauthorized(
            world,
            "AuthenticationFailed",
            "Authentication failed. The 'Authorization' header is missing.",
        )
    claims = _own_claims(header.removeprefix("Bearer ").strip())
    if claims is None:
        raise invalid_token(world)
    _require_tenant(world, claims)
    _require_audience(world, claims, base_url)
    _require_time(world, claims)
    known = world.settings.principal_with(claims["appid"])
    if known is None:
        raise invalid_token(world)
    return known


@lru_cache(maxsize=256)
def _own_claims(token: str) -> dict[str, Any] | None:
    content, _, signature = token.rpartition(".")
    if not hmac.compare_digest(signature.encode(), _signature(content).encode()):
        return None
    return claims_of(token)


def _require_tenant(world: World, claims: Mapping[str, Any]) -> None:
    own = world.settings.tenant_id
    if claims["tid"] != own:
        raise _unauthorized(
            world,
            "InvalidAuthenticationTokenTenant",
            f"The access token is from the wrong issuer '{claims['iss']}'. It must match the "
            f"tenant '{issuer(own)}' associated with this subscription. Please use the authority "
            f"(URL) 'https://login.windows.net/{own}' to get the token. Note, if the subscription "
            "is transferred to another tenant there is no impact to the services, but information "
            "about new tenant could take time to propagate (up to an hour). If you just "
            "transferred your subscription and see this error message, please try back later.",
        )


def _require_audience(world: World, claims: Mapping[str, Any], base_url: str) -> None:
    audience = str(claims["aud"])
    if audience.rstrip("/") in {*AUDIENCES, base_url}:
        return
    allowed = ",".join(f"'{item}'" for item in AUDIENCES)
    raise _unauthorized(
        world,
        "InvalidAuthenticationTokenAudience",
        f"The access token has been obtained for wrong audience or resource '{audience}'. It "
        f"should exactly match with one of the allowed audiences {allowed}.",
    )


def _require_time(world: World, claims: Mapping[str, Any]) -> None:
    if world.clock.watch().timestamp() > claims["exp"]:
        raise expired_token(world, datetime.fromtimestamp(claims["exp"], UTC))


def invalid_token(world: World) -> ArmError:
    """Return the 401 of a token that Resource Manager cannot read or does not trust."""
    return _unauthorized(world, "InvalidAuthenticationToken", "The access token is invalid.")


def expired_token(world: World, ended: datetime) -> ArmError:
    """Return the 401 of a token whose time was over at this moment."""
    now = world.clock.watch()
    # The form of the times is that of a message in an issue of azscan.
    return _unauthorized(
        world,
        "ExpiredAuthenticationToken",
        f"The access token expiry UTC time '{_american(ended)}' is earlier than current UTC time "
        f"'{_american(now)}'.",
    )


def _american(moment: datetime) -> str:
    return f"{moment.month}/{moment.day}/{moment.year} {moment:%I:%M:%S %p}".replace(" 0", " ")


def _unauthorized(world: World, code: str, message: str) -> ArmError:
    """Return the 401 with the challenge of section 3 of RFC 6750.

    It asks for no claims, so azure-core drops the token it holds and reports the 401;
    only `insufficient_claims` makes it ask for a new token and try again.
    """
    challenge = (
        f'Bearer authorization_uri="https://login.windows.net/{world.settings.tenant_id}", '
        f'error="invalid_token", error_description="{message}"'
    )
    return ArmError(401, code, message, gateway=True, headers={"WWW-Authenticate": challenge})
