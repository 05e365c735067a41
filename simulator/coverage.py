"""What the simulator covers, written from its own facts: `python -m simulator.coverage`."""

import sys
from collections.abc import Iterable, Iterator
from dataclasses import MISSING, fields

from simulator.arm.families import Family
from simulator.arm.provider import Provider
from simulator.providers import PROVIDERS
from simulator.settings import LIMITS, Settings

_HEAD = """# What the simulator covers

Written by `make fix` from the simulator's own facts (`simulator/coverage.py`), and held to
them by `make check`. Every type answers with any well-formed api-version, on the same
objects. What is not in these tables is answered in Azure's form: 404 `InvalidResourceType`
or `InvalidResourceNamespace` for a type or an action, 405 `MethodNotAllowed` for a verb,
404 `InvalidUrl` for a path that is none. What can go wrong on purpose is told in
[simulator.md](simulator.md).
"""


def page() -> str:
    """Return the page, in Markdown."""
    parts = [_HEAD, *_types(PROVIDERS), _families(PROVIDERS), _settings()]
    return "\n".join(parts)


def _types(providers: Iterable[Provider]) -> Iterator[str]:
    spaces: dict[str, list[Provider]] = {}
    for item in providers:
        spaces.setdefault(item.type.partition("/")[0], []).append(item)
    for namespace, types in spaces.items():
        rows = [_row(item) for item in types]
        yield _table(f"## {namespace}", ("type", "verbs", "what it is like", "takes (s)"), rows)


def _row(provider: Provider) -> tuple[str, ...]:
    name = provider.type.partition("/")[2]
    asked = (*provider.actions, *(f"GET {question}" for question in provider.questions))
    actions = "".join(f", `{action}`" for action in asked)
    return (
        f"`{name}`",
        f"{' '.join(('LIST', *provider.verbs))}{actions}",
        "; ".join(_behaviours(provider)),
        _durations(provider.type),
    )


def _behaviours(provider: Provider) -> Iterator[str]:
    yield _first_line(provider).rstrip(".")
    if provider.inline:
        listed = ", ".join(f"`{item.property}`" for item in provider.inline)
        yield f"carries {listed} in its body"
    if provider.synchronous_delete:
        yield "goes at once"
    limit = LIMITS.get(provider.type)
    if limit is not None:
        yield f"at most {limit} {'of a parent' if provider.is_child else 'in a region'}"
    for name, version in provider.since.items():
        yield f"`{name}` from {version} on"


def _durations(type_name: str) -> str:
    found = [
        f"{operation} {low:g}-{high:g}"
        for (kind, operation), (low, high) in Settings().durations.items()
        if kind == type_name
    ]
    return ", ".join(found)


def _families(providers: Iterable[Provider]) -> str:
    families = dict.fromkeys(type(item.family) for item in providers)
    rows = [(f"`{_spaced(kind)}`", _first_line(kind)) for kind in families]
    return _table("## The ways to answer a write", ("family", "how"), rows)


def _spaced(kind: type[Family]) -> str:
    return kind.__name__.removesuffix("Family").lstrip("_") or "Network"


def _settings() -> str:
    rows = [
        (f"`{item.name}`", f"`{item.default!r}`")
        for item in fields(Settings)
        if item.default is not MISSING and not item.name.endswith(("_id", "_ids", "_secret"))
    ]
    told = "Each names its source in `simulator/settings.py`, or says that it is assumed."
    return _table(f"## Settings\n\n{told}", ("setting", "default"), rows)


def _first_line(thing: object) -> str:
    return (thing.__doc__ or "").strip().partition("\n")[0]


def _table(head: str, titles: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [titles, tuple("---" for _ in titles), *rows]
    return "\n".join([head, "", *(f"| {' | '.join(line)} |" for line in lines), ""])


if __name__ == "__main__":
    sys.stdout.write(page())
