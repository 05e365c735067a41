"""Compares an answer of the simulator with the recorded one."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.contract.replay.paths import group_of
from tests.contract.replay.player import Answer
from tests.contract.replay.recordings import Exchange

_GUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
_ZEROS = "00000000-0000-0000-0000-000000000000"
# What nobody can foretell is compared by its form: the pattern and the word that replaces it.
_FORMS = (
    (re.compile(r"(?<=[?&]api-version=)([0-9-]+)&t=[^ '\"]*"), r"\1"),
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)"), "<time>"),
    (re.compile(r"in \d+ seconds"), "in <n> seconds"),
    (re.compile(r"List of available regions is '[^']*'"), "List of available regions is <regions>"),
    (re.compile(r"supported (api-)?versions are '[^']*'"), "supported versions are <versions>"),
)
# Properties that Azure alone decides: an allocated address, a size it measures, an inner id.
_BY_FORM = {
    "ipAddress": re.compile(r"[0-9a-f.:]+"),
    "tunnelIpAddresses[0]": re.compile(r"[0-9.]+"),
    "size": re.compile(r"[0-9.]+ MB"),
    "internalDomainNameSuffix": re.compile(r"[0-9a-z]+\.bx\.internal\.cloudapp\.net"),
    "internalId": re.compile(r"[A-Za-z0-9+/=]+"),
}
# What Azure showed at one time and does not any more, at the same api-version: networks of
# 14 September 2024 have it (recording test_network_vnet), those of 17 October 2024 and
# later do not (test_PatchLink_EnableRegistration).
_NO_LONGER: dict[str, Any] = {"ipamPoolPrefixAllocations": []}
_RANDOM = re.compile(r"^[^a-z]*0000\d\d$")
_TOKEN = re.compile(r"/(?=[^/]*[A-Z])[A-Za-z0-9_-]{40,}=*(?=/|$)")


@dataclass
class Comparison:
    """Compares the answers of one recording; GUIDs must stay the same where they did."""

    keeps_retry_after: bool
    # The resource groups of the recording, in lower case; others belong to strangers.
    groups: frozenset[str] = frozenset()
    # Firewall policies had no ETag header then (recording test_cli_mgmt_network_firewall_policy).
    is_before_2022: bool = False
    _ours: dict[str, str] = field(default_factory=dict)
    _theirs: dict[str, str] = field(default_factory=dict)

    def differences(self, exchange: Exchange, answer: Answer | None) -> list[str]:
        """Return what differs, a line each; nothing when the answers are alike."""
        if answer is None:
            return ["the operation to poll was never started"]
        if answer.status != exchange.status:
            return [f"status {answer.status}, recorded {exchange.status}{_told(answer)}"]
        found = list(self._headers(exchange, answer))
        if exchange.method != "HEAD" and not _after_the_group(exchange, answer):
            found += self._values("", *self._own(exchange, answer.body))
        return found

    def _own(self, exchange: Exchange, ours: Any) -> tuple[Any, Any]:
        """Return both bodies; from a list of the whole subscription strangers are left out."""
        recorded = exchange.reply_body
        listed = isinstance(recorded, dict) and isinstance(recorded.get("value"), list)
        if not listed or group_of(exchange.path) is not None or not isinstance(ours, dict):
            return recorded, ours
        return self._without_strangers(recorded), self._without_strangers(ours)

    def _without_strangers(self, body: dict[str, Any]) -> dict[str, Any]:
        kept = [
            item
            for item in body.get("value") or ()
            if not isinstance(item, dict) or group_of(item.get("id") or "") in {None, *self.groups}
        ]
        # Strangers fill pages.
        shown = {key: value for key, value in body.items() if key != "nextLink" or not value}
        return {**shown, "value": kept}

    def _headers(self, exchange: Exchange, answer: Answer) -> Iterator[str]:
        recorded, ours = exchange.reply_headers, answer.headers
        for name in ("azure-asyncoperation", "location"):
            yield from _unlike(name, _url(recorded.get(name)), _url(ours.get(name)))
        if recorded.get("etag") or not (self.is_before_2022 and exchange.status < 400):
            yield from self._values("etag", recorded.get("etag"), ours.get("etag"))
        if exchange.status >= 400:
            name = "x-ms-failure-cause"
            yield from _unlike(name, recorded.get(name), ours.get(name))
        if self.keeps_retry_after:
            yield from _unlike("retry-after", *_waits(exchange, ours))

    def _values(self, where: str, recorded: Any, ours: Any) -> Iterator[str]:
        if isinstance(recorded, dict) and isinstance(ours, dict):
            yield from self._objects(where, recorded, ours)
        elif isinstance(recorded, list) and isinstance(ours, list):
            if len(recorded) != len(ours):
                yield f"{where} has {len(ours)} items, recorded {len(recorded)}"
            for position, (left, right) in enumerate(zip(recorded, ours, strict=False)):
                yield from self._values(f"{where}[{position}]", left, right)
        elif isinstance(recorded, str) and isinstance(ours, str):
            yield from self._texts(where, recorded, ours)
        elif recorded != ours or type(recorded) is not type(ours):
            yield f"{where or 'body'} is {_short(ours)}, recorded {_short(recorded)}"

    def _objects(self, where: str, recorded: dict[str, Any], ours: dict[str, Any]) -> Iterator[str]:
        recorded, ours = _as_now(recorded, ours), _as_now(ours, recorded)
        missing = [key for key in recorded if key not in ours]
        added = [key for key in ours if key not in recorded]
        for key in missing:
            yield f"{where}.{key} is missing, recorded {_short(recorded[key])}"
        for key in added:
            yield f"{where}.{key} was not recorded, is {_short(ours[key])}"
        if not missing and not added and list(recorded) != list(ours):
            yield f"{where or 'body'} keys in order {list(ours)}, recorded {list(recorded)}"
        for key, value in recorded.items():
            if key in ours:
                yield from self._values(f"{where}.{key}", value, ours[key])

    def _texts(self, where: str, recorded: str, ours: str) -> Iterator[str]:
        form = _BY_FORM.get(where.rpartition(".")[2])
        if form is not None and form.fullmatch(recorded) and form.fullmatch(ours):
            return
        if not alike(formed(recorded), formed(ours)):
            yield f"{where} is {_short(ours)}, recorded {_short(recorded)}"
        elif _keeps_identity(where):
            yield from self._identities(where, recorded, ours)

    def _identities(self, where: str, recorded: str, ours: str) -> Iterator[str]:
        pairs = zip(_GUID.findall(recorded), _GUID.findall(ours), strict=True)
        for left, right in pairs:
            if _ZEROS in (left, right):
                continue
            if self._ours.setdefault(left, right) != right:
                yield f"{where} is another than before, recorded the same"
            elif self._theirs.setdefault(right, left) != left:
                yield f"{where} is the same as before, recorded another"


def _after_the_group(exchange: Exchange, answer: Answer) -> bool:
    """Tell whether two answers are the gateway's 404s of what went away with its group.

    For some seconds it is chance which one a client gets: of two requests in one second
    one heard of the group and one of the resource (recording NetworkSecurityGroup_20250301).
    """
    recorded, ours = _code(exchange.reply_body), _code(answer.body)
    of_resources = ("ResourceNotFound", "ParentResourceNotFound")
    told = recorded in of_resources and ours == "ResourceGroupNotFound"
    return told and exchange.method in ("GET", "DELETE")


def _code(body: Any) -> str | None:
    error = body.get("error") if isinstance(body, dict) else None
    return error.get("code") if isinstance(error, dict) else None


def _keeps_identity(where: str) -> bool:
    """Tell whether a value is an etag or GUID of which it matters when it changes."""
    return where.rpartition(".")[2] in ("etag", "resourceGuid")


def formed(text: str) -> str:
    """Return a text with everything that is different each time replaced by its kind."""
    for pattern, word in _FORMS:
        text = pattern.sub(word, text)
    return _GUID.sub("<guid>", text)


def _as_now(body: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """Return a body without what is shown at some times only, when the other lacks it."""
    gone = {key for key, value in _NO_LONGER.items() if body.get(key) == value} - set(other)
    return {key: value for key, value in body.items() if key not in gone} if gone else body


def alike(recorded: str, ours: str) -> bool:
    """Tell whether two texts are equal, or would be if the recorder had replaced every name.

    The command line's recorder puts 000001 in the place of what is random in a name, but
    misses names that Azure shows in capitals.
    """
    pairs = list(zip(recorded.split("/"), ours.split("/"), strict=False))
    return recorded.count("/") == ours.count("/") and all(
        left == right or (_RANDOM.search(right) is not None and left.startswith(right[:-6]))
        for left, right in pairs
    )


def _url(url: str | None) -> str | None:
    """Return the form of a URL: its place and api-version, without tokens and signatures."""
    if url is None:
        return None
    split = urlsplit(url)
    version = dict(parse_qsl(split.query)).get("api-version")
    return f"{split.hostname}{_TOKEN.sub('/<token>', formed(split.path))}?{version}"


def _waits(exchange: Exchange, ours: Mapping[str, str]) -> tuple[str | None, str | None]:
    recorded, own = exchange.reply_headers.get("retry-after"), ours.get("retry-after")
    if exchange.status == 429 and recorded and own:
        return "some", "some"
    return recorded, own


def _unlike(name: str, recorded: Any, ours: Any) -> Iterator[str]:
    if recorded != ours:
        yield f"{name} is {_short(ours)}, recorded {_short(recorded)}"


def _told(answer: Answer) -> str:
    error = answer.body.get("error") if isinstance(answer.body, dict) else None
    if not isinstance(error, dict):
        return ""
    return f" ({error.get('code')}: {_short(error.get('message'))})"


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 160 else text[:157] + "..."
