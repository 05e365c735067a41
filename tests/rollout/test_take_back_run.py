"""A run is taken back part by part, the newest first, and each says what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from rollout.take_back_run import take_back_run
from tests.builders import a_network
from tests.topology.azure_model import AzureModel
from topology.network import Network
from topology.planning.actual import Actual
from topology.planning.plan import Create, Plan
from topology.planning.planner import make_plan
from topology.planning.policy_names import used_by
from topology.planning.roll_back.outcome import TakenBack
from topology.planning.waves import part_after, waves_of

NETWORK = a_network("eastus", "westus", rollout={"canary": "eastus"})


@dataclass
class _OnModel:
    """Does the work on a model of Azure; to keep the plan of a part may meet an error."""

    model: AzureModel
    meets: dict[int, Exception] = field(default_factory=dict)
    kept: list[int] = field(default_factory=list)
    names: list[str] = field(default_factory=list)

    async def read(self, network: Network) -> Actual:  # noqa: ARG002  there is one
        return self.model.actual

    async def keep(self, network: Network, back: Plan, found: Actual, number: int) -> None:  # noqa: ARG002  nobody looks
        if number in self.meets:
            raise self.meets[number]
        self.kept.append(number)

    def keep_names(self, network: Network, back: Plan) -> Network:
        used = used_by(back)
        return network.with_policies({name: number + 1 for name, number in used.items()})

    async def carry_out(self, network: Network, part: Plan, back: Plan) -> TakenBack:  # noqa: ARG002  it is told by its steps
        self.model.apply_all(back.steps)
        self.names += [step.resource.name for step in back.work if isinstance(step, Create)]
        return TakenBack(done=len(back.work))

    def told(self, error: Exception) -> str | None:
        return str(error) if isinstance(error, ConnectionError) else None


def _rolled_out(network: Network = NETWORK) -> tuple[AzureModel, list[Plan]]:
    """Return Azure after a rollout in two waves, and their plans."""
    model, parts = AzureModel(), list[Plan]()
    model.leaves_out = True
    for wave in waves_of(network):
        parts.append(part_after(make_plan(network, model.actual), wave, ()))
        model.apply_all(parts[-1].steps)
    return model, parts


async def test_a_run_in_waves_is_taken_back_whole() -> None:
    """From the last wave to the first, each from what is there by then."""
    model, parts = _rolled_out()
    work = _OnModel(model)

    report, _ = await take_back_run(work, NETWORK, parts, None)

    assert (work.kept, report.left, model.bodies) == ([1, 2], (), {})


async def test_a_part_that_cannot_be_taken_back_keeps_no_other_from_it() -> None:
    """The report has what was done, and what was met with the name of its part."""
    model, parts = _rolled_out()
    work = _OnModel(model, {2: ConnectionError("the storage does not answer")})

    report, _ = await take_back_run(work, NETWORK, parts, None)

    assert report.done > 0
    assert report.left == (("part 1 of the run's 2", "the storage does not answer"),)
    assert any("eastus" in name for name in model.bodies)
    assert not any("vnet-sample-hub-westus" in name for name in model.bodies)


async def test_a_defect_is_raised() -> None:
    """It is not what a person can act on."""
    model, parts = _rolled_out()

    with pytest.raises(KeyError):
        await take_back_run(_OnModel(model, {1: KeyError("a defect")}), NETWORK, parts, None)
