"""What reaches all regions at once: before the first wave, by itself, and proved or taken back."""

from __future__ import annotations

from typing import Any

from rollout.executor import Executor, Planned
from rollout.result import MOST_TOLD, Ending, PolicyResult
from rollout.rollout import Rollout
from rollout.take_back import is_taken_back
from topology.network import Network
from topology.planning.actual import Actual
from topology.planning.at_once import POLICY_PART, not_proved_at_once
from topology.planning.places import GLOBAL
from topology.planning.plan import Plan
from topology.planning.status import LEFT_IN_PART, ROLLED_BACK, region_rows


async def change_policy(
    executor: Executor, network: Network, part: Plan, found: Actual, planned: Planned
) -> PolicyResult:
    """Carry out the part of a plan that waits for no wave, and say what came of it.

    If Azure does not hold what is wanted afterwards, one who follows it is not well, traffic
    goes otherwise than was foreseen of it, or none of that can be known, it is taken back by
    itself. The part is saved under the run's id. `found` is what Azure held before.
    """
    if refused := await executor.may_change_policy(network, part, found, planned):
        return PolicyResult(Ending(f"{_CHANGE} did not start: {refused.message}", refused.name))
    for note in part.notes:
        executor.tell(note)
    await executor.save(part, "policy")
    changing = Rollout.of(executor, part)
    async with executor.carrying(changing):
        if not (wrong := await _wrong(changing, network, found, planned)):
            return PolicyResult(None, _rows(changing), (changing.carried_out(POLICY_PART),))
        word = ROLLED_BACK if await is_taken_back(changing, network, None) else LEFT_IN_PART
    message = f"{_CHANGE} is {word}, no wave has started: {wrong}"
    return PolicyResult(Ending(message, name="RolledBack"), _rows(changing, word))


async def _wrong(changing: Rollout, network: Network, found: Actual, planned: Planned) -> str:
    """Make the change; return what keeps it from being proved good, nothing if it is.

    What breaks off is not proved: firewalls everywhere follow what it has written.
    """
    executor = changing.executor
    try:
        wrong = await executor.run_policy(changing)
        return wrong or await _not_proved(changing, network, found, planned)
    except Exception as error:  # noqa: BLE001  it is taken back first
        return executor.words(error)


async def _not_proved(changing: Rollout, network: Network, found: Actual, planned: Planned) -> str:
    executor, part = changing.executor, changing.plan
    actual = await executor.read(network)
    wrong = not_proved_at_once(part, planned(network, actual), actual)
    if not wrong:
        findings = await executor.prove(network, found, part.steps, _CHANGE)
        wrong = [item.text for item in findings]
    return "; ".join(wrong[:MOST_TOLD])


def _rows(changing: Rollout, word: str | None = None) -> list[dict[str, Any]]:
    words = {GLOBAL: word} if word else {}
    errors, left_out = changing.errors, changing.left_out
    return region_rows(changing.plan, changing.schedule, errors, words, left_out)


_CHANGE = "the change of the firewall policy"
