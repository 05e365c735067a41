"""When an answer counts as the recorded one."""

from collections.abc import Mapping
from typing import Any

from tests.contract.replay.builders import exchange
from tests.contract.replay.compare import Comparison
from tests.contract.replay.player import Answer
from tests.contract.replay.recordings import exchanges

_ONE, _TWO = "6fdb2966-6e01-49c6-a2e5-50f811a9e392", "a7f834b1-418f-48ed-b873-1970b717e116"
_OTHER = "bfbf96fb-76d8-4b1b-98fa-d4fd2e55b62c"


def _compared(
    recorded: Any,
    ours: Any,
    *,
    by: Comparison | None = None,
    headers: Mapping[str, str] | None = None,
) -> list[str]:
    (line,) = exchanges([exchange(reply=recorded, headers=dict(headers or {}))])
    return (by or Comparison(keeps_retry_after=False)).differences(line, Answer(200, {}, ours))


def test_guids_and_times_are_compared_by_their_form() -> None:
    """Nobody can foretell them."""
    recorded = {"resourceGuid": _ONE, "commitTime": "2025-10-10T23:13:09Z"}
    ours = {"resourceGuid": _TWO, "commitTime": "2026-01-01T00:00:00Z"}
    assert _compared(recorded, ours) == []
    assert _compared(recorded, {**ours, "resourceGuid": "other"}) != []


def test_an_etag_changes_when_it_was_recorded_to_change() -> None:
    """And stays when it was recorded to stay."""
    comparison = Comparison(keeps_retry_after=False)
    assert _compared({"etag": _ONE}, {"etag": _OTHER}, by=comparison) == []
    assert _compared({"etag": _ONE}, {"etag": _OTHER}, by=comparison) == []
    assert _compared({"etag": _ONE}, {"etag": _TWO}, by=comparison) != []
    assert _compared({"etag": _TWO}, {"etag": _OTHER}, by=comparison) != []


def test_keys_stand_in_the_recorded_order() -> None:
    """People read bodies."""
    (found,) = _compared({"name": "a", "id": "b"}, {"id": "b", "name": "a"})
    assert "order" in found


def test_every_missing_and_every_added_property_is_a_difference() -> None:
    """Both are told."""
    found = _compared({"name": "a"}, {"id": "b"})
    assert any("name is missing" in line for line in found)
    assert any("id was not recorded" in line for line in found)


def test_poll_urls_are_compared_without_tokens_and_signatures() -> None:
    """Place and api-version count."""
    place = "https://management.azure.com/subscriptions/s/providers/N/locations/westus/operations"
    recorded = exchange(
        headers={"Azure-AsyncOperation": f"{place}/{_ONE}?api-version=2024-03-01&t=1&c=R&s=R&h=R"}
    )
    (line,) = exchanges([recorded])
    comparison = Comparison(keeps_retry_after=False)
    for version, count in (("2024-03-01", 0), ("2025-03-01", 1)):
        own = {"azure-asyncoperation": f"{place}/{_TWO}?api-version={version}"}
        assert len(comparison.differences(line, Answer(200, own, None))) == count


def test_retry_after_counts_where_the_recorder_keeps_it() -> None:
    """The command line's recorder drops it."""
    (line,) = exchanges([exchange(headers={"retry-after": "3"})])
    answer = Answer(200, {"retry-after": "10"}, None)
    assert Comparison(keeps_retry_after=False).differences(line, answer) == []
    assert Comparison(keeps_retry_after=True).differences(line, answer) != []
