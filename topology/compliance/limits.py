"""Azure's limits that are nearly met: what stands now, of ours and of others beside it."""

from __future__ import annotations

from collections.abc import Iterator

from topology.compliance.finding import LIMIT, Finding, Owner
from topology.forecast.limits import Headroom, beside, counted, headroom, standing
from topology.kind import Severity
from topology.network import Network
from topology.planning.actual import Actual
from topology.planning.places import GLOBAL
from topology.resources import wanted

NEARLY = 0.9  # of a limit: from here on people should know


def limits(network: Network, actual: Actual) -> Iterator[Finding]:
    """Yield a finding for each place where a tenth of a limit or less is left."""
    counts = counted(standing(actual))
    others = beside(counts, counted(wanted(network)))
    for room in headroom(counts, network.topology.policies.limits, others):
        if room.limit.certain and room.used >= room.most * NEARLY:
            yield Finding(
                rule=LIMIT,
                severity=Severity.HIGH if room.used >= room.most else Severity.LOW,
                region=GLOBAL,
                kind="",
                name=f"{room.limit.what} in {room.where}",
                path="",
                wanted=f"fewer than {room.most * NEARLY:,.0f}",
                found=f"{room.used:,} of {room.most:,}{_theirs(room)}",
                owner=Owner.US,
                by=room.limit.source,
            )


def _theirs(room: Headroom) -> str:
    return f", {room.others:,} of them others'" if room.others else ""
