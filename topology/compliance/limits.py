"""Azure's limits that are nearly met: what stands now, of ours and of others beside it."""

from __future__ import annotations

from collections.abc import Iterator

from topology.compliance.finding import LIMIT, Finding, Owner
from topology.forecast.limits import headroom
from topology.kind import Severity
from topology.network import Network
from topology.planning.actual import Actual
from topology.planning.removal import as_resource

NEARLY = 0.9  # of a limit: from here on people should know


def limits(network: Network, actual: Actual) -> Iterator[Finding]:
    """Yield a finding for each limit of which a tenth or less is left."""
    found = (*actual.resources.values(), *actual.others)
    resources = [as_resource(item, actual) for item in found]
    for room in headroom(resources, network.topology.policies.limits):
        if room.limit.certain and room.used >= room.most * NEARLY:
            yield Finding(
                rule=LIMIT,
                severity=Severity.HIGH if room.used >= room.most else Severity.LOW,
                region="global",
                kind="",
                name=f"{room.limit.what} in {room.where}",
                path="",
                wanted=f"fewer than {room.most * NEARLY:,.0f}",
                found=f"{room.used:,} of {room.most:,}",
                owner=Owner.US,
                by=room.limit.source,
            )
