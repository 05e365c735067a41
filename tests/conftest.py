"""How the tests are dealt out to processes, and what these do not lose time with."""

from __future__ import annotations

import gc
from typing import Any

import pytest
from xdist.scheduler import LoadFileScheduling  # type: ignore[import-untyped]

# Tests make whole networks and drop them again: with Python's own threshold a twentieth of their
# time goes into looking for circles among what is still needed.
gc.set_threshold(100_000, 20, 50)

# Their tests share a real Prefect server, whose start costs more than most of them.
_SHARING = ("tests/acceptance/", "tests/flows/")
# Its tests share nothing and take long.
_ANYWHERE = ("tests/life/test_faults.py",)


class _Dealing(LoadFileScheduling):  # type: ignore[misc]  # it has no types
    """A file stays in one process, and so do the files that share servers."""

    def _split_scope(self, nodeid: str) -> str:
        if nodeid.startswith(_ANYWHERE):
            return nodeid
        shared = (folder for folder in _SHARING if nodeid.startswith(folder))
        return next(shared, str(super()._split_scope(nodeid)))


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> _Dealing:
    """Deal tests out in the order of the folders: what takes longest comes early."""
    config.option.loadscopereorder = False
    return _Dealing(config, log)
