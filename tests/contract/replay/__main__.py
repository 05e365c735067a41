"""`python -m tests.contract.replay [--differences]`: the line, and what stands behind it."""

import sys

from tests.contract.replay.recordings import folder, read_all
from tests.contract.replay.replaying import Figures, replay_all


def main(arguments: list[str]) -> int:
    """Replay the recordings of ORRERY_RECORDINGS; 1 when an answer differs."""
    where = folder()
    if where is None:
        say("recordings: not available")
        return 0
    wanted = [item for item in arguments if not item.startswith("-")]
    recordings = [
        item for item in read_all(where) if not wanted or any(word in item.name for word in wanted)
    ]
    figures = replay_all(recordings)
    if "--differences" in arguments:
        show(figures)
    say(f"{figures.replayed - figures.polls} requests, {figures.polls} polls of operations")
    say(figures.line)
    return 1 if figures.differences else 0


def say(line: str) -> None:
    """Write a line where whoever runs this reads it."""
    sys.stdout.write(line + "\n")


def show(figures: Figures) -> None:
    """Print every difference under its exchange, and what was left out."""
    for item in figures.differences:
        exchange = item.exchange
        say(f"{item.scenario} #{exchange.seq} {exchange.method} {exchange.path[-110:]}")
        for line in item.what:
            say(f"    {line}")
    scenarios: dict[str, int] = {}
    for item in figures.differences:
        scenarios[item.scenario] = scenarios.get(item.scenario, 0) + 1
    for name, count in scenarios.items():
        say(f"{count:5} {name}")
    for kind, count in figures.out_of_scope.items():
        say(f"{count:5} out of scope: {kind}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
