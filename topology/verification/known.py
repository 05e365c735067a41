"""What is not as it must be in a state, to tell what is new in another."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from topology.verification.assertions import broken
from topology.verification.finding import Finding
from topology.verification.intent import findings, let_in, not_ready, of_traffic
from topology.verification.proof import Proof
from topology.verification.rules import Traffic

_Key = tuple[str, str]


def everything(proof: Proof) -> tuple[Finding, ...]:
    """Return all that is not as the topology means it: its reference, and what its file asserts.

    Each kind of traffic has findings of its own; `one_of_each` leaves an example of them.
    """
    return (*findings(proof), *not_ready(proof), *broken(proof))


@dataclass
class Known:
    """What is not as it must be in a state, asked of whatever was found in another.

    Each state has its own kinds of traffic, and what is so of one says nothing of another: who
    may ping may not open a connection. So what is asked is the very traffic of a finding, each
    kind once and only when something was found of it.
    """

    proof: Proof
    _of: dict[Traffic, frozenset[_Key]] = field(default_factory=dict)

    def has(self, finding: Finding) -> bool:
        """Say whether the same is so here, between the same networks and for the same traffic."""
        return finding.key in self._always or finding.key in self._so_of(finding.traffic)

    @cached_property
    def _always(self) -> frozenset[_Key]:
        """Return what is about no kind of traffic, or about one that the file names."""
        found = (*not_ready(self.proof), *let_in(self.proof), *broken(self.proof))
        return frozenset(item.key for item in found)

    def _so_of(self, traffic: Traffic | None) -> frozenset[_Key]:
        if traffic is None:
            return frozenset()
        if traffic not in self._of:
            found = of_traffic(self.proof, traffic)
            self._of[traffic] = frozenset(item.key for item in found)
        return self._of[traffic]
