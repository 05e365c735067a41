"""Faults as people write them, in JSON or YAML: read, checked, and refused with the place."""

import difflib
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from simulator.arm.provider import Provider
from simulator.fault import POLLS, Fault
from simulator.regions import REGIONS, region_name

_COMMITS = "Microsoft.Network/networkManagers/commits"
_PREFIX = "Value error, "


class Problem(NamedTuple):
    """What is wrong where; the line is that of a file, 0 where there is none."""

    place: str
    text: str
    line: int = 0


class FaultInputError(ValueError):
    """Faults that cannot be read, with every problem there is."""

    def __init__(self, problems: list[Problem], source: str = "") -> None:
        self.problems = problems
        told = [
            f"{source}:{item.line}: {item.place}: {item.text}".lstrip(":")
            if source
            else f"{item.place}: {item.text}"
            for item in problems
        ]
        super().__init__("\n".join(told))


def known_types(providers: Iterable[Provider]) -> list[str]:
    """Return what the `type` of a fault can be, in any case."""
    found = [POLLS, _COMMITS]
    for provider in providers:
        found += [provider.type, *(f"{provider.type}/{action}" for action in provider.actions)]
    return found


def read_faults(given: Any, types: Collection[str]) -> list[Fault]:
    """Return the faults of a document: one, a list, or `faults` with a list."""
    listed = given
    if isinstance(given, Mapping):
        listed = given["faults"] if set(given) == {"faults"} else [given]
    if not isinstance(listed, list):
        raise FaultInputError([Problem("faults", "must be a fault or a list of faults")])
    faults: list[Fault] = []
    problems: list[Problem] = []
    for number, item in enumerate(listed):
        place = f"faults[{number}]"
        try:
            fault = Fault.model_validate(item)
        except ValidationError as error:
            problems += _problems(error, place, item)
            continue
        problems += _unknown(fault, place, item, types)
        faults.append(_normalized(fault))
    if problems:
        raise FaultInputError(problems)
    return faults


def load_faults(path: Path, types: Collection[str]) -> list[Fault]:
    """Return the faults of a YAML file; its problems name their lines."""
    try:
        given = YAML(typ="rt").load(path.read_text())
    except OSError as error:
        raise FaultInputError([Problem(str(path), str(error.strerror))]) from error
    except YAMLError as error:
        raise FaultInputError([Problem(str(path), f"is not YAML: {error}")]) from error
    try:
        return read_faults(given if given is not None else [], types)
    except FaultInputError as error:
        raise FaultInputError(error.problems, str(path)) from None


def _normalized(fault: Fault) -> Fault:
    if fault.region is None:
        return fault
    return fault.model_copy(update={"region": region_name(fault.region)})


def _problems(error: ValidationError, place: str, item: Any) -> Iterable[Problem]:
    told: dict[str, Problem] = {}
    for detail in error.errors():
        field = str(detail["loc"][0]) if detail["loc"] else ""
        where = f"{place}.{field}" if field else place
        told.setdefault(where, Problem(where, _text(detail), _line(item, field)))
    return told.values()


def _text(detail: ErrorDetails) -> str:
    field = str(detail["loc"][0]) if detail["loc"] else ""
    if detail["type"] == "extra_forbidden":
        return f"is not a field of a fault{_instead(field, Fault.model_fields)}"
    text = detail["msg"].removeprefix(_PREFIX)
    return f"{text}; it is {detail['input']!r}" if field else text


def _unknown(fault: Fault, place: str, item: Any, types: Collection[str]) -> Iterable[Problem]:
    if fault.type is not None and fault.type.lower() not in {name.lower() for name in types}:
        text = f'no type "{fault.type}" is simulated{_instead(fault.type, types)}'
        yield Problem(f"{place}.type", text, _line(item, "type"))
    region = region_name(fault.region or "global")
    if region not in {"global", *REGIONS}:
        text = f'there is no region "{fault.region}"{_instead(region, REGIONS)}'
        yield Problem(f"{place}.region", text, _line(item, "region"))


def _instead(given: str, known: Iterable[str]) -> str:
    by_key = {name.lower(): name for name in known}
    close = difflib.get_close_matches(given.lower(), list(by_key), n=1)
    return f'; did you mean "{by_key[close[0]]}"?' if close else ""


def _line(item: Any, field: str) -> int:
    """Return the line of a field, or of the fault; ruamel.yaml counts from nought."""
    marks = getattr(item, "lc", None)
    if marks is None:
        return 0
    data = marks.data or {}
    return int(data[field][0] if field in data else marks.line) + 1
