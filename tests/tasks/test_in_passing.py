"""What a run only shows is left out where Prefect does not answer, and ends nothing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import uuid4

import pytest

from azure_api.client import connect
from azure_api.settings import AzureSettings
from rollout.rollout import Rollout
from tasks import history, publish
from tasks.in_passing import in_passing
from tests.builders import a_network
from tests.carry_out import Plainly
from tests.tasks.failing_prefect import failing_prefect
from topology.forecast.forecast import forecast_of
from topology.pictures.cells import Matrix
from topology.pictures.states import of_plan
from topology.planning.actual import Actual
from topology.planning.assigned import Reassigned
from topology.planning.planner import make_plan
from topology.planning.roll_back.outcome import TakenBack
from topology.verification.finding import Finding
from topology.verification.rules import Traffic

# There is no run here, and so none that the artifact would be of.
pytestmark = pytest.mark.filterwarnings("ignore:Artifact creation outside of a flow")

NETWORK = a_network("eastus")
PLAN = make_plan(NETWORK, Actual())
ROWS = [{"region": "eastus", "state": "done"}]
MOVED = Reassigned("eastus", "afw-sample-eastus", "198.51.100.1", "198.51.100.2")
FINDING = Finding("egress", "a and b", "a reaches b", "a rule")
SHOWN: dict[str, Callable[[], Awaitable[None]]] = {
    "map": lambda: publish.publish_map(NETWORK, of_plan(NETWORK, PLAN), "what comes of it"),
    "pairs": lambda: publish.publish_pairs(Matrix("sample", Traffic(), (), {})),
    "addresses": lambda: publish.publish_addresses(NETWORK, Actual()),
    "result": lambda: publish.publish_result(NETWORK, PLAN, ROWS),
    "result_of": lambda: publish.publish_result_of(uuid4(), NETWORK, [PLAN], ROWS),
    "left": lambda: publish.publish_left("sample", TakenBack(left=(("a step", "its error"),))),
    "reassigned": lambda: publish.publish_reassigned("sample", [MOVED]),
    "unintended": lambda: publish.publish_unintended("sample", [FINDING]),
    "history": lambda: history.publish_history(NETWORK, [], AzureSettings()),
}
# What somebody is asked about, or has asked for.
ANSWERS = {"plan", "way", "verdict", "adoption"}


def test_all_that_is_shown_is_known_here() -> None:
    """What is new either ends no run, or is what somebody waits for."""
    names = {name for module in (publish, history) for name in vars(module)}
    published = {name.removeprefix("publish_") for name in names if name.startswith("publish_")}

    assert published == {*SHOWN} | ANSWERS


@pytest.mark.parametrize("show", SHOWN.values(), ids=SHOWN)
async def test_what_only_shows_does_not_raise(show: Callable[[], Awaitable[None]]) -> None:
    """Whatever comes after it is done."""
    with failing_prefect() as asked:
        await show()

    assert asked


async def test_what_a_person_decides_by_raises() -> None:
    """Nobody may be asked about a plan that is not shown."""
    forecast = forecast_of(NETWORK, PLAN, Actual())
    with failing_prefect(), pytest.raises(Exception, match="500"):
        await publish.publish_plan(NETWORK, PLAN, forecast)


async def test_a_rollout_goes_on_unseen() -> None:
    """From its beginning to its end, and its result is what it is."""
    with failing_prefect() as asked:
        async with connect(AzureSettings()) as azure:
            async with publish.live_status(Rollout.of(Plainly(azure), PLAN)):
                begun = len(asked)
            ended = len(asked) - begun

    assert (begun, ended) == (1, 1)


async def test_a_defect_of_ours_is_raised() -> None:
    """A warning would hide it."""
    with pytest.raises(KeyError):
        async with in_passing("something"):
            raise KeyError("a defect")
