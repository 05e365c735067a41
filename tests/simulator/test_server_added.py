"""Azure adds properties to what it is given; the simulator adds the same, in every api-version.

The table beside the recordings counts, over far more of them than are at hand, which
properties bodies had that requests had not.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.contract.replay.recordings import folder
from tests.contract.swagger.stops import STOPS
from tests.simulator.azure import A_WHILE, GROUP, NETWORK, Azure

_TYPE = re.compile(r"## (?P<type>\S+) n= \d+ (?P<versions>\{.*\})")
_LINE = re.compile(r"    (?P<path>\S+) \((?P<seen>\d+)/(?P<of>\d+)\) (?P<values>.*)")
_VERSION = re.compile(r"'([\d-]+(?:-preview)?)'")
# GUIDs and times.
_EACH_TIME = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-|\d{4}-\d\d-\d\dT")
# What is each resource's own.
_OWN = ("name", "etag")


class Added(NamedTuple):
    """What every body of a type had in some api-versions."""

    type: str
    versions: tuple[str, ...]
    # The paths, each with the value that all bodies had there, or None where they differ. The
    # table cuts long values off.
    paths: dict[str, str | None]


def _path_of(type_name: str) -> str | None:
    """Return the first stop of the tour that makes such a resource."""
    for path, _ in STOPS:
        whole = path if path.startswith("/") else f"{NETWORK}/{path}"
        last = whole.removeprefix(f"{NETWORK}/").split("/")
        if "/".join(last[::2]).lower() == type_name:
            return whole
    return GROUP if type_name == "resourcegroups" else None


def _table() -> list[Added]:
    where = folder()
    path = where.parent / "server_added_properties.txt" if where else Path()
    rows = _read(path.read_text("utf-8").splitlines()) if path.is_file() else ()
    return [row for row in rows if _path_of(row.type) is not None]  # others are not served


def _read(lines: list[str]) -> Iterator[Added]:
    heads = [n for n, line in enumerate(lines) if line.startswith("## ")]
    for start, end in zip(heads, [*heads[1:], len(lines)], strict=True):
        head = _TYPE.match(lines[start])
        assert head is not None
        found = [_LINE.match(line) for line in lines[start + 1 : end]]
        always = [item for item in found if item and item["seen"] == item["of"]]
        paths = {item["path"]: _constant(item["values"], item["of"]) for item in always}
        yield Added(head["type"], tuple(_VERSION.findall(head["versions"])), paths)


def _constant(values: str, count: str) -> str | None:
    value, found, often = values.rpartition("\N{MULTIPLICATION SIGN}")
    is_own = value.startswith(("/", "user@")) or _EACH_TIME.match(value) is not None
    return None if is_own or not found or often != count else value


def _values(body: Any, path: str) -> list[Any]:
    """Return what stands at a path; `[]` means each item of a list."""
    found = [body]
    for step in path.split("."):
        name = step.removesuffix("[]")
        found = [item[name] for item in found if isinstance(item, dict) and name in item]
        if step.endswith("[]"):
            found = [entry for item in found for entry in item]
    return found


@pytest.mark.parametrize("added", _table(), ids=lambda item: item.type)
async def test_what_every_recorded_body_had_is_added(azure: Azure, added: Added) -> None:
    """In each api-version of the recordings."""
    path = _path_of(added.type) or ""
    for where, body in STOPS:
        await azure.made(where, body)
        if path.endswith(where):
            break
    for version in added.versions:
        versioned = f"{path}?api-version={version}"
        # The table has the answers to PUTs of network managers, and reads of all others.
        bodies = [await azure.get(versioned), (await azure.put(versioned, body)).json()]
        azure.clock.advance(A_WHILE)
        for name, constant in added.paths.items():
            found = [value for item in bodies for value in _values(item, name)]
            assert found, f"{name} is missing in {version}"
            if constant is not None and name not in _OWN:
                assert any(str(item).startswith(constant) for item in found), (version, name)
