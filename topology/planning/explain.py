"""A plan told to people: the second reader of the steps, beside the one that acts."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, assert_never

from topology.kind import Late, Stage
from topology.planning import late, places
from topology.planning.diff import is_same
from topology.planning.plan import (
    Change,
    Commit,
    Create,
    Delete,
    FieldChange,
    Nothing,
    Plan,
    Replace,
    Step,
)

_LONGEST = 70


def title(step: Step) -> str:
    """Return the step as a sentence: `eastus: create firewall afw-globojava-eastus`."""
    resource = step.resource
    kind, name = resource.kind.replace("-", " "), resource.name.split("#")[0]
    match step:
        case Change() if resource.stage is Stage.WITHDRAWAL:
            text = f"withdraw from {kind} {name}"
        case Create() | Change() | Replace():
            text = f"{step.does} {kind} {name}"
        case Delete():
            text = f"delete {kind} {name}"
        case Commit():
            text = f"commit {commit_word(resource.body['commitType'])}"
        case Nothing():
            text = f"leave {kind} {name}"
        case _:
            assert_never(step)
    return f"{resource.region or 'global'}: {text}"


def details(step: Step) -> tuple[str, ...]:
    """Return what the step does in particular, a line each."""
    match step:
        case Create() | Delete():
            return ()
        case Change() | Replace():
            return tuple(_fields(step.fields))
        case Commit():
            return (step.reason, *_goal(step), *_fields(step.fields))
        case Nothing():
            return (step.reason,)
        case _:
            assert_never(step)


def finer(change: FieldChange) -> Iterator[FieldChange]:
    """Yield a change as it is, or that of a list of named items by item and field."""
    old, new = _by_name(change.old), _by_name(change.new)
    if not old or not new:
        yield change
        return
    for name in _concerned(change):
        before, after = old.get(name), new.get(name)
        if before is None or after is None:
            yield FieldChange(f"{change.path}.{name}", before, after)
            continue
        for key, value in after.items():
            if not is_same(value, before.get(key)):
                yield FieldChange(f"{change.path}.{name}.{key}", before.get(key), value)


def changed_names(step: Step) -> tuple[str, ...]:
    """Return what a change of a resource is about: rules by name, other fields by theirs."""
    if not isinstance(step, Change | Replace):
        return ()
    return tuple(dict.fromkeys(name for change in step.fields for name in _concerned(change)))


def summary(plan: Plan) -> str:
    """Return one line: `184 to create, 2 to change` or `no changes`."""
    if plan.is_empty:
        return "no changes"
    words = {
        "create": "to create",
        "change": "to change",
        "replace": "to replace",
        "delete": "to delete",
        "commit": "commits",
    }
    return ", ".join(
        f"{plan.counts[key]} {word}" for key, word in words.items() if key in plan.counts
    )


def pending(whole: Plan, part: Plan) -> str:
    """Return the summary of what a part of a plan leaves alone; nothing if that is nothing."""
    doing = {step.resource.id for step in part.work}
    left = replace(whole, steps=tuple(s for s in whole.work if s.resource.id not in doing))
    return summary(left) if left.work else ""


def by_region(plan: Plan) -> Iterator[tuple[str, dict[str, int]]]:
    """Yield each region, `global` first, with how many steps of each kind it has."""
    for region, steps in places.by_region(plan.work).items():
        yield region, Counter(step.does for step in steps)


def markdown(plan: Plan, consequences: str = "") -> str:
    """Return the plan as markdown: a table of regions, consequences, each step with its fields."""
    lines = [f"# Plan of {plan.topology}", "", summary(plan), ""]
    lines += [f"> {note}." for note in plan.notes]
    lines += [
        "| region | create | change | replace | delete | commit |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    for region, counts in by_region(plan):
        cells = (str(counts.get(name, "")) for name in _COLUMNS)
        lines.append(f"| {region} | {' | '.join(cells)} |")
    lines += [consequences, "## Steps", ""]
    for step in plan.work:
        lines.append(f"- {title(step)}")
        lines += [f"    - `{line}`" for line in details(step)]
    if plan.held:
        lines += ["", "## What stays", "", *(f"- {line}" for line in held(plan))]
    return "\n".join(lines) + "\n"


def held(plan: Plan) -> list[str]:
    """Return what should go and cannot, a line each with the reason."""
    return [f"{title(step)}: {step.reason}" for step in plan.held]


_COLUMNS = ("create", "change", "replace", "delete", "commit")


def commit_word(commit_type: str) -> str:
    """Return what people call a type of configuration."""
    return {
        "Connectivity": "mesh",
        "SecurityAdmin": "security admin rules",
        "Routing": "routing",
    }[commit_type]


def _goal(step: Commit) -> Iterator[str]:
    before = {name.rsplit("/", 1)[-1] for name in step.before}
    after = {name.rsplit("/", 1)[-1] for name in step.resource.body["configurationIds"]}
    yield from (f"+ {name}" for name in sorted(after - before))
    yield from (f"- {name}" for name in sorted(before - after))


def _fields(changes: Iterable[FieldChange]) -> Iterator[str]:
    return (_field(part) for change in changes for part in finer(change))


def _field(change: FieldChange) -> str:
    if change.new is None:
        return f"- {change.path}"
    if change.old is None:
        return f"+ {change.path}: {short(change.new)}" if change.path else short(change.new)
    if (
        _are_texts(change.old, change.new)
        and max(map(_length, (change.old, change.new))) > _LONGEST
    ):
        return f"~ {change.path}: {_told_apart(change.old, change.new)}"
    return f"~ {change.path}: {short(change.old)} -> {short(change.new)}"


def _are_texts(*values: Any) -> bool:
    return all(
        isinstance(value, list) and all(isinstance(item, str) for item in value) for value in values
    )


def _length(value: Any) -> int:
    return len(json.dumps(late.fill(value, _known_after)))


def _told_apart(old: list[str], new: list[str]) -> str:
    come = [f"+ {item}" for item in new if item not in old]
    gone = [f"- {item}" for item in old if item not in new]
    return short(", ".join([*come, *gone]))


def _concerned(change: FieldChange) -> Iterator[str]:
    old, new = _by_name(change.old), _by_name(change.new)
    if not old and not new:
        yield change.path.rsplit(".", 1)[-1]
    for name in sorted({*old, *new}):
        if name not in old or name not in new or not is_same(new[name], old[name]):
            yield name


def _by_name(value: Any) -> dict[str, Any]:
    """Return the items of a list by their names, if it is one of named items."""
    items = value if isinstance(value, list) else []
    return {item["name"]: item for item in items if isinstance(item, Mapping) and "name" in item}


def _known_after(value: Late) -> str:
    return f"known after {value.resource_id.rsplit('/', 1)[-1]}"


def told_value(value: Any) -> str:
    """Return a value of a body as text, whole; what Azure has yet to assign says so."""
    value = late.fill(value, _known_after)
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)


def short(value: Any) -> str:
    """Return a value of a body as text, cut where it is long."""
    text = told_value(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


def difference(saved: Plan, now: Plan) -> str | None:
    """Return how the world has moved since a plan was saved, or None if it has not."""
    if saved.does_the_same(now):
        return None
    before, after = ({title(step) for step in plan.work} for plan in (saved, now))
    gone = [f"no longer to do: {text}" for text in sorted(before - after)]
    new = [f"to do now: {text}" for text in sorted(after - before)]
    told = "; ".join([*gone, *new][:_MOST_TOLD]) or "the same steps, with other fields"
    return f"the plan is of another world than today's: {told}; plan again"


_MOST_TOLD = 8
