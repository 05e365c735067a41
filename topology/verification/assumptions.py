"""Where Microsoft's text is silent: each assumption by name, and it can be switched."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Assumptions:
    """What the proof takes for granted, without a statement of Microsoft's.

    `mesh_forwards`: a connected group carries traffic that a firewall forwards, whose source
    is in no member (facts.md section 5: likely, not confirmed).
    `peering_checks_forwarded`: a peering drops forwarded traffic that its receiving side does
    not allow (documented as needed, seen not to be enforced everywhere, facts.md section 5).
    `internet_route_frees_private`: a user's 0.0.0.0/0 to the internet takes away the system
    routes that drop private ranges, as one to an appliance does (facts.md section 9: not found).
    """

    mesh_forwards: bool = True
    peering_checks_forwarded: bool = True
    internet_route_frees_private: bool = False
