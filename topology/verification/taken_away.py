"""Peerings that a plan would make and AVNM take away again, as a configuration tells it to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from topology.kind import at, parent_id, same_id
from topology.planning.actual import Actual
from topology.planning.plan import Create, Replace, Step
from topology.verification.avnm import peered_pairs, strict
from topology.verification.deployed import manager_of
from topology.verification.unread_managers import called, first_of


def taken_away(after: Actual, steps: Iterable[Step]) -> dict[str, str]:
    """Return the peerings that steps make and AVNM removes, by id, with the configuration's id.

    `after` is the state after the steps. What stands already is believed: the doc has it that such
    peerings can be removed (facts.md section 1), not when.
    """
    taking = strict(after)
    if not taking:
        return {}
    made, found = peered_pairs(after), {}
    for step in steps:
        remote = at(step.resource.body, "properties.remoteVirtualNetwork.id")
        if not isinstance(step, Create | Replace) or remote is None:
            continue
        network = same_id(parent_id(step.resource.id))
        if network in taking and (network, same_id(str(remote))) not in made:
            found[step.resource.id] = taking[network]
    return found


def told(taken: dict[str, str]) -> Iterator[str]:
    """Yield a sentence for each configuration that takes peerings away."""
    by_configuration: dict[str, list[str]] = defaultdict(list)
    for peering, configuration in taken.items():
        network = parent_id(peering).rsplit("/", 1)[-1]
        by_configuration[configuration].append(f"{network}/{peering.rsplit('/', 1)[-1]}")
    for configuration, peerings in sorted(by_configuration.items()):
        yield (
            f"configuration {configuration.rsplit('/', 1)[-1]} of "
            f"{called(manager_of(configuration))} would remove {first_of(sorted(peerings))}"
        )
