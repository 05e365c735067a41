"""Who reaches whom, network by network: over which firewalls, and how far that is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product

from topology.regions import length_km
from topology.verification.proof import Proof
from topology.verification.rules import Traffic


@dataclass(frozen=True, slots=True)
class Reached:
    """A spoke that can open connections to another, both by network key.

    `firewalls` are names, in order, `regions` those that its way crosses, both ends' too; `km`
    is as long as its way is at least, from region to region.
    """

    source: str
    target: str
    firewalls: tuple[str, ...]
    regions: tuple[str, ...]
    km: int


@dataclass(frozen=True, slots=True)
class Between:
    """How many networks of one environment reach how many of another, at least in part.

    That is by one kind of `traffic`, in words. `of` is how many pairs there are, `firewalls` the
    most on a way, `km` the longest way and `farthest` whose that is.
    """

    source: str
    target: str
    reached: int
    of: int
    firewalls: int
    km: int
    farthest: str
    traffic: str

    def told(self) -> dict[str, str]:
        """Return it as a row for people, by column."""
        return {
            "from": self.source,
            "to": self.target,
            f"reached by {self.traffic}, at least in part": f"{self.reached} of {self.of}"
            if self.reached
            else "none",
            "firewalls": str(self.firewalls or ""),
            "longest way": f"{self.km:,} km, {self.farthest}" if self.farthest else "",
        }


def reached(proof: Proof, traffic: Traffic | None = None) -> Iterator[Reached]:
    """Yield every two spokes of which one reaches the other, at least in part; once a way."""
    plane, fabric = proof.plane, proof.model.fabric
    seen: set[tuple[str, str, tuple[str, ...]]] = set()
    for block in proof.pairs(traffic or Traffic()).works:
        if block.network not in proof.spokes:
            continue
        senders = [key for key, (_, places) in proof.spokes.items() if places & block.senders]
        if not block.targets & plane.workloads:
            continue
        names = tuple(fabric.firewalls[key].name for key in block.way)
        for source in senders:
            pair = (source, block.network, block.way)
            if source != block.network and pair not in seen:
                seen.add(pair)
                crossed = fabric.regions_of(*pair)
                yield Reached(source, block.network, names, crossed, length_km(crossed))


def between(
    proof: Proof, found_pairs: Iterable[Reached], traffic: Traffic | None = None
) -> tuple[Between, ...]:
    """Return pairs summed up by environments; they are those of some traffic."""
    environment = {key: spoke.environment for key, (spoke, _) in proof.spokes.items()}
    found: dict[tuple[str, str], list[Reached]] = {}
    for item in found_pairs:
        ends = environment[item.source], environment[item.target]
        found.setdefault(ends, []).append(item)
    names = [name for name in proof.network.topology.environments if name in environment.values()]
    rows = []
    for source, target in product(names, repeat=2):
        items = found.get((source, target), [])
        longest = max(items, key=lambda item: item.km, default=None)
        counts = [list(environment.values()).count(name) for name in (source, target)]
        rows.append(
            Between(
                source=source,
                target=target,
                reached=len({(item.source, item.target) for item in items}),
                of=counts[0] * counts[1] - (counts[0] if source == target else 0),
                firewalls=max((len(item.firewalls) for item in items), default=0),
                km=longest.km if longest else 0,
                farthest=_regions(proof, longest) if longest and longest.km else "",
                traffic=str(traffic or Traffic()),
            )
        )
    return tuple(rows)


def _regions(proof: Proof, item: Reached) -> str:
    networks = proof.model.fabric.networks
    return f"{networks[item.source].region} to {networks[item.target].region}"
