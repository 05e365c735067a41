"""Lists that people write for the simulator, in YAML: read and held against their form."""

from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

T = TypeVar("T")


def load_list(path: Path, form: TypeAdapter[tuple[T, ...]], name: str) -> tuple[T, ...]:
    """Return what a file lists; raise a `ValueError` of all that is wrong, with its place.

    `name` is what places are told of: `principals[0].role`.
    """
    try:
        return form.validate_python(YAML(typ="safe").load(path.read_text()) or [])
    except OSError as error:
        raise ValueError(f"{path}: {error.strerror}") from error
    except YAMLError as error:
        raise ValueError(f"{path}: is not YAML: {error}") from error
    except ValidationError as error:
        raise ValueError("\n".join(_told(path, name, error))) from error


def _told(path: Path, name: str, error: ValidationError) -> Iterable[str]:
    for detail in error.errors():
        place = "".join(
            f"[{part}]" if isinstance(part, int) else f".{part}" for part in detail["loc"]
        )
        yield f"{path}: {name}{place}: {detail['msg']}"
