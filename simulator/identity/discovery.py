"""What a credential asks before it asks for a token: endpoints, keys, other clouds."""

from typing import Any

from simulator.arm.call import Reply
from simulator.arm.world import World
from simulator.identity.refusals import EntraError
from simulator.identity.tenants import require_tenant
from simulator.incoming import Request


def answer(world: World, request: Request) -> Reply | None:
    """Return the answer to a question about a tenant, or None when it is none.

    Each leads back to the address it was asked at, so that nothing leaves the machine.
    """
    if request.method != "GET":
        return None
    match [part.lower() for part in request.parts]:
        case [_, "discovery", "instance"]:
            return Reply(200, _instances(world, request.base_url))
        case [_, *_, ".well-known", "openid-configuration"]:
            return _configuration(world, request)
        case [_, "discovery", *_, "keys"]:
            # Whoever is sent a token here asks the simulator itself, not its keys.
            return Reply(200, {"keys": []})
    return None


def _configuration(world: World, request: Request) -> Reply:
    try:
        tenant = require_tenant(world, request.parts[0], error="invalid_tenant")
    except EntraError as refusal:
        return refusal.reply(world, request)
    return Reply(200, _openid(request.base_url, tenant))


def _openid(base_url: str, tenant: str) -> dict[str, Any]:
    root = f"{base_url}/{tenant}"
    return {
        "token_endpoint": f"{root}/oauth2/v2.0/token",
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
        "jwks_uri": f"{root}/discovery/v2.0/keys",
        "response_modes_supported": ["query", "fragment", "form_post"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "issuer": f"{root}/v2.0",
        "authorization_endpoint": f"{root}/oauth2/v2.0/authorize",
        "device_authorization_endpoint": f"{root}/oauth2/v2.0/devicecode",
        "tenant_region_scope": "EU",
        "cloud_instance_name": base_url.partition("://")[2],
    }


def _instances(world: World, base_url: str) -> dict[str, Any]:
    host = base_url.partition("://")[2]
    return {
        "tenant_discovery_endpoint": (
            f"{base_url}/{world.settings.tenant_id}/v2.0/.well-known/openid-configuration"
        ),
        "api-version": "1.1",
        "metadata": [{"preferred_network": host, "preferred_cache": host, "aliases": [host]}],
    }
