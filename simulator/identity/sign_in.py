"""Entra's token endpoint, in both versions, for the grant of client credentials."""

from simulator.arm.call import Reply
from simulator.arm.world import World
from simulator.fault import Target
from simulator.identity import refusals
from simulator.identity.assertions import require_assertion
from simulator.identity.refusals import EntraError
from simulator.identity.tenants import require_tenant
from simulator.identity.tokens import AUDIENCES, issued
from simulator.incoming import Request
from simulator.principals import Principal

_V1 = ["oauth2", "token"]
_V2 = ["oauth2", "v2.0", "token"]
_GRANT = "client_credentials"
_DEFAULT = "/.default"
GRAPH = "https://graph.microsoft.com"


def answer(world: World, request: Request) -> Reply | None:
    """Return a token or Entra's refusal, or None when nobody asks for one."""
    asked = [part.lower() for part in request.parts[1:]]
    if request.method != "POST" or asked not in (_V1, _V2):
        return None
    try:
        require_tenant(world, request.parts[0])
        who = _signed_in(world, request)
        audience = _audience(request, version_1=asked == _V1)
    except EntraError as refusal:
        return refusal.reply(world, request)
    return granted(world, who, audience, version_1=asked == _V1)


def granted(world: World, who: Principal, audience: str, *, version_1: bool) -> Reply:
    """Return a token; version 1 writes its numbers as texts and says more."""
    now, lifetime = int(world.clock.watch().timestamp()), world.settings.token_lifetime
    token = issued(world.settings, who, audience, (now, now + lifetime))
    if not version_1:
        times = {"expires_in": lifetime, "ext_expires_in": lifetime}
        return Reply(200, {"token_type": "Bearer", **times, "access_token": token})
    body = {
        "token_type": "Bearer",
        "expires_in": str(lifetime),
        "ext_expires_in": str(lifetime),
        "expires_on": str(now + lifetime),
        "not_before": str(now),
        "resource": audience,
        "access_token": token,
    }
    return Reply(200, body)


def _signed_in(world: World, request: Request) -> Principal:
    form = request.form
    for name in ("grant_type", "client_id"):
        if name not in form:
            raise refusals.missing_parameter(name)
    if form["grant_type"] != _GRANT:
        raise refusals.unsupported_grant(form["grant_type"])
    who = world.settings.principal_with(form["client_id"])
    if who is None:
        raise refusals.unknown_application(form["client_id"], request.parts[0])
    if world.faults.first("sign-in", Target("POST", "token", who.client_id)) is not None:
        raise refusals.expired_secret(who.client_id)
    if "client_assertion" in form:
        require_assertion(world, who, form)
    elif "client_secret" not in form:
        raise refusals.no_credential()
    elif form["client_secret"] != who.secret:
        raise refusals.wrong_secret(who.client_id)
    return who


def _audience(request: Request, *, version_1: bool) -> str:
    """Return whom the token is for: the `resource` of version 1, the scope less its suffix."""
    name = "resource" if version_1 else "scope"
    if name not in request.form:
        raise refusals.missing_parameter(name)
    wanted = request.form[name]
    if not version_1:
        # Clients of this grant may add openid's own scopes, which give them nothing.
        own = [item for item in wanted.split() if "/" in item] or wanted.split()
        if not own[0].endswith(_DEFAULT):
            raise refusals.bad_scope(wanted)
        wanted = own[0].removesuffix(_DEFAULT)
    if wanted.rstrip("/") not in {*AUDIENCES, GRAPH, request.base_url}:
        raise refusals.unknown_resource(wanted, request.parts[0])
    return wanted
