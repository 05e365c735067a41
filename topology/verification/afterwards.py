"""What Azure says when steps are done, against what was foreseen of them."""

from __future__ import annotations

from collections.abc import Iterable

from topology.network import Network
from topology.planning.actual import Actual
from topology.planning.plan import Step
from topology.verification.finding import Finding, one_of_each
from topology.verification.foreseen import foresee
from topology.verification.known import Known, everything
from topology.verification.proof import Proof
from topology.verification.verdict import model_of


def unforeseen(
    network: Network, before: Actual, steps: Iterable[Step], after: Actual
) -> list[Finding]:
    """Return what is not as it must be in what was read after steps, and was not foreseen of them.

    Between waves much is not yet as it must be; that, and what was so before, was foreseen.
    """
    found = everything(Proof(network, model_of(network, after, as_read=True)))
    if not found:
        return []
    expected = foresee(before, steps, network.topology.topology)
    known = Known(Proof(network, model_of(network, expected)))
    return list(one_of_each(item for item in found if not known.has(item)))
