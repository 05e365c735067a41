"""Reads recordings: one file a scenario, one exchange a line."""

import ast
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.contract.replay.paths import group_of, type_of

_POLL = re.compile(r"/\w*operation(s|statuses|results)/[^/]+$", re.IGNORECASE)
# Exchanges of one second stay in order: recordings have no fractions.
_TICK = 0.001
# Sources whose recorders keep Retry-After (recordings.md section 1).
_KEEPS_RETRY_AFTER = ("aso__", "azure-powershell")


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and what Azure answered; `moment` is in seconds since the recording began."""

    seq: int
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any
    status: int
    reply_headers: Mapping[str, str]
    reply_body: Any
    moment: float

    @property
    def is_poll(self) -> bool:
        """Tell whether the request asks how an operation stands."""
        return self.method == "GET" and _POLL.search(self.path) is not None

    @property
    def is_write(self) -> bool:
        """Tell whether the request was to change something."""
        return self.method in ("PUT", "PATCH", "DELETE", "POST")

    @property
    def succeeded(self) -> bool:
        """Tell whether Azure did as asked."""
        return self.status < 400

    @property
    def version(self) -> str | None:
        """Return the api-version that the request names."""
        return self.query.get("api-version")

    @property
    def answered_version(self) -> str | None:
        """Return the api-version that the answer's poll URL names."""
        url = self.reply_headers.get("azure-asyncoperation")
        return dict(parse_qsl(urlsplit(url).query)).get("api-version") if url else None

    @property
    def operation_paths(self) -> frozenset[str]:
        """Return the paths of the operation that the answer names, in lower case."""
        names = ("azure-asyncoperation", "location")
        urls = [self.reply_headers[name] for name in names if name in self.reply_headers]
        paths = [urlsplit(url).path for url in urls]
        return frozenset(path.lower() for path in paths if _POLL.search(path))


@dataclass(frozen=True, slots=True)
class Recording:
    """The exchanges of one scenario in their order."""

    name: str
    exchanges: tuple[Exchange, ...]
    is_before_2022: bool = False

    @property
    def groups(self) -> frozenset[str]:
        """Return the resource groups that requests name, in lower case."""
        found = (group_of(item.path) for item in self.exchanges)
        return frozenset(name for name in found if name is not None)

    @property
    def keeps_retry_after(self) -> bool:
        """Tell whether this source shows Retry-After."""
        return self.name.startswith(_KEEPS_RETRY_AFTER)


def folder() -> Path | None:
    """Return the folder of recordings that the environment names, if it names one."""
    named = os.environ.get("ORRERY_RECORDINGS")
    return Path(named) if named else None


def read_all(where: Path) -> list[Recording]:
    """Return every recording of a folder, in order of their names."""
    return [read(path) for path in sorted(where.glob("*.jsonl"))]


def read(path: Path) -> Recording:
    """Return the recording in one file."""
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
    dates = [line["recorded_at"] for line in lines if line.get("recorded_at")]
    found = tuple(with_whole_lists(in_true_versions(exchanges(lines))))
    return Recording(path.stem, found, is_before_2022=max(dates, default="2022") < "2022")


def exchanges(lines: list[dict[str, Any]]) -> list[Exchange]:
    """Return the exchanges of a file; time never goes back, and a missing time is the last."""
    found: list[Exchange] = []
    began: float | None = None
    moment = -_TICK
    for line in lines:
        seen = _seconds(line.get("recorded_at"))
        began = seen if began is None else began
        moment = max(moment + _TICK, (seen or 0.0) - (began or 0.0))
        found.append(_exchange(line, moment))
    return found


def in_true_versions(found: list[Exchange]) -> list[Exchange]:
    """Return the exchanges with the api-versions that Azure was asked for.

    When az moves to another api-version, its authors often rewrite the requests of a
    recording and leave the answers as they are. The poll URLs still tell the version.
    """
    true = {
        (type_of(item.path), item.version): version
        for item in found
        if (version := item.answered_version) is not None and item.is_write
    }
    return [_in_version(item, true.get((type_of(item.path), item.version))) for item in found]


def with_whole_lists(found: list[Exchange]) -> list[Exchange]:
    """Return the exchanges with the pages of a list put together, in the place of the first.

    Where a page ends depends on what strangers have in the subscription.
    """
    whole: list[Exchange] = []
    for item in found:
        first = next((n for n, list_ in enumerate(whole) if _goes_on(list_, item)), None)
        if first is None:
            whole.append(item)
            continue
        body = {**item.reply_body}
        body["value"] = [*whole[first].reply_body["value"], *body["value"]]
        whole[first] = replace(whole[first], reply_body=body)
    return whole


def _goes_on(first: Exchange, item: Exchange) -> bool:
    """Tell whether an exchange reads the page that another one points to."""
    bodies = (first.reply_body, item.reply_body)
    if first.method != "GET" or not all(isinstance(b, dict) and "value" in b for b in bodies):
        return False
    split = urlsplit(str(first.reply_body.get("nextLink") or ""))
    same = split.path.lower() == item.path.lower()
    return same and dict(parse_qsl(split.query)).items() <= dict(item.query).items()


def _in_version(item: Exchange, version: str | None) -> Exchange:
    if version is None or item.is_poll:
        return item
    return replace(item, query={**item.query, "api-version": version})


def _seconds(stamp: str | None) -> float | None:
    return datetime.fromisoformat(stamp).timestamp() if stamp else None


def _sent(body: Any) -> Any:
    """Return the request's body; the Python SDK's recorder wrote some as the text of bytes."""
    if not isinstance(body, str):
        return body
    text = ast.literal_eval(body).decode() if body.startswith(("b'", 'b"')) else body
    try:
        return json.loads(text)
    except ValueError:
        return body


def _exchange(line: dict[str, Any], moment: float) -> Exchange:
    return Exchange(
        line["seq"],
        line["method"],
        line["path"],
        line.get("query") or {},
        line.get("request_headers") or {},
        _sent(line.get("request_body")),
        line["status"],
        {key.lower(): value for key, value in (line.get("response_headers") or {}).items()},
        line.get("response_body"),
        moment,
    )
