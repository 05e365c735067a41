"""The verdict on a state: what was checked, what is not so, and what that stands on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from topology.kind import same_id
from topology.naming import HUB
from topology.network import Network
from topology.planning.actual import Actual
from topology.planning.planner import make_plan
from topology.verification.finding import Finding, one_of_each
from topology.verification.foreseen import foresee
from topology.verification.intent import REFERENCE
from topology.verification.kinds_of_traffic import Kinds
from topology.verification.known import everything
from topology.verification.model import Model
from topology.verification.proof import Proof
from topology.verification.reached import Between, Reached, between, reached
from topology.verification.rules import Traffic
from topology.verification.unmodelled import beside_rules
from topology.verification.unread import unread
from topology.verify_spec import Assumptions


@dataclass(frozen=True, slots=True)
class Assumed:
    """An assumption: what is taken for granted.

    The opposite would give so many findings `more`, and so many `fewer`.
    """

    name: str
    value: bool
    says: str
    more: int = 0
    fewer: int = 0

    @property
    def counts(self) -> bool:
        """Say whether the verdict stands on it: the opposite would be another."""
        return bool(self.more or self.fewer)

    def __str__(self) -> str:
        """Say it in a line: what is taken for granted, its name, and what the opposite gives."""
        taken = "assumed" if self.value else "assumed not"
        told = "the same if it is otherwise"
        if self.counts:
            parts = ((self.more, "more"), (self.fewer, "fewer"))
            told = f"otherwise {' and '.join(f'{n} {what}' for n, what in parts if n)} findings"
        return f"{taken}: {self.says} ({self.name}; {told})"


@dataclass(frozen=True)
class Verdict:
    """What a proof found.

    `checked` are the rules of the reference and the assertions of the file that were held
    against the state, a sentence each; `waived` are the rules of the reference that the file
    does without, with its reason. `there` of the topology's `networks` are in the state: of what
    is not there nothing is said. `unread` is what may lead traffic otherwise than was proved.
    """

    topology: str
    findings: tuple[Finding, ...]
    checked: Mapping[str, str]
    waived: Mapping[str, str]
    assumptions: tuple[Assumed, ...]
    there: int
    networks: int
    between: tuple[Between, ...] = ()
    pairs: tuple[Reached, ...] = ()
    unread: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Say whether all is as it must be."""
        return not self.findings

    @property
    def summary(self) -> str:
        """Return the verdict in a line."""
        return self.summary_if(len(self.findings))

    def summary_if(self, found: int) -> str:
        """Return the same if only so many of the findings count."""
        count = f"{self.networks} networks"
        if self.there < self.networks:
            count = f"{self.there} of {count}, the others are not there"
        rules = f"{len(self.checked)} rules checked for {count}"
        if not found:
            return f"proved: {rules}; nothing is otherwise than it must be"
        return f"not proved: {rules}; {found} finding{'' if found == 1 else 's'}"


def as_wanted(network: Network) -> Actual:
    """Return what Azure would hold if it held nothing of others, after a first rollout."""
    steps = make_plan(network, Actual()).steps
    return foresee(Actual(), steps, network.topology.topology)


def model_of(network: Network, actual: Actual, *, as_read: bool = False) -> Model:
    """Return the model of a state under the topology's assumptions.

    What was read (`as_read`) has AVNM's route tables in it; what is foreseen has not.
    """
    return Model.of(actual, network.topology.verify.assumptions, tables_as_read=as_read)


def proof_of(network: Network, model: Model) -> Proof:
    """Return the proof of a state; what is missing in it is named by what the file leads to."""
    return Proof(network, model, model_of(network, as_wanted(network)))


def findings_of(network: Network, model: Model) -> list[Finding]:
    """Return all that is not as the topology means it, an example of each: see `everything`."""
    return list(one_of_each(everything(Proof(network, model))))


def prove(proof: Proof) -> Verdict:
    """Return the verdict on a network's state."""
    network, verify = proof.network, proof.network.topology.verify
    asserted = {
        item.name: f"{item.source} to {item.target} is {item.expect}" for item in verify.assertions
    }
    checked = {rule: says for rule, says in REFERENCE.items() if rule not in verify.without}
    found = tuple(reached(proof))
    held = everything(proof)
    return Verdict(
        topology=network.topology.topology,
        findings=_with_all_kinds(
            (*_missing(proof), *held), Kinds.of(proof.model, meant=[proof.opened])
        ),
        checked={**checked, **asserted},
        waived={str(rule): reason for rule, reason in verify.without.items()},
        assumptions=tuple(_assumed(proof, frozenset(item.key for item in held))),
        there=len(proof.own),
        networks=len(network.hubs) + len(list(network.spokes)),
        between=between(proof, found),
        pairs=found,
        unread=(
            *unread(proof.model, proof.own),
            *beside_rules(proof.model, verify.assertions),
        ),
    )


def _with_all_kinds(found: Iterable[Finding], kinds: Kinds) -> tuple[Finding, ...]:
    """Return the same as `one_of_each`, each with all the traffic that it is so of."""
    listed, of = tuple(found), defaultdict[tuple[str, str], set[Traffic]](set)
    for finding in listed:
        if finding.traffic is not None:
            of[finding.key].add(finding.traffic)
    return tuple(
        replace(finding, kinds=kinds.told(of[finding.key])) if finding.key in of else finding
        for finding in one_of_each(listed)
    )


def _missing(proof: Proof) -> Iterator[Finding]:
    """Yield the networks that are not there: of them nothing can be proved."""
    network, names = proof.network, proof.network.names
    if "there" in network.topology.verify.without:
        return
    for region, name in [
        *((hub.region, HUB) for hub in network.hubs),
        *((spoke.region, spoke.name) for spoke in network.spokes),
    ]:
        vnet = names.vnet_id(region, name)
        if same_id(vnet) not in proof.own:
            told = names.vnet_name(region, name)
            yield Finding("there", told, f"{told} is not there", vnet, region=region)


def _assumed(proof: Proof, known: frozenset[tuple[str, str]]) -> Iterator[Assumed]:
    """Yield each assumption, with what the opposite would come to beside what is `known`."""
    now = proof.model.assumptions
    for name, field in Assumptions.model_fields.items():
        value = bool(getattr(now, name))
        other = proof.model.assuming(now.model_copy(update={name: not value}))
        then = known
        if not other.ways_as(proof.model):
            opposite = Proof(proof.network, other, proof.reference)
            then = frozenset(item.key for item in everything(opposite))
        yield Assumed(name, value, str(field.description), len(then - known), len(known - then))


def told(verdict: Verdict) -> str:
    """Return a verdict as markdown: who reaches whom, what it stands on, each finding."""
    lines = [f"# Reachability of {verdict.topology}", "", f"{verdict.summary}.", ""]
    lines += [f"- **{item.rule}**: {item.text}" for item in verdict.findings]
    rows = [row.told() for row in verdict.between]
    lines += ["", f"| {' | '.join(rows[0])} |", "|---|---|--:|--:|---|"] if rows else []
    lines += [f"| {' | '.join(row.values())} |" for row in rows]
    lines += ["", "## Assumptions", ""]
    lines += [f"- {item}" for item in verdict.assumptions]
    lines += [f"- not read: {item}" for item in verdict.unread]
    lines += ["", "## Checked", ""]
    lines += [f"- {rule}: {says}" for rule, says in verdict.checked.items()]
    lines += [f"- not {rule}: {reason}" for rule, reason in verdict.waived.items()]
    return "\n".join(lines) + "\n"
