"""The state of each region, as a map shows it: by a plan, by what a run did, by what was found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from typing import Any

from topology.compliance.finding import DRIFT, LIMIT, Finding
from topology.naming import HUB
from topology.network import Network
from topology.planning.actual import Actual
from topology.planning.places import GLOBAL
from topology.planning.plan import Create, Delete, Nothing, Plan, Step
from topology.regions import AZURE_REGIONS
from topology.verification.finding import Finding as ProofFinding


class State(Enum):
    """A word, a colour (a class of `svg.STYLE`) and a sign, drawn from -3 to 3 about its middle."""

    WANTED = ("wanted", "blue", "")
    IN_PLACE = ("in place", "blue", "M-3,.2L-.9,2.3L3,-2.3")
    NEW = ("new", "green", "M0,-3V3M-3,0H3")
    CHANGED = ("changed", "amber", "M-3.2,.9Q-1.6,-2.6 0,0T3.2,-.9")
    GONE = ("goes", "red", "M-3,0H3")
    FAILED = ("failed", "red", "M-2.5,-2.5L2.5,2.5M2.5,-2.5L-2.5,2.5")
    TAKEN_BACK = ("taken back", "purple", "M3,2.5V-.5H-2.8M-.5,-2.8L-2.8,-.5L-.5,1.8")
    IN_PART = ("in part", "amber", "M-3,0H-.5M2.6,0H2.7")
    NOT_STARTED = ("not started", "grey", "M-3,0H-2.9M0,0H.1M2.9,0H3")
    MISSING = ("not there", "grey", "M-2.7,2.7L2.7,-2.7")
    DRIFTED = ("drifted", "amber", "M-3,-1.3H3M-3,1.5H3M1.6,-3.2L-1.6,3.4")
    NOT_AS_MEANT = ("not as intended", "red", "M0,-3.4V.6M0,3.1V3.2")

    @property
    def word(self) -> str:
        """Return it as people say it."""
        return self.value[0]

    @property
    def colour(self) -> str:
        """Return the class of its colour."""
        return self.value[1]

    @property
    def sign(self) -> str:
        """Return the path of its sign."""
        return self.value[2]

    @property
    def stands(self) -> bool:
        """Say whether it is known to be joined to others."""
        return self not in {
            State.FAILED,
            State.TAKEN_BACK,
            State.NOT_STARTED,
            State.MISSING,
            State.GONE,
        }


States = Mapping[str, State]


def of_network(network: Network) -> dict[str, State]:
    """Return the regions of a topology of which nothing else is known."""
    return {hub.region: State.WANTED for hub in network.hubs}


def of_plan(network: Network, *plans: Plan) -> dict[str, State]:
    """Return what a plan makes of each region: before it and after it in one.

    Several are carried out one after the other, as a roll-back is.
    """
    wanted = {hub.region for hub in network.hubs}
    steps: dict[str, list[Step]] = {}
    for step in (step for plan in plans for step in plan.steps):
        if step.resource.region in AZURE_REGIONS:
            steps.setdefault(step.resource.region, []).append(step)
    hubs = {region: network.names.vnet_id(region, HUB) for region in wanted}
    there = {region for region, hub in hubs.items() if any(plan.found.get(hub) for plan in plans)}
    return {
        region: _planned(steps.get(region, []), wanted=region in wanted, there=region in there)
        for region in sorted(wanted | {key for key, found in steps.items() if _goes(found)})
    }


def _goes(steps: Iterable[Step]) -> bool:
    return any(isinstance(step, Delete) for step in steps)


def _planned(steps: list[Step], *, wanted: bool, there: bool) -> State:
    own = [step for step in steps if _is_own(step)]
    if not wanted or (own and all(isinstance(step, Delete) for step in own)):
        return State.GONE
    if all(isinstance(step, Nothing) for step in steps):
        return State.IN_PLACE if there else State.MISSING
    stood = there or any(not isinstance(step, Create) for step in own)
    return State.CHANGED if stood else State.NEW


def _is_own(step: Step) -> bool:
    """Say whether a step is about what a region is made of, not about what joins it to others."""
    return step.resource.stage.is_regional


def of_rows(planned: States, rows: Iterable[Mapping[str, Any]]) -> dict[str, State]:
    """Return what a run has made of each region, by its plan and the rows of its result.

    A region without a row is as it was.
    """
    ended = {str(row["region"]): _WORDS.get(str(row["state"]), State.IN_PART) for row in rows}
    regions = [*planned, *(name for name in ended if name in AZURE_REGIONS and name not in planned)]
    return {name: _ended(planned.get(name, State.GONE), ended.get(name)) for name in regions}


def _ended(planned: State, end: State | None) -> State:
    if end is State.IN_PLACE:
        return State.GONE if planned is State.GONE else State.IN_PLACE
    if end is not None:
        return end
    return planned if planned in {State.IN_PLACE, State.MISSING} else State.NOT_STARTED


_WORDS = {
    "done": State.IN_PLACE,
    "failed": State.FAILED,
    "left in part": State.FAILED,
    "rolled back": State.TAKEN_BACK,
    "not started": State.NOT_STARTED,
    "not begun": State.NOT_STARTED,
    "waiting": State.NOT_STARTED,
}


def of_proof(
    network: Network, found: Iterable[Finding | ProofFinding], actual: Actual | None
) -> dict[str, State]:
    """Return where a proof found something in what Azure holds; None: in what is wanted."""
    states = of_network(network)
    if actual is not None:
        for region in states:
            there = actual.get(network.names.vnet_id(region, HUB)) is not None
            states[region] = State.IN_PLACE if there else State.MISSING
    return of_findings(network, found, states)


def of_findings(
    network: Network,
    found: Iterable[Finding | ProofFinding],
    states: States | None = None,
) -> dict[str, State]:
    """Return where something was found; all else has the states given, or is in place.

    A finding of reachability is about the regions of the networks that it names, or else about
    its own, or all where it has none. Where the hub's network is missing the region is not there,
    whatever else was found in it.
    """
    others = dict(states or {hub.region: State.IN_PLACE for hub in network.hubs})
    regions, listed = regions_of_networks(network), list(found)
    concerned = dict(pair for item in listed for pair in _concerned(item, regions))
    return others | concerned | dict.fromkeys(_not_there(network, listed), State.MISSING)


def _not_there(network: Network, found: Iterable[Finding | ProofFinding]) -> Iterator[str]:
    hubs = {network.names.vnet_name(hub.region, HUB): hub.region for hub in network.hubs}
    for item in found:
        if isinstance(item, Finding) and item.is_missing and item.name in hubs:
            yield hubs[item.name]


def _concerned(
    finding: Finding | ProofFinding, regions: Mapping[str, str]
) -> Iterator[tuple[str, State]]:
    if isinstance(finding, Finding) and finding.rule == DRIFT:
        if finding.region in regions.values():
            yield finding.region, State.DRIFTED
        return
    if finding.rule == LIMIT:
        return
    between = finding.name if isinstance(finding, Finding) else finding.between
    named = {regions.get(name.split("/")[0], "") for name in between.split(" to ")} - {""}
    if not named:
        of_all = finding.region in {"", GLOBAL}
        named = {region for region in regions.values() if of_all or region == finding.region}
    yield from ((region, State.NOT_AS_MEANT) for region in named)


def regions_of_networks(network: Network) -> dict[str, str]:
    """Return the region of each network of a topology, by the network's name."""
    names = network.names
    ends = [(hub.region, HUB) for hub in network.hubs]
    ends += [(spoke.region, spoke.name) for spoke in network.spokes]
    return {names.vnet_id(*end).rsplit("/", 1)[-1]: end[0] for end in ends}
