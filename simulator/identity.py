"""As much of Microsoft Entra as a credential needs: metadata, and tokens for one principal."""

import base64
import binascii
import json
import time
from collections.abc import Mapping
from typing import Any

from simulator.arm.call import Reply
from simulator.arm.errors import ArmError
from simulator.settings import Settings

_LIFETIME = 3600 * 24
_PARTS = 3
_TOKEN_KINDS = ("oauth2/v2.0/token", "oauth2/token")


def bearer_token(settings: Settings) -> str:
    """Return a token the simulator accepts, for clients that bring their own credential."""
    now = int(time.time())
    claims = {
        "aud": "https://management.azure.com",
        "iss": f"https://sts.windows.net/{settings.tenant_id}/",
        "iat": now,
        "nbf": now,
        "exp": now + _LIFETIME,
        "appid": settings.client_id,
        "oid": settings.client_id,
        "tid": settings.tenant_id,
        "ver": "1.0",
    }
    return ".".join((_encoded({"typ": "JWT", "alg": "RS256"}), _encoded(claims), "simulated"))


def _encoded(value: Mapping[str, Any]) -> str:
    text = json.dumps(value, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def answer(
    settings: Settings, method: str, parts: list[str], form: Mapping[str, str], base_url: str
) -> Reply | None:
    """Return the answer to an identity request, or None when it is not one."""
    if parts[-1:] == ["openid-configuration"]:
        return _openid(settings, parts[0], base_url)
    if parts[-2:] == ["discovery", "instance"]:
        return Reply(200, _instances(settings, base_url))
    if parts == ["metadata", "endpoints"]:
        return Reply(200, [_cloud(settings, base_url)])
    if method == "POST" and "/".join(parts[1:]).lower() in _TOKEN_KINDS:
        return _token(settings, parts[0], form)
    return None


def _openid(settings: Settings, tenant: str, base_url: str) -> Reply:
    if not _is_tenant(settings, tenant):
        return _unknown_tenant(tenant)
    root = f"{base_url}/{settings.tenant_id}"
    return Reply(
        200,
        {
            "token_endpoint": f"{root}/oauth2/v2.0/token",
            "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
            "jwks_uri": f"{root}/discovery/v2.0/keys",
            "response_types_supported": ["code", "id_token", "token"],
            "scopes_supported": ["openid", "profile", "email", "offline_access"],
            "issuer": f"{root}/v2.0",
            "authorization_endpoint": f"{root}/oauth2/v2.0/authorize",
            "device_authorization_endpoint": f"{root}/oauth2/v2.0/devicecode",
            "tenant_region_scope": "EU",
            "cloud_instance_name": base_url.partition("://")[2],
        },
    )


def _instances(settings: Settings, base_url: str) -> dict[str, Any]:
    host = base_url.partition("://")[2]
    return {
        "tenant_discovery_endpoint": (
            f"{base_url}/{settings.tenant_id}/v2.0/.well-known/openid-configuration"
        ),
        "api-version": "1.1",
        "metadata": [
            {"preferred_network": host, "preferred_cache": host, "aliases": [host]},
        ],
    }


def _cloud(settings: Settings, base_url: str) -> dict[str, Any]:
    return {
        "name": "AzureCloud",
        "authentication": {
            "loginEndpoint": base_url,
            "audiences": ["https://management.core.windows.net/", "https://management.azure.com/"],
            "tenant": settings.tenant_id,
            "identityProvider": "AAD",
        },
        "resourceManager": f"{base_url}/",
        "suffixes": {},
    }


def _is_tenant(settings: Settings, tenant: str) -> bool:
    return tenant.lower() in (settings.tenant_id.lower(), "common", "organizations")


def _token(settings: Settings, tenant: str, form: Mapping[str, str]) -> Reply:
    if not _is_tenant(settings, tenant):
        return _unknown_tenant(tenant)
    if form.get("client_id", "").lower() != settings.client_id.lower():
        return _refused(
            400,
            "unauthorized_client",
            700016,
            f"Application with identifier '{form.get('client_id')}' was not found in the "
            f"directory '{tenant}'.",
        )
    if not form.get("client_assertion") and form.get("client_secret") != settings.client_secret:
        return _refused(
            401,
            "invalid_client",
            7000215,
            "Invalid client secret provided. Ensure the secret being sent in the request is the "
            "client secret value, not the client secret ID, for a secret added to app "
            f"'{settings.client_id}'.",
        )
    token = bearer_token(settings)
    lifetime = {"expires_in": _LIFETIME, "ext_expires_in": _LIFETIME}
    return Reply(200, {"token_type": "Bearer", **lifetime, "access_token": token})


def _unknown_tenant(tenant: str) -> Reply:
    return _refused(
        400,
        "invalid_request",
        90002,
        f"Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are "
        "signing into the correct cloud.",
    )


def _refused(status: int, error: str, number: int, text: str) -> Reply:
    """Return Entra's error body, whose description starts with the AADSTS number."""
    trace = "00000000-0000-4000-8000-00000000eeee"
    return Reply(
        status,
        {
            "error": error,
            "error_description": f"AADSTS{number}: {text} Trace ID: {trace} "
            f"Correlation ID: {trace}",
            "error_codes": [number],
            "trace_id": trace,
            "correlation_id": trace,
        },
    )


def require_bearer(settings: Settings, header: str | None) -> None:
    """Raise Azure's 401 unless the header carries a token of this tenant."""
    if not header:
        raise _unauthorized(
            "AuthenticationFailed",
            "Authentication failed. The 'Authorization' header is missing.",
        )
    token = header.removeprefix("Bearer ").strip()
    if _tenant_of(token) != settings.tenant_id:
        raise _unauthorized("InvalidAuthenticationToken", "The access token is invalid.")


def _tenant_of(token: str) -> str | None:
    parts = token.split(".")
    if len(parts) != _PARTS:
        return None
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (binascii.Error, ValueError):
        return None
    return str(claims.get("tid")) if isinstance(claims, dict) else None


def _unauthorized(code: str, message: str) -> ArmError:
    challenge = (
        'Bearer authorization_uri="https://login.windows.net/", error="invalid_token", '
        f'error_description="{message}"'
    )
    return ArmError(401, code, message, gateway=True, headers={"WWW-Authenticate": challenge})
