"""Managed identity: the instance metadata service that a virtual machine asks for tokens.

A client finds it by AZURE_POD_IDENTITY_AUTHORITY_HOST (azure-identity) or ARM_MSI_ENDPOINT
(azurerm) instead of at its usual address.
"""

from simulator.arm.call import Reply
from simulator.arm.world import World
from simulator.identity.sign_in import granted
from simulator.incoming import Request
from simulator.principals import Principal

_PATH = ["metadata", "identity", "oauth2", "token"]


def answer(world: World, request: Request) -> Reply | None:
    """Return a token of the operator, or of the identity named; None to other requests."""
    if request.method != "GET" or [part.lower() for part in request.parts] != _PATH:
        return None
    if request.headers.get("metadata", "").lower() != "true":
        return _refused("Required metadata header not specified")
    if "resource" not in request.query:
        return _refused("Required audience parameter not specified")
    who = _identity(world, request)
    if who is None:
        return _refused("Identity not found")
    reply = granted(world, who, request.query["resource"], version_1=True)
    return Reply(200, {**reply.body, "client_id": who.client_id})


def _identity(world: World, request: Request) -> Principal | None:
    wanted = request.query.get("object_id")
    if wanted is not None:
        return next((who for who in world.settings.everyone if who.object_id == wanted), None)
    named = request.query.get("client_id")
    return world.settings.operator if named is None else world.settings.principal_with(named)


def _refused(text: str) -> Reply:
    return Reply(400, {"error": "invalid_request", "error_description": text})
