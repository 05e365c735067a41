"""How long Azure takes for a write, and how often it is asked whether it has ended."""

from __future__ import annotations

from dataclasses import dataclass

# Retry-After of answers, seconds (recordings.md section 4): the first of a write by its
# type, then what the looks say. Provider of networks; of firewall policies; small ones.
FIREWALLS = (10.0, 10.0, 20.0, 20.0, 40.0, 40.0, 80.0, 160.0, 100.0)
POLICIES = (10.0,)
DNS = (30.0,)


def small(first: float) -> tuple[float, ...]:
    """Return the waits of what ends soon: after the first they double."""
    return (first, 1.0, 2.0, 4.0, 8.0, 16.0)


@dataclass(frozen=True)
class Seconds:
    """What writes of a kind take until the look that says done, in Azure's seconds.

    Medians of recordings (recordings.md section 9, facts.md section 11) unless the kind says
    otherwise. `change` and `delete` are those of a creation where nothing else is known;
    `in_use` is of a write under a parent that somebody uses. `looks` are the waits between
    looks at a creation or change, the last of them again and again, `delete_looks` those at
    a deletion; there are none where the answer is the end.
    """

    create: float
    change: float | None = None
    delete: float | None = None
    in_use: float | None = None
    looks: tuple[float, ...] = ()
    delete_looks: tuple[float, ...] = ()
    assumed: bool = False

    def of(self, does: str) -> float:
        """Return how long a `create`, `change`, `delete`, `replace` or `commit` takes."""
        change = self.create if self.change is None else self.change
        delete = self.create if self.delete is None else self.delete
        return {
            "change": change,
            "delete": delete,
            "replace": delete + self.create,
        }.get(does, self.create)


def looks_within(seconds: float, waits: tuple[float, ...]) -> int:
    """Return how many looks it takes until one comes at these seconds or later."""
    if not waits:
        return 0
    passed, count = 0.0, 0
    while passed < seconds or count == 0:
        passed += waits[min(count, len(waits) - 1)]
        count += 1
    return count
