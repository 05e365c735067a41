"""What is read off a recording before anything is sent."""

from typing import Any

from tests.contract.replay import operations
from tests.contract.replay.builders import NETWORK, POLL, exchange
from tests.contract.replay.paths import root_of, type_of
from tests.contract.replay.recordings import (
    Exchange,
    exchanges,
    in_true_versions,
    with_whole_lists,
)
from tests.contract.replay.scope import is_in_scope

_STARTED = {"azure-asyncoperation": f"https://management.azure.com{POLL}?api-version=2024-03-01"}


def _read(*lines: dict[str, Any]) -> list[Exchange]:
    return exchanges(list(lines))


def test_time_never_goes_back_in_a_recording() -> None:
    """Clocks of Azure's machines differ by a second; a missing time is that of the last line."""
    found = _read(exchange(at=5), exchange(at=4), exchange(at=None), exchange(at=6))
    moments = [item.moment for item in found]
    assert moments == sorted(moments)
    assert len(set(moments)) == 4


def test_a_body_written_as_the_text_of_bytes_is_read() -> None:
    """The Python SDK's recorder writes some bodies so."""
    (found,) = _read(exchange("PUT", body='b\'{"location": "westus"}\''))
    assert found.body == {"location": "westus"}


def test_a_write_lasts_until_the_last_poll_that_found_it_running() -> None:
    """The poll that says Succeeded comes any time later."""
    found = _read(
        exchange("PUT", status=201, headers=_STARTED, at=0),
        exchange(path=POLL, reply={"status": "InProgress"}, at=10),
        exchange(path=POLL, reply={"status": "Succeeded"}, at=30),
    )
    assert 10 < operations.seconds(found)[0] < 11


def test_a_write_that_nothing_found_running_is_done_at_once() -> None:
    """The recording's client polled too rarely to see it."""
    found = _read(
        exchange("PUT", status=201, headers=_STARTED, at=0),
        exchange(path=POLL, reply={"status": "Succeeded"}, at=30),
    )
    assert operations.seconds(found)[0] < 1


def test_a_refusal_shows_that_the_write_it_names_still_ran() -> None:
    """So a busy parent stays busy as long as it was."""
    token = POLL.rsplit("/", 1)[-1]
    busy = {"error": {"code": "AnotherOperationInProgress", "message": f"operations/{token}"}}
    found = _read(
        exchange("PUT", status=201, headers=_STARTED, at=0),
        exchange("PUT", path=f"{NETWORK}/subnets/one", status=409, reply=busy, at=20),
    )
    assert 20 < operations.seconds(found)[0] < 21


def test_the_type_of_a_path_is_that_of_its_last_provider() -> None:
    """Children, groups, extension resources and what lies in a location."""
    group = "/subscriptions/s/resourceGroups/g"
    assert type_of(f"{NETWORK}/subnets/one") == "microsoft.network/virtualnetworks/subnets"
    assert type_of(group) == "microsoft.resources/resourcegroups"
    assigned = f"{group}/providers/Microsoft.Authorization/policyAssignments/a"
    assert type_of(assigned) == "microsoft.authorization/policyassignments"
    assert root_of("microsoft.network/locations/x") == "microsoft.network/locations/x"


def test_children_are_in_scope_with_their_parents() -> None:
    """And so are actions; other services are not."""
    assert is_in_scope(f"{NETWORK}/subnets/one")
    assert is_in_scope(f"{NETWORK}/checkIPAddressAvailability")
    assert not is_in_scope("/subscriptions/s/providers/Microsoft.Compute/virtualMachines")


def test_the_api_version_is_the_one_that_the_answers_show() -> None:
    """Requests of recordings are rewritten when az moves to another version."""
    found = in_true_versions(
        _read(
            exchange(
                "PUT", status=201, headers={"azure-asyncoperation": "x?api-version=2022-01-01"}
            ),
            exchange(),
        )
    )
    assert [item.version for item in found] == ["2022-01-01", "2022-01-01"]


def test_the_pages_of_a_list_are_one_list() -> None:
    """Where they end is up to strangers."""
    path = NETWORK.rpartition("/")[0]
    link = f"https://management.azure.com:443{path}?api-version=2024-03-01&$skiptoken=x"
    following = exchange(path=path, reply={"value": [{"id": "b"}]})
    following["query"] = {**following["query"], "$skiptoken": "x"}
    first = exchange(path=path, reply={"value": [{"id": "a"}], "nextLink": link})
    (found,) = with_whole_lists(_read(first, following))
    assert found.reply_body == {"value": [{"id": "a"}, {"id": "b"}]}
