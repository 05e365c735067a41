"""What network managers may do, and nobody told: no right to ask, out of sight, or not deployed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence

from topology.planning.actual import Actual
from topology.verification.deployed import Scope, level, manager_of
from topology.verification.model import Model

_STATUS_RIGHT = "Microsoft.Network/networkManagers/listDeploymentStatus/action"
_MOST_TOLD = 3


def unread_managers(model: Model, own: Collection[str]) -> Iterator[str]:
    """Yield what managers may do to these networks, by key, that was not read."""
    actual = model.fabric.actual
    for key in sorted(actual.managers.goal_states.keys() | _managers(actual.around)):
        if any(name in Scope(actual, key) for name in own):
            yield from _unread(key, actual)
    for key in sorted(actual.goal_states):
        yield from _not_deployed(key, model, own)
    yield from _joined_out_of_sight(model, own)
    yield from _of_one_level(model, own)


def _managers(around: Iterable[str]) -> set[str]:
    return {key for key in around if key == manager_of(key)}


def _unread(manager: str, actual: Actual) -> Iterator[str]:
    if manager not in actual.goal_states:
        yield (
            f"what {called(manager)} has deployed, who may not be asked for it ({_STATUS_RIGHT})"
        )
        return
    missing: dict[str, list[str]] = defaultdict(list)
    for state in actual.goal_states[manager]:
        for name in state.configuration_ids:
            if actual.get(name) is None and state.content is None:
                missing[name.rsplit("/", 1)[-1]].append(state.region)
    for name, regions in missing.items():
        yield (
            f"what configuration {name} of {called(manager)} does in "
            f"{', '.join(sorted({*regions}))}, which may not be read"
        )


def _not_deployed(manager: str, model: Model, own: Collection[str]) -> Iterator[str]:
    """Yield what is in effect while a deployment is under way or has failed.

    No status tells what was deployed before it (facts.md section 2).
    """
    scope = Scope(model.fabric.actual, manager)
    here = {model.fabric.networks[key].region for key in own if key in scope}
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for state in model.fabric.actual.goal_states.get(manager, ()):
        reaches = here and (state.configuration_ids or state.region in here)
        if reaches and state.status != "Deployed":
            found[state.commit_type, state.status].add(state.region)
    for (commit_type, status), regions in sorted(found.items()):
        yield (
            f"what {called(manager)} has in effect by {commit_type} in "
            f"{', '.join(sorted(regions))}: the deployment reads {status}, and what it had "
            "deployed before may serve on"
        )


def _joined_out_of_sight(model: Model, own: Collection[str]) -> Iterator[str]:
    """Yield what joins these networks with others, maybe in subscriptions that were not read."""
    actual, found = model.fabric.actual, dict[str, list[str]]()
    for key in own:
        for name in model.effects.connected.get(key, ()):
            if manager_of(name) in actual.managers.goal_states:
                found.setdefault(name, []).append(model.fabric.networks[key].name)
    for name, networks in sorted(found.items()):
        if not Scope(actual, name).is_within(actual.managers.subscriptions):
            yield (
                f"whom else {name.rsplit('/', 1)[-1]} of {called(manager_of(name))} joins with "
                f"{first_of(sorted(networks))}: it may reach subscriptions that are not read"
            )


def _of_one_level(model: Model, own: Collection[str]) -> Iterator[str]:
    """Yield the managers whose rules meet in a network, where which is higher is not known.

    That are those of management groups: which of two is above the other is not read.
    """
    met: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for key in own:
        managers = dict.fromkeys(manager_of(rule.id) for rule in model.effects.rules.get(key, ()))
        high = [name for name in managers if level(model.fabric.actual, name) == 0]
        if len(high) > 1:
            met[tuple(high)].append(model.fabric.networks[key].name)
    for names, networks in met.items():
        yield (
            f"which of {' and '.join(map(called, names))} has the higher management group, whose "
            f"admin rules come first in {first_of(sorted(networks))}: they are taken in this order"
        )


def called(manager: str) -> str:
    """Return what people call a manager, by its id."""
    return f"network manager {manager.rsplit('/', 1)[-1]}"


def first_of(names: Sequence[str]) -> str:
    """Return the first few of these names, and how many more there are."""
    more = f" and {len(names) - _MOST_TOLD} more" if len(names) > _MOST_TOLD else ""
    return f"{', '.join(names[:_MOST_TOLD])}{more}"
