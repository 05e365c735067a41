"""No region loses anything before its wave: a plan that would have it so is refused.

What regions share and Azure only makes anew takes along whatever rests on it, wherever that
stands: a firewall policy with another tier the firewalls that follow it, a manager that moves
all members, rules and commits.
"""

from __future__ import annotations

from collections.abc import Iterator

from topology.kind import parent_id, same_id
from topology.network import Network
from topology.planning.explain import commit_word
from topology.planning.plan import Commit, Delete, Plan, Replace, Step
from topology.planning.removal import region_of, upward
from topology.planning.replacement import is_lost
from topology.planning.waves import Wave, in_waves

_MOST_TOLD = 3
_PAIR = "what they are joined to is made anew, and they have to let go of it first"


def out_of_turn(network: Network, plan: Plan) -> str | None:
    """Return why a plan may not go in waves, with the way out; None where it may."""
    for wave, part in in_waves(network, plan):
        if early := taken_early(part, wave):
            keys = " and ".join(f"`rollout.{key}`" for key in network.topology.rollout.makes_waves)
            return (
                f"{wave.title} {early}: nothing was done. Leave {keys} out of the file for this "
                "change, so that all regions go in one wave"
            )
    return None


def taken_early(part: Plan, wave: Wave) -> str | None:
    """Return what a wave's part of a plan takes away of regions before their turn, and why.

    None where it takes nothing. Regions that leave the topology have their turn in the last wave.
    """
    lost = tuple(dict.fromkeys((*_by_steps(part, wave), *_falling(part, wave))))
    if wave.last or not lost:
        return None
    more = f" and {len(lost) - _MOST_TOLD} more" if len(lost) > _MOST_TOLD else ""
    turn = "their turn" if len(lost) > 1 else "its turn"
    told = f"would take away {', '.join(lost[:_MOST_TOLD])}{more} before {turn}"
    shared = " and ".join(_made_anew(part))
    why = f"{shared}, which all share, can only be made anew" if shared else _PAIR
    return f"{told}, because {why}"


def _by_steps(part: Plan, wave: Wave) -> Iterator[str]:
    """Yield what steps take away; what is lost already is no loss, as a side of a pair alone."""
    for step in part.work:
        found = part.found.get(step.resource.id.split("#")[0])
        if _waits(step.resource.region, wave) and _takes(step) and not (found and is_lost(found)):
            yield _told(step.resource.kind, step.resource.id, step.resource.region)


def _falling(part: Plan, wave: Wave) -> Iterator[str]:
    """Yield what goes with something that it stands in, or is deployed by."""
    taken = _taken(part)
    for found in part.before:
        if _stands_in(found.id, taken) and _waits(region := region_of(found, part.found), wave):
            yield _told(found.kind, found.id, region)
    for manager, states in part.goal_states.items():
        for state in states if manager in taken or _stands_in(manager, taken) else ():
            if state.configuration_ids and _waits(state.region, wave):
                yield f"{commit_word(state.commit_type)} ({state.region})"


def _made_anew(part: Plan) -> Iterator[str]:
    """Yield what belongs to no region and is replaced, and not with something that it stands in."""
    taken = _taken(part)
    for step in part.work:
        resource = step.resource
        alone = isinstance(step, Replace) and not _stands_in(resource.id, taken)
        if alone and resource.region is None:
            yield f"{resource.kind.replace('-', ' ')} {resource.name}"


def _taken(part: Plan) -> frozenset[str]:
    return frozenset(
        same_id(step.resource.id.split("#")[0])
        for step in part.work
        if isinstance(step, Delete | Replace)
    )


def _stands_in(resource_id: str, taken: frozenset[str]) -> bool:
    above = upward(same_id(parent_id(resource_id)))
    return any(key in taken for key in above)


def _takes(step: Step) -> bool:
    if isinstance(step, Commit):
        return not step.resource.body["configurationIds"]
    return isinstance(step, Delete | Replace)


def _waits(region: str | None, wave: Wave) -> bool:
    return region is not None and region not in wave.so_far


def _told(kind: str, resource_id: str, region: str | None) -> str:
    name = resource_id.partition("#")[0].rsplit("/", 1)[-1]
    return f"{kind.replace('-', ' ')} {name} ({region})"
