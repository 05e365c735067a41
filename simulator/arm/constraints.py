"""What a body must be like before its type looks at it: members, kinds, values, ranges.

The table is distilled from Microsoft's swagger (its file names source and date). A kind is
written so:

    "string", "boolean", "integer", "number", "object", "any"
    "#Subnet"                       a type of the table
    "=RouteNextHopType"             one of the table's values, in any case
    "->virtualNetworks/subnets"     a reference, of which only the id counts
    ["string"]                      a list; ["#Subnet", "named"]: of children with names
    {"is": kind, "from": 1, ...}    a kind within bounds

What a service answers is said in `malformed`, by the family of the type.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

# What a service that reads strictly minds. Others take members that they do not know.
STRICT = frozenset({"member", "required", "form", "value", "range", "reference", "target"})
LENIENT = frozenset({"required", "form", "value", "range"})
_TABLE = Path(__file__).parents[1] / "constraints.json"
Steps = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Breach:
    """One thing that is wrong with a body.

    `rule` is "member" (no such), "required", "form" (of the value), "value" (none of the
    known ones), "spelling" (of a known one, which no service refuses), "text" (a number or a
    flag that every service reads as the text of it), "range", "reference"
    (without id) or "target" (of another type). `expected` is the name of the type, the
    values' name, the value as the service spells it, the word for the form, the bound or the
    type a reference must lead to.
    """

    rule: str
    steps: Steps
    expected: str
    value: Any = None
    known: tuple[str, ...] = ()

    @property
    def path(self) -> str:
        """Return the place as JSON paths are written, `properties.routes[0].name`."""
        text = "".join(f"[{item}]" if isinstance(item, int) else f".{item}" for item in self.steps)
        return text.removeprefix(".")

    def correct(self, body: Any) -> None:
        """Write what was expected into the body, in the value's place."""
        for step in self.steps[:-1]:
            body = body[step]
        body[self.steps[-1]] = self.expected

    @property
    def name(self) -> str:
        """Return the last name on the path."""
        return next((item for item in reversed(self.steps) if isinstance(item, str)), "")


Found = list[Breach]
Check = Callable[[Any, Steps, Found], None]


def make_text(body: Any, found: Found) -> None:
    """Write numbers and flags as the texts that a service reads them as."""
    for item in found:
        if item.rule == "text":
            item.correct(body)


def breaches(verb: str, type_name: str, body: Any) -> Found:
    """Return what is wrong with the body of a PUT or a POST; types without a table take all."""
    check = _table().checks.get(f"{verb} {type_name.lower()}")
    found: Found = []
    if check is not None:
        check(body, (), found)
    return found


@cache
def _table() -> "Table":
    return Table(json.loads(_TABLE.read_text("utf-8")))


class Table:
    """A table, compiled once: each kind becomes a function that looks at one value."""

    def __init__(self, text: Mapping[str, Any]) -> None:
        self._types: Mapping[str, Any] = text["types"]
        self._values: Mapping[str, list[str]] = text["values"]
        self._compiled: dict[str, _Type] = {}
        self.checks: dict[str, Check | None] = {
            where: self._check(kind) for where, kind in text["bodies"].items()
        }

    def _check(self, kind: Any) -> Check | None:
        if isinstance(kind, dict):
            return _within(self._check(kind["is"]), kind)
        if isinstance(kind, list):
            return _listed(self._check(kind[0]), named=kind[1:] == ["named"])
        if kind.startswith("#"):
            return self._type(kind[1:])
        if kind.startswith("="):
            return _one_of(kind[1:], self._values[kind[1:]])
        if kind.startswith("->"):
            return _leading_to(kind[2:])
        return _FORMS.get(kind)

    def _type(self, name: str) -> "_Type":
        if name not in self._compiled:
            self._compiled[name] = compiled = _Type(name)
            described = self._types[name]
            compiled.required = tuple(described.get("required", ()))
            compiled.by = described.get("by", "")
            for value, kind in described.get("one of", {}).items():
                compiled.choices[value.lower()] = self._type(kind[1:])
            members = described.get("members", {})
            compiled.is_open = members == "any"
            if not compiled.is_open:
                compiled.fill({key: self._check(kind) for key, kind in members.items()})
        return self._compiled[name]


