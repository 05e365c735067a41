"""The one tenant, and the names that mean it."""

import re
import uuid

from simulator.arm.world import World
from simulator.identity import refusals

_ANY = frozenset({"common", "organizations"})
_DOMAIN = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")


def require_tenant(world: World, name: str, error: str = "invalid_request") -> str:
    """Return the id of the tenant that a path names; raise Entra's refusal of another."""
    lowered, own = name.lower(), world.settings.tenant_id
    if lowered == own.lower() or lowered in _ANY:
        return own
    if not _is_guid(lowered) and _DOMAIN.fullmatch(lowered) is None:
        raise refusals.malformed_tenant(name, error)
    raise refusals.unknown_tenant(name, error)


def _is_guid(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False
