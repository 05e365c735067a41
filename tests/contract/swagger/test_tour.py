"""What the simulator shows it also takes."""

from __future__ import annotations

import asyncio

from tests.contract.swagger.tour import put_back


def test_what_was_read_can_be_written_again() -> None:
    """Of every type: clients read, change and write, with all that Azure added."""
    assert asyncio.run(put_back()) == {}
