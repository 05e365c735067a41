"""What happens to a request before Resource Manager reads it: who sent it, and how many more."""

from datetime import timedelta

from simulator import identity
from simulator.arm import router
from simulator.arm.ids import parse_id, subscription_of
from simulator.arm.world import World
from simulator.fault import Fault, Target
from simulator.identity.tokens import expired_token, invalid_token
from simulator.incoming import Request


def admitted(world: World, request: Request) -> dict[str, str]:
    """Return the headers that tell how many requests are left, or raise a 401 or a 429.

    Nothing here may change the world but the faults in force: requests that are repeated
    from a journal were let in long ago, and do not come here.
    """
    token = request.headers.get("authorization")
    who = identity.principal_of(world, token, request.base_url)
    fault = _fault(world, request)
    subscription = subscription_of(request.path)
    cost = 1.0
    match fault:
        case Fault(token="expired"):
            raise expired_token(world, world.clock.watch() - timedelta(minutes=1))
        case Fault(token="invalid"):
            raise invalid_token(world)
        case Fault(throttle="empty"):
            world.throttling.drain(request.method, subscription, who.object_id)
        case Fault(throttle=float(more)):
            cost = more
    left = world.throttling.admit(request.method, subscription, who.object_id, cost)
    request.principal = who.client_id
    return left


def _fault(world: World, request: Request) -> Fault | None:
    if world.faults.is_empty:
        return None
    found = parse_id(request.path)
    if found is None:
        return world.faults.first("gateway", Target(request.method, "subscriptions"))
    stored = world.store.get(found.key) or world.store.get(found.root.key)
    region = stored.location if stored is not None else None
    target = Target(request.method, router.type_of(world, found), found.name, region)
    return world.faults.first("gateway", target)
