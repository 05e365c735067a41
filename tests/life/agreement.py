"""The proof's model held against the simulator's own word on what is effective.

    python -m tests.life.agreement --networks 500 --seed 1

Both follow the same facts by different code. Where they differ, one of them is wrong: the
network is made smaller by hypothesis and told, and facts.md settles it. What came of it is
kept in docs/soak.md.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pprint import pformat
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import seed as seeded

from simulator.app import create_app
from simulator.clock import ManualClock
from tests.azure_api.in_process import simulated_azure, tenant_of
from tests.builders import a_network
from tests.carry_out import apply_network
from tests.life import effective
from tests.life.outsider import outsider
from tests.simulator.azure import Azure, signed_in
from tests.soak_page import commit, write_section
from tests.topology.verification.sketches import MANAGER, Sketch, sketches
from tests.virtual_time import run
from topology.kind import Listing, Resource
from topology.network import Network
from topology.planning.actual import Actual
from topology.regions import AZURE_REGIONS
from topology.resources import KIND_BY_NAME, wanted
from topology.verification.model import Model

Counts = Counter[str]


def compare_network(network: Network) -> Counts:
    """Build a network of ours by the real SDK, and compare; return what was compared.

    Raises AssertionError with the first difference. AVNM's tables are taken as they were read,
    and as they follow from its rules.
    """

    async def live() -> tuple[Actual, Any]:
        async with simulated_azure(settings=tenant_of(network)) as (azure, world):
            assert await apply_network(azure, network) == {}
            async with outsider(azure, world) as client:
                told = (await client.get("/_simulator/effective")).json()["networks"]
                ids = [item.id for item in wanted(network) if _is_whole(item)]
                return await effective.read(client, network.names.manager_id, ids), told

    actual, told = run(live())
    _agree(Model.of(actual), told)
    return _compare(actual, told)


def compare_sketch(sketch: Sketch) -> Counts:
    """Build whatever of a sketch the simulator takes, and compare in the same way.

    AVNM's tables are taken as they were read alone: a route in one may be the subnet's own
    from before, for the very destination of a rule, which is then ignored (facts.md section 4).
    The table does not tell, so what follows from its rules is the other route.
    """

    async def live() -> tuple[Actual, Any]:
        async with _simulator() as azure:
            await effective.build(azure, sketch)
            told = (await azure.get("/_simulator/effective"))["networks"]
            return await effective.read(azure.client, MANAGER, sketch.resources), told

    return _compare(*asyncio.run(live()))


def large_network(regions: int, seed: int) -> Network:
    """Return a network of so many regions, each with spokes of its own number and kind."""
    chance = random.Random(seed)  # noqa: S311  a sample is no secret
    names = list(AZURE_REGIONS)[:regions]
    environments = ("prod", "nonprod")
    spokes = {
        name: {
            f"s{number}": {"environment": chance.choice(environments)}
            for number in range(chance.randint(0, 3))
        }
        for name in names
    }
    return a_network(
        *names,
        regions={name: {"spokes": given} for name, given in spokes.items()},
        isolation=chance.choice(("strict", "one-way", "none")),
    )


def _is_whole(item: Resource) -> bool:
    """Say whether it is a resource of Azure's: neither a part of one nor a commit."""
    kind = KIND_BY_NAME[item.kind]
    return kind.part_of is None and kind.listing is not Listing.DEPLOYMENT_STATUS


@asynccontextmanager
async def _simulator() -> AsyncIterator[Azure]:
    clock = ManualClock()
    async with signed_in(create_app(clock)) as client:
        yield Azure(client, clock)


def _compare(actual: Actual, told: Any) -> Counts:
    _agree(Model.of(actual, tables_as_read=True), told)
    subnets = [subnet for network in told for subnet in network["subnets"]]
    return Counter(
        networks=len(told),
        subnets=len(subnets),
        routes=sum(len(subnet["routes"]) for subnet in subnets),
        rules=sum(map(len, effective.told_rules(told).values())),
    )


def _agree(model: Model, told: Any) -> None:
    ours, theirs = effective.modelled_routes(model), effective.told_routes(told)
    differing = {
        key: {
            "only the model": ours.get(key, set()) - theirs.get(key, set()),
            "only the simulator": theirs.get(key, set()) - ours.get(key, set()),
        }
        for key in ours.keys() | theirs.keys()
        if ours.get(key) != theirs.get(key)
    }
    assert not differing, f"routes: {pformat(differing)}"
    rules, told_rules = effective.modelled_rules(model), effective.told_rules(told)
    for key, found in rules.items():
        for direction in (" Inbound ", " Outbound "):
            mine = [rule for rule in found if direction in rule]
            # Probes of load balancers are nobody whom the model knows.
            other = [
                rule for rule in told_rules[key] if direction in rule and "loadbalancer" not in rule
            ]
            assert mine == other, f"rules of {key}: the model {mine}, the simulator {other}"


# -- the soak ----------------------------------------------------------------------------


def compare_many(number: int, seed: int) -> Counts:
    """Compare so many sketches, from a seed; the first that differs is made smaller and raised."""
    found: Counts = Counter()

    @seeded(seed)
    @settings(
        max_examples=number, deadline=None, database=None, suppress_health_check=[*HealthCheck]
    )
    @given(sketches())
    def compare(sketch: Sketch) -> None:
        found.update(compare_sketch(sketch), sketches=1)

    compare()
    return found


def _section(asked: argparse.Namespace, large: Counts, small: Counts, took: float) -> Iterator[str]:
    now = datetime.now(UTC)
    yield f"`python -m tests.life.agreement --networks {asked.networks} --seed {asked.seed}`,"
    yield f"{now:%Y-%m-%d}, commit {commit()}, 1 process, {took:,.0f} s."
    yield ""
    yield "**What the model and the simulator say is in effect is the same on every subnet.**"
    yield "AVNM's route tables are taken as they were read; those of the regions also as they"
    yield "follow from rules. Of small networks some have grown after they were peered, some have"
    yield "rules and meshes that were edited after their commit, or a scope that has moved."
    yield ""
    yield "| | networks | subnets | routes told | rules told |"
    yield "|---|--:|--:|--:|--:|"
    kinds = ("networks", "subnets", "routes", "rules")
    for name, counts in (
        (f"{asked.regions} regions, spokes drawn by the seed", large),
        (f"{small['sketches']} small networks, everything drawn", small),
    ):
        yield f"| {name} | {' | '.join(f'{counts[kind]:,}' for kind in kinds)} |"


def main() -> None:
    """Read the command line, compare, tell."""
    parser = argparse.ArgumentParser(prog="python -m tests.life.agreement", description=__doc__)
    parser.add_argument("--networks", type=int, default=500)
    parser.add_argument("--regions", type=int, default=len(AZURE_REGIONS))
    parser.add_argument("--seed", type=int, default=1)
    asked, began = parser.parse_args(), time.monotonic()
    large = compare_network(large_network(asked.regions, asked.seed))
    small = compare_many(asked.networks, asked.seed)
    lines = list(_section(asked, large, small, time.monotonic() - began))
    write_section("The model beside the simulator", lines)
    sys.stdout.write("\n".join([*lines, ""]))


if __name__ == "__main__":
    main()
