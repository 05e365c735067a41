"""What was asked of the simulator: counts, and the ordered list of writes.

`GET /_simulator/requests` answers

    {"total": 31, "writes": 8, "reads": 12, "polls": 10, "tokens": 1,
     "counts": [{"kind": "write", "method": "PUT",
                 "type": "Microsoft.Network/virtualNetworks", "status": 201, "count": 6}]}

A write is a PUT, PATCH or DELETE of a resource, or the POST of a commit, accepted or
refused. Other POSTs read. Requests below `/_simulator` are not counted.
"""

from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Written:
    """One write request as the log shows it; `code` is the error's, if it was refused."""

    seq: int
    time: float
    method: str
    path: str
    type: str
    status: int | None
    code: str | None


class Requests:
    """Counts since the last reset, and the log of all writes."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str, str, int | None]] = Counter()
        self.log: list[Written] = []

    def record(  # noqa: PLR0913 - the columns of the log
        self,
        time: float,
        method: str,
        path: str,
        type_name: str,
        status: int | None,
        code: str | None,
    ) -> None:
        """Count a request; a status of None is a connection that was dropped."""
        kind = _kind(method, path, type_name)
        self._counts[kind, method, type_name, status] += 1
        if kind == "write":
            seq = len(self.log) + 1
            self.log.append(Written(seq, round(time, 3), method, path, type_name, status, code))

    def since(self, seq: int) -> list[dict[str, Any]]:
        """Return the writes after this sequence number."""
        return [asdict(item) for item in self.log[seq:]]

    def summary(self) -> dict[str, Any]:
        """Return the counts in the documented form."""
        kinds: Counter[str] = Counter()
        for (kind, *_), count in self._counts.items():
            kinds[kind] += count
        rows = [
            {"kind": kind, "method": method, "type": type_name, "status": status, "count": count}
            for (kind, method, type_name, status), count in self._counts.items()
        ]
        totals = {f"{kind}s": kinds[kind] for kind in ("write", "read", "poll", "token")}
        return {"total": sum(kinds.values()), **totals, "counts": rows}

    def reset(self) -> None:
        """Forget the counts; the log and its numbers stay."""
        self._counts.clear()


def _kind(method: str, path: str, type_name: str) -> str:
    if type_name in ("token", "operations"):
        return "token" if type_name == "token" else "poll"
    is_commit = method == "POST" and path.lower().endswith("/commit")
    return "write" if is_commit or method in ("PUT", "PATCH", "DELETE") else "read"
