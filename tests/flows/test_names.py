"""The flows keep the names of policies: apply, take back, apply, destroy, apply."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.apply_topology import apply_topology
from flows.destroy_topology import destroy_topology
from flows.roll_back_run import roll_back_run
from simulator.settings import subscriptions
from tasks.read_topology import lock_beside
from tests.flows.conftest import SUBSCRIPTIONS, SimulatedAzure
from topology.reading import parse_lock

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

# Apart from those that other modules take from the beginning.
SUBSCRIPTION = subscriptions(SUBSCRIPTIONS)[-2]
TEXT = f"""\
topology: names
subscription: {SUBSCRIPTION}
home: eastus
dns_zone: names.internal
environments: [prod]
isolation: none
spokes: {{}}
groups:
  membership: dynamic
regions:
  eastus:
"""


def _kept(path: Path) -> set[int]:
    lock = lock_beside(path)
    return set(parse_lock(lock.read_text(), str(lock)).policies.values())


async def test_every_life_of_a_network_takes_names_of_its_own(
    azure: SimulatedAzure, tmp_path: Path
) -> None:
    """Azure would refuse those of the life before, however that ended."""
    path = tmp_path / "names.yaml"
    path.write_text(TEXT)
    assert azure.writes == 0

    first = await apply_topology(str(path), return_state=True)
    run = str(first.state_details.flow_run_id)
    states = [first, await roll_back_run(run, None, str(path), return_state=True)]
    states.append(await apply_topology(str(path), return_state=True))
    kept = [_kept(path)]
    states.append(await destroy_topology("names", str(path), return_state=True))
    states.append(await apply_topology(str(path), return_state=True))
    kept.append(_kept(path))

    assert [(state.name, state.message) for state in states if not state.is_completed()] == []
    assert kept == [{2}, {3}]
