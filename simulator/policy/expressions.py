"""Template expressions in policy rules: `[concat('tags[', parameters('tag'), ']')]`.

The language is that of Resource Manager's templates. Function names ignore case.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from simulator.policy.functions import KNOWN, Functions, member_of

_TOKEN = re.compile(r"\s*(?:'((?:[^']|'')*)'|(-?\d+)|([A-Za-z_]\w*)|([()\[\],.]))")


class ExpressionError(ValueError):
    """An expression that cannot be read, or asks for what is not there."""


@dataclass(frozen=True, slots=True)
class Literal:
    """A text or a number."""

    value: Any


@dataclass(frozen=True, slots=True)
class Function:
    """A call of a function, its name in lower case."""

    name: str
    arguments: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Member:
    """A property of an object, or an item of a list."""

    target: "Node"
    key: "Node"


Node = Literal | Function | Member


def is_expression(value: Any) -> bool:
    """Tell whether a value is computed: a text in brackets that are not doubled."""
    return (
        isinstance(value, str)
        and value.startswith("[")
        and value.endswith("]")
        and not value.startswith("[[")
    )


def resolved(value: Any, functions: Functions) -> Any:
    """Return a value with all expressions in it computed."""
    if is_expression(value):
        return _compute(parse(value), functions)
    if isinstance(value, str) and value.startswith("[["):
        return value[1:]
    if isinstance(value, list):
        return [resolved(item, functions) for item in value]
    return value


def functions_in(value: Any) -> Iterator[Function]:
    """Yield every function call in a value, whatever it is."""
    if is_expression(value):
        yield from _calls(parse(value))
    elif isinstance(value, Mapping):
        for item in (*value.keys(), *value.values()):
            yield from functions_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from functions_in(item)


def _calls(node: Node) -> Iterator[Function]:
    match node:
        case Function(_, arguments):
            yield node
            for item in arguments:
                yield from _calls(item)
        case Member(target, key):
            yield from _calls(target)
            yield from _calls(key)


# --- reading ----------------------------------------------------------------------------


@lru_cache(maxsize=4096)
def parse(text: str) -> Node:
    """Return what an expression means; its brackets included."""
    reader = _Reader(text)
    node = reader.node()
    if reader.peek() is not None:
        raise reader.error()
    return node


class _Reader:
    """Reads an expression from left to right."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._tokens = self._split(text[1:-1])
        self._at = 0

    def error(self) -> ExpressionError:
        return ExpressionError(f"'{self.text}' is not a valid expression")

    def _split(self, text: str) -> list[Literal | str]:
        tokens: list[Literal | str] = []
        at = 0
        text = text.rstrip()
        while at < len(text):
            found = _TOKEN.match(text, at)
            if found is None:
                raise self.error()
            string, number, name, mark = found.groups()
            if string is not None:
                tokens.append(Literal(string.replace("''", "'")))
            elif number is not None:
                tokens.append(Literal(int(number)))
            else:
                tokens.append(name or mark)
            at = found.end()
        return tokens

    def peek(self) -> Literal | str | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _take(self, wanted: str | None = None) -> Literal | str:
        found = self.peek()
        if found is None or (wanted is not None and found != wanted):
            raise self.error()
        self._at += 1
        return found

    def node(self) -> Node:
        first = self._take()
        node: Node = first if isinstance(first, Literal) else self._function(first)
        while self.peek() in (".", "["):
            node = Member(node, self._key())
        return node

    def _function(self, name: str) -> Function:
        if not name.isidentifier():
            raise self.error()
        self._take("(")
        arguments: list[Node] = []
        while self.peek() != ")":
            if arguments:
                self._take(",")
            arguments.append(self.node())
        self._take(")")
        return Function(name.lower(), tuple(arguments))

    def _key(self) -> Node:
        if self._take() == ".":
            name = self._take()
            if not isinstance(name, str):
                raise self.error()
            return Literal(name)
        key = self.node()
        self._take("]")
        return key


# --- computing --------------------------------------------------------------------------


def _compute(node: Node, functions: Functions) -> Any:
    match node:
        case Literal(value):
            return value
        case Member(target, key):
            return member_of(_compute(target, functions), _compute(key, functions))
        case Function(name, arguments):
            function = functions.get(name) or KNOWN.get(name)
            if function is None:
                raise ExpressionError(f"the function '{name}' is not known")
            return function(*(_compute(item, functions) for item in arguments))