class _Type:
    """An object with the members of a type; names count in any case, as Azure reads them."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.required: tuple[str, ...] = ()
        # A discriminator, and the types it chooses between.
        self.by = ""
        self.choices: dict[str, _Type] = {}
        self.is_open = False
        self._members: dict[str, Check | None] = {}
        self._lowered: dict[str, Check | None] = {}

    def fill(self, members: Mapping[str, Check | None]) -> None:
        """Take the members, when all types are there that they may lead to."""
        self._members.update(members)
        self._lowered.update((key.lower(), check) for key, check in members.items())

    def __call__(self, value: Any, steps: Steps, found: Found) -> None:
        if not isinstance(value, dict):
            found.append(Breach("form", steps, self.name, value))
        elif self.by:
            self._choose(value, steps, found)
        elif not self.is_open:
            self._look(value, steps, found)

    def _choose(self, value: dict[str, Any], steps: Steps, found: Found) -> None:
        chosen = value.get(self.by)
        if chosen is None:
            found.append(Breach("required", (*steps, self.by), self.name))
            return
        choice = self.choices.get(str(chosen).lower())
        if choice is None:
            known = tuple(self.choices)
            found.append(Breach("value", (*steps, self.by), self.name, chosen, known))
        else:
            choice(value, steps, found)

    def _look(self, value: dict[str, Any], steps: Steps, found: Found) -> None:
        members = self._members
        for key, item in value.items():
            if key in members:
                check = members[key]
            elif key.lower() in self._lowered:
                check = self._lowered[key.lower()]
            else:
                found.append(Breach("member", (*steps, key), self.name, item))
                continue
            if check is not None and item is not None:
                check(item, (*steps, key), found)
        for name in self.required:
            if value.get(name) is None and not _has(value, name):
                found.append(Breach("required", (*steps, name), self.name))


def _has(value: dict[str, Any], name: str) -> bool:
    return any(key.lower() == name.lower() and value[key] is not None for key in value)


def _listed(check: Check | None, *, named: bool) -> Check:
    def look(value: Any, steps: Steps, found: Found) -> None:
        if not isinstance(value, list):
            found.append(Breach("form", steps, "list", value))
            return
        for position, item in enumerate(value):
            if item is None:  # refused, it is `assumed`: nobody was seen to send one
                found.append(Breach("form", (*steps, position), "item"))
            elif check is not None:
                check(item, (*steps, position), found)
            if named and isinstance(item, dict) and not item.get("name"):
                found.append(Breach("required", (*steps, position, "name"), "string"))

    return look


def _one_of(name: str, values: list[str]) -> Check:
    spelled = {item.lower(): item for item in values}
    shown = tuple(values)

    def look(value: Any, steps: Steps, found: Found) -> None:
        # An empty text is no value to Azure's services.
        if value == "" or value in shown:
            return
        own = spelled.get(str(value).lower())
        if own is None:
            found.append(Breach("value", steps, name, value, shown))
        else:
            found.append(Breach("spelling", steps, own, value))

    return look


def _leading_to(target: str) -> Check:
    tail = target.lower().split("/")

    def look(value: Any, steps: Steps, found: Found) -> None:
        given = value.get("id") if isinstance(value, dict) else None
        if not isinstance(given, str) or not given:
            found.append(Breach("reference", steps, target, value))
        elif target and given.lower().strip("/").split("/")[-2 * len(tail) :: 2] != tail:
            found.append(Breach("target", steps, target, given))

    return look


# Numbers and flags may be written as text: Azure's services convert them.
_INTEGER, _NUMBER = re.compile(r"-?\d+"), re.compile(r"-?\d+(\.\d+)?")


def _boolean(value: Any, steps: Steps, found: Found) -> None:
    if not isinstance(value, bool) and str(value).lower() not in ("true", "false"):
        found.append(Breach("form", steps, "boolean", value))


def _integer(value: Any, steps: Steps, found: Found) -> None:
    if type(value) is not int and _INTEGER.fullmatch(str(value)) is None:
        found.append(Breach("form", steps, "integer", value))


def _number(value: Any, steps: Steps, found: Found) -> None:
    if isinstance(value, bool) or _NUMBER.fullmatch(str(value)) is None:
        found.append(Breach("form", steps, "number", value))


def _string(value: Any, steps: Steps, found: Found) -> None:
    if isinstance(value, dict | list):
        found.append(Breach("form", steps, "string", value))
    elif not isinstance(value, str):
        # Azure's services read JSON as Json.NET does, which makes text of numbers.
        found.append(Breach("text", steps, json.dumps(value).strip('"'), value))


def _object(value: Any, steps: Steps, found: Found) -> None:
    if not isinstance(value, dict):
        found.append(Breach("form", steps, "object", value))


_FORMS: dict[str, Check] = {
    "object": _object,
    "boolean": _boolean,
    "integer": _integer,
    "number": _number,
    "string": _string,
}


def _within(check: Check | None, bounds: Mapping[str, Any]) -> Check:
    pattern = re.compile(bounds["pattern"]) if "pattern" in bounds else None
    least, most = bounds.get("from"), bounds.get("to")
    shortest = bounds.get("shortest", bounds.get("fewest"))
    longest = bounds.get("longest", bounds.get("most"))
    if "from" in bounds or "to" in bounds:
        words = f"{'' if least is None else least}-{'' if most is None else most}"
    else:
        words = bounds.get("pattern", f"{shortest or 0}-{'' if longest is None else longest}")

    def look(value: Any, steps: Steps, found: Found) -> None:
        before = len(found)
        if check is not None:
            check(value, steps, found)
        if len(found) == before and not (
            _lies(_size(value), least, most)
            if least is not None or most is not None
            else _lies(len(value), shortest, longest)
            and (pattern is None or pattern.search(str(value)))
        ):
            found.append(Breach("range", steps, words, value))

    return look


def _size(value: Any) -> float:
    return value if isinstance(value, int | float) else float(value)


def _lies(size: float, least: float | None, most: float | None) -> bool:
    return (least is None or size >= least) and (most is None or size <= most)
