"""As much of Microsoft Entra as a credential needs: discovery, tokens, and who sent one.

Lifetimes go by the clients' watch, not by simulated time: what a client compares
`expires_in` and `exp` with is its own clock, and it renews minutes ahead of it whatever
the speed. A test's clock is both.
"""

from simulator.arm.call import Reply
from simulator.arm.world import World
from simulator.identity import discovery, managed, sign_in
from simulator.identity.tokens import bearer_token, principal_of
from simulator.incoming import Request

__all__ = ["answer", "bearer_token", "principal_of"]


def answer(world: World, request: Request) -> Reply | None:
    """Return the answer to an identity request, or None when it is not one."""
    for known in (discovery.answer, sign_in.answer, managed.answer):
        reply = known(world, request)
        if reply is not None:
            return reply
    return None
