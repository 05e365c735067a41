"""What reaches all regions at once: before the first wave, by itself, and proved or taken back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from azure_api.errors import AzureError
from rollout.hands import AllHands, Ending
from rollout.rollout import Rollout
from topology.forecast.duration import POLICY_PART
from topology.forecast.outcome import Done
from topology.network import Network
from topology.planning.actual import Actual
from topology.planning.at_once import not_proved_at_once
from topology.planning.plan import Plan
from topology.planning.planner import InTheWayError, make_plan
from topology.planning.status import region_rows


@dataclass(frozen=True)
class Changed:
    """What came of it: how the rollout must end, or None; the result's rows.

    `done` is what was carried out when.
    """

    ended: Ending | None
    rows: list[dict[str, Any]] = field(default_factory=list)
    done: tuple[Done, ...] = ()


async def change_at_once(hands: AllHands, network: Network, part: Plan, found: Actual) -> Changed:
    """Carry out the part of a plan that waits for no wave, and say what came of it.

    If Azure does not hold what is wanted afterwards, one who follows it is not well, or
    traffic goes otherwise than was foreseen of it, it is taken back by itself. The part is
    saved under the run's id. `found` is what Azure held before.
    """
    if refused := await hands.may_change(network, part, found):
        return Changed(Ending(f"{_CHANGE} did not start: {refused.message}", refused.name))
    for note in part.notes:
        hands.tell(note)
    await hands.save(part, "policy")
    changing = Rollout.of(hands.azure, part)
    async with hands.carrying(changing):
        wrong = await hands.change(changing)
        if not wrong:
            wrong = await _try_to_prove(hands, network, part, found)
        if not wrong:
            return Changed(None, _rows(changing), (changing.carried_out(POLICY_PART),))
        is_whole = await hands.take_back(changing, network, None)
    word = "rolled back" if is_whole else "left in part"
    message = f"{_CHANGE} is {word}, no wave has started: {wrong}"
    return Changed(Ending(message, "RolledBack"), _rows(changing, word))


def _rows(changing: Rollout, word: str | None = None) -> list[dict[str, Any]]:
    words = {"global": word} if word else {}
    return region_rows(changing.plan, changing.schedule, changing.errors, words)


async def _try_to_prove(hands: AllHands, network: Network, part: Plan, found: Actual) -> str:
    """Return what keeps the change from being proved good; what cannot be planned on is not."""
    try:
        return await _not_proved(hands, network, part, found)
    except (AzureError, InTheWayError) as error:
        return str(error)


async def _not_proved(hands: AllHands, network: Network, part: Plan, found: Actual) -> str:
    """Return what keeps the change from being proved good; nothing if it is."""
    actual = await hands.read(network)
    wrong = not_proved_at_once(part, make_plan(network, actual), actual)
    if not wrong:
        findings = await hands.prove(network, found, part, (), _CHANGE)
        wrong = [item.text for item in findings]
    return "; ".join(wrong[:_MOST_TOLD])


_CHANGE = "the change of the firewall policy"
_MOST_TOLD = 5
