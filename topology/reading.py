"""A topology file's text, read into a topology; every error names file, line and path."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedBase
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.reader import ReaderError

from topology import spec
from topology.addressing import AddressError, AddressLock, allocate, resolve
from topology.field_types import PlacedError
from topology.network import Network
from topology.resources import KINDS
from topology.spec import Topology

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a topology file; `line` counts from 1."""

    source: str
    line: int
    path: str
    message: str

    def __str__(self) -> str:
        where = f"{self.source}:{self.line}"
        return f"{where}: {self.path}: {self.message}" if self.path else f"{where}: {self.message}"


class TopologyError(ValueError):
    """A topology file that cannot be used, with every problem that was found."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def parse(text: str, source: str) -> Topology:
    """Read a topology; `source` is the file's name in errors. Raises TopologyError."""
    return parse_as(Topology, text, source, "a topology is a mapping; see examples/")


def parse_as(
    model: type[Model], text: str, source: str, otherwise: str, page: str = "docs/topology.md"
) -> Model:
    """Read a file of ours as what it is; `otherwise` is said of one that is no mapping.

    `page` describes its keys.

    Raises TopologyError.
    """
    tree = _yaml(text, source)
    if not isinstance(tree, dict):
        raise TopologyError([Problem(source, 1, "", otherwise)])
    try:
        return model.model_validate(_plain(tree))
    except ValidationError as error:
        problems = [_problem(item, tree, source, page) for item in error.errors()]
        raise TopologyError(problems) from None


def read(text: str, source: str, lock: AddressLock | None) -> tuple[Network, AddressLock]:
    """Read a topology and give it addresses; the lock returned is the one to keep.

    Raises TopologyError, also for addresses that overlap or do not fit, and for names that are
    of no kind of resource.
    """
    topology = parse(text, source)
    if wrong := [(path, name) for path, name in _named_kinds(topology) if name not in _KINDS]:
        tree = _yaml(text, source)
        raise TopologyError(_no_kind(name, path, tree, source) for path, name in wrong)
    try:
        complete = allocate(topology, lock)
    except AddressError as error:
        tree = _yaml(text, source)
        path = ".".join(error.path)
        problem = Problem(source, _line(tree, error.path), path, str(error))
        raise TopologyError([problem]) from None
    network = resolve(topology, complete)
    if outside := list(_outside(network)):
        tree = _yaml(text, source)
        raise TopologyError(
            Problem(source, _line(tree, path), ".".join(path), message) for path, message in outside
        )
    return network, complete


def _outside(network: Network) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield regions whose addresses the team's policies do not allow, with what gave them.

    A region's block holds all of them.
    """
    topology = network.topology
    is_given = "space" in topology.addresses.model_fields_set
    for hub in network.hubs:
        if message := topology.policies.outside(hub.block):
            otherwise = ("addresses", "space") if is_given else ("policies", "prefixes")
            own = ("regions", hub.region, "block")
            place = own if topology.regions[hub.region].block else otherwise
            yield place, f"{hub.region}: {message}"


_KINDS = frozenset(kind.name for kind in KINDS)


def _named_kinds(topology: Topology) -> Iterator[tuple[tuple[str, ...], str]]:
    for path, name in topology.compliance.named_kinds():
        yield ("compliance", *path), name


def _no_kind(name: str, path: tuple[str, ...], tree: Any, source: str) -> Problem:
    close = difflib.get_close_matches(name, sorted(_KINDS), 1)
    way_out = (
        f'did you mean "{close[0]}"?' if close else f"write one of: {', '.join(sorted(_KINDS))}"
    )
    message = f'"{name}" is no kind of resource; {way_out}'
    return Problem(source, _line(tree, path), ".".join(path), message)


def line_of(text: str, path: Iterable[str]) -> int:
    """Return the line of a topology file that speaks of a path, or of what holds it; 1 at worst."""
    return _line(_yaml(text, ""), path)


def parse_lock(text: str, source: str) -> AddressLock:
    """Read a lock file. Raises TopologyError for one that was damaged."""
    try:
        return AddressLock.model_validate(_plain(_yaml(text, source)))
    except ValidationError as error:
        first = error.errors()[0]
        path = ".".join(str(step) for step in first["loc"])
        message = f"{first['msg']}; restore the file from version control"
        if first["type"] == "value_error":  # it names its own way out
            message = str(first["msg"]).removeprefix("Value error, ")
        raise TopologyError([Problem(source, 1, path, message)]) from None


def _yaml(text: str, source: str) -> Any:
    try:
        return YAML(typ="rt").load(text)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        message = f"this is not YAML: {error.problem}; mind indentation and quotes"
        raise TopologyError([Problem(source, line, "", message)]) from None
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        message = f"this is not YAML: {error.reason}; take the character out"
        raise TopologyError([Problem(source, line, "", message)]) from None


def _plain(value: Any) -> Any:
    """Return the tree without ruamel's types, which pydantic refuses in strict places."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, str):
        return str(value)
    return value


def _problem(error: Any, tree: Any, source: str, page: str) -> Problem:
    inner = (error.get("ctx") or {}).get("error")
    at = inner.path if isinstance(inner, PlacedError) else error["loc"]
    steps = tuple(str(step) for step in at if step != "[key]")
    return Problem(source, _line(tree, steps), ".".join(steps), _message(error, page))


def _message(error: Any, page: str) -> str:
    text = str(error["msg"]).removeprefix("Value error, ")
    if error["type"] == "extra_forbidden":
        name = str(error["loc"][-1])
        close = difflib.get_close_matches(name, _all_keys(), 1)
        way_out = f'did you mean "{close[0]}"?' if close else "take the line out"
        if name in close:
            way_out = f"it belongs to another place of the file ({page})"
        return f'there is no key "{name}" here; {way_out}'
    if error["type"] == "missing":
        return f"this key is missing; add it ({page} describes it)"
    return text


def _all_keys() -> Iterator[str]:
    for model in vars(spec).values():
        if isinstance(model, type) and issubclass(model, BaseModel):
            yield from model.model_fields


def _line(tree: Any, path: Iterable[str]) -> int:
    """Return the line of the deepest step of a path that the file holds."""
    line = 1
    for step in path:
        key: Any = int(step) if isinstance(tree, list) and step.isdigit() else step
        if not isinstance(tree, CommentedBase):
            break
        try:
            place = tree.lc.item(key) if isinstance(tree, list) else tree.lc.key(key)
            line, tree = place[0] + 1, tree[key]  # type: ignore[index]
        except (KeyError, IndexError, TypeError, AttributeError):
            break
    return int(line)
