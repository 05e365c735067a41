"""What Azure bills for a resource of a kind: meters, whose prices a table has."""

from __future__ import annotations

from dataclasses import dataclass

TRAFFIC = ("firewall-gb", "peering-gb", "mesh-gb")
METERS = (
    "firewall-premium",
    "firewall-standard",
    "firewall-policy",
    "public-ip",
    "managed-network",
    "private-dns-zone",
)


@dataclass(frozen=True)
class Billed:
    """A meter that runs for as long as a resource stands.

    What stands in braces in its name is a path in the body. Where `users_at` is given it runs
    for each region of those whose bodies name the resource there, and not for one user alone.
    """

    meter: str
    users_at: str | None = None
