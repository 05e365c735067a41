"""One stack for all that operators meet."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.acceptance.place import Place, place_below
from tests.life.listening import in_the_way


@pytest.fixture(scope="package")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Start it once for all of them: it takes its share of a processor as long as it stands.

    Whatever operators did, from how many machines: no write of ours was in the way of another.
    """
    with place_below(tmp_path_factory.mktemp("operations")) as found:
        yield found
        assert in_the_way(found.azure.log()) == []
