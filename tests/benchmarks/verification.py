"""What a proof costs: all pairs at once, beside a walk of each pair.

    python -m tests.benchmarks.verification

Networks are as an apply leaves them, regions with spokes; all pairs both ways, one kind of
traffic. The walk is timed on a seeded sample of pairs and its whole is reckoned from it: the
ratio is what counts, of one run on one core.
"""

from __future__ import annotations

import random
from time import process_time

from rich.console import Console
from rich.table import Table

from tests.builders import a_network, as_deployed
from topology.planning.actual import Actual
from topology.planning.planner import make_plan
from topology.regions import AZURE_REGIONS
from topology.verification.answer import ask
from topology.verification.model import Model
from topology.verification.outlook import look_ahead
from topology.verification.pairs import Answers, pairs
from topology.verification.plane import Plane
from topology.verification.rules import Traffic

_SAMPLE = 2000
SIZES = ((6, 2), (58, 2), (58, 17))  # regions, spokes in each: 18, 174 and 1,044 networks


def state(regions: int, spokes: int) -> Actual:
    """Return what Azure holds of a network of so many regions and spokes."""
    names = [f"s{number:02}" for number in range(spokes)]
    environments = ("prod", "nonprod")
    given = {name: {"environment": environments[n % 2]} for n, name in enumerate(names)}
    addresses = {"region": 15, "spoke": 20}
    network = a_network(*list(AZURE_REGIONS)[:regions], spokes=given, addresses=addresses)
    return as_deployed(network)


def all_at_once(actual: Actual) -> tuple[Model, float]:
    """Return the model of a state, and the seconds that all its pairs cost, model and all."""
    start = process_time()
    model = Model.of(actual)
    plane = Plane.of(model)
    found = pairs(Answers(plane, model), Traffic())
    assert not found.astray  # only now answers are looked for, too
    return model, process_time() - start


def walked(model: Model) -> tuple[int, float]:
    """Return how many pairs there are, and the seconds that walking all of them would cost."""
    chance = random.Random(1)  # noqa: S311  a sample is no secret
    subnets = [item for item in model.fabric.subnets.values() if not item.is_reserved]
    start = process_time()
    for _ in range(_SAMPLE):
        source, target = chance.choice(subnets), chance.choice(subnets)
        there, here = target.prefixes[0].start + 4, source.prefixes[0].start + 4
        ask(model, source, here, there, Traffic())
    count = len(subnets) ** 2
    return count, (process_time() - start) * count / _SAMPLE


def foreseen(regions: int) -> float:
    """Return the seconds that the consequences of a first plan cost, all moments on its way too."""
    network = a_network(*list(AZURE_REGIONS)[:regions])
    plan, start = make_plan(network, Actual()), process_time()
    look_ahead(network, plan, Actual())
    return process_time() - start


def main() -> None:
    """Print the tables."""
    table = Table("networks", "pairs", "all at once", "walked", "ratio", title="Proof, seconds")
    for regions, spokes in SIZES:
        model, whole = all_at_once(state(regions, spokes))
        count, walks = walked(model)
        networks = len(model.fabric.networks)
        cells = (networks, f"{count:,}", f"{whole:.2f}", f"{walks:.1f}", f"{walks / whole:.0f}")
        table.add_row(*map(str, cells))
    Console().print(table)
    plans = Table("regions", "seconds", title="A first plan's consequences")
    for regions in (6, 58):
        plans.add_row(str(regions), f"{foreseen(regions):.1f}")
    Console().print(plans)


if __name__ == "__main__":
    main()
