"""kill -9 of real processes at step boundaries of one rollout of GloboJava: ten in `make soak`."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from tests.acceptance.kills import KILLS, at_writes, live
from tests.life.undisturbed import GLOBOJAVA, undisturbed

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


# Each costs half a minute of a processor: processes start, and import Prefect and the SDK.
_TIMES = KILLS if "ORRERY_EXAMPLES" in os.environ else 1


def test_a_rollout_killed_again_and_again_ends_as_if_nobody_had(tmp_path: Path) -> None:
    """Run, worker, server and all of them by turns; each time the next run goes on by itself.

    Nothing is created twice, no lock is left to be broken, no run of a dead process reads
    as if it lived.
    """
    writes, _ = undisturbed(GLOBOJAVA)
    drawn = random.Random(1).sample(range(1, writes + 1), _TIMES)  # noqa: S311  no secret

    assert live(at_writes(sorted(drawn)), tmp_path).wrong == []
