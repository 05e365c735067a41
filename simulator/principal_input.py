"""Principals as people write them, in YAML: read, checked, and refused with the place."""

from collections.abc import Iterable
from pathlib import Path

from pydantic import TypeAdapter, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from simulator.access.roles import BUILT_IN
from simulator.principals import Principal
from simulator.settings import Settings

_LIST: TypeAdapter[tuple[Principal, ...]] = TypeAdapter(tuple[Principal, ...])


def load_principals(path: Path | None) -> tuple[Principal, ...]:
    """Return the principals of a file, none without one; raise a `ValueError` of what is wrong."""
    if path is None:
        return ()
    try:
        found = _LIST.validate_python(YAML(typ="safe").load(path.read_text()) or [])
    except OSError as error:
        raise ValueError(f"{path}: {error.strerror}") from error
    except YAMLError as error:
        raise ValueError(f"{path}: is not YAML: {error}") from error
    except ValidationError as error:
        raise ValueError("\n".join(_told(path, error))) from error
    problems = [f"{path}: {text}" for text in _problems(found)]
    if problems:
        raise ValueError("\n".join(problems))
    return found


def _told(path: Path, error: ValidationError) -> Iterable[str]:
    for detail in error.errors():
        place = "".join(
            f"[{part}]" if isinstance(part, int) else f".{part}" for part in detail["loc"]
        )
        yield f"{path}: principals{place}: {detail['msg']}"


def _problems(found: tuple[Principal, ...]) -> Iterable[str]:
    names = [role.name for role in BUILT_IN]
    everyone = (Settings().operator, *found)
    for number, who in enumerate(found):
        place = f"principals[{number}]"
        if who.role is not None and who.role not in names:
            yield f"{place}.role: {who.role!r} is none of {', '.join(names)}"
        for field in ("client_id", "object_id"):
            wanted = getattr(who, field).lower()
            if [getattr(other, field).lower() for other in everyone].count(wanted) > 1:
                yield f"{place}.{field}: {wanted!r} is another's too"
