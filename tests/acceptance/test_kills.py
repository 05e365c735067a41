"""kill -9 of real processes at step boundaries of one rollout of GloboJava, ten of them."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from tests.acceptance.kills import KILLS, at_writes, live
from tests.life.undisturbed import GLOBOJAVA, undisturbed

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


# In every run of the tests a rollout by hand is killed ten times (tests/flows/test_killed.py). Here
# each kill costs half a minute: worker and server start again, and import Prefect and the SDK.
@pytest.mark.skipif("ORRERY_EXAMPLES" not in os.environ, reason="takes minutes: in make soak")
def test_a_rollout_killed_ten_times_ends_as_if_nobody_had(tmp_path: Path) -> None:
    """Run, worker, server and all of them by turns; each time the next run goes on by itself.

    Nothing is created twice, no lock is left to be broken, no run of a dead process reads
    as if it lived.
    """
    writes, _ = undisturbed(GLOBOJAVA)
    drawn = random.Random(1).sample(range(1, writes + 1), KILLS)  # noqa: S311  no secret

    assert live(at_writes(sorted(drawn)), tmp_path).wrong == []
