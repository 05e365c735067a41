"""One stack for all that operators meet."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.acceptance.place import Place, place_below


@pytest.fixture(scope="package")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Start it once for all of them: it takes its share of a processor as long as it stands."""
    with place_below(tmp_path_factory.mktemp("operations")) as found:
        yield found
