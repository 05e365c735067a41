"""How the tests are dealt out to processes."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

# Their tests share a real Prefect server, whose start costs more than most of them.
_SHARING = frozenset({Path(__file__).parent / "acceptance", Path(__file__).parent / "flows"})


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: Iterable[pytest.Item]) -> None:
    """Keep a file in one process, and the files that share servers.

    What stands alone and takes long says itself in how many parts it can be lived.
    """
    for item in items:
        if item.get_closest_marker("xdist_group"):
            continue
        folder = item.path.parent
        together = folder if folder in _SHARING else item.path
        item.add_marker(pytest.mark.xdist_group(str(together.relative_to(Path(__file__).parent))))
