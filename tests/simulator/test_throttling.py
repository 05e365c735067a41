"""How many requests Azure lets through, and what it tells those that it does not."""

from collections.abc import Iterator

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette

from simulator.app import create_app
from simulator.arm.throttling import Bucket, Window
from simulator.clock import ManualClock, RealClock
from simulator.fault import Fault
from simulator.faults import Faults
from simulator.identity import bearer_token
from simulator.principals import Principal
from simulator.request_limits import RequestLimits, Tokens
from simulator.settings import Settings
from tests.simulator.azure import GROUP, NETWORK, SUBSCRIPTION, Azure, a_network, code_of

OTHER = Principal("00000000-0000-4000-8000-0000000000dd", "other", "secret", role="Reader")
_ENOUGH = 2000
_GAPS = st.lists(st.floats(0, 3, allow_nan=False), max_size=300)


@pytest.fixture
def settings() -> Settings:
    """Return Azure's own limits, and a second principal."""
    return Settings(principals=(OTHER,))


@pytest.fixture
def app(clock: ManualClock, settings: Settings) -> Starlette:
    """Return a simulator with these limits."""
    return create_app(clock, settings=settings)


async def _until_refused(azure: Azure, method: str, path: str) -> tuple[int, httpx.Response]:
    for served in range(_ENOUGH):
        response = await azure.ask(method, path, {"location": "westeurope"})
        if response.status_code == 429:
            return served, response
    raise AssertionError(f"{method} was never refused")


# --- the gateway's buckets --------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "kind", "size", "wait"),
    [("GET", "read", 250, 10), ("PUT", "write", 199, 20), ("DELETE", "delete", 200, 20)],
)
async def test_a_bucket_lets_its_tokens_through_and_then_none(
    azure: Azure, method: str, kind: str, size: int, wait: int
) -> None:
    """One write has made the group already."""
    path = "routeTables/absent"
    served, refused = await _until_refused(azure, method, GROUP if method == "PUT" else path)
    assert served == size
    assert code_of(refused) == "SubscriptionRequestsThrottled"
    assert refused.headers["retry-after"] == str(wait)
    assert refused.headers["x-ms-failure-cause"] == "gateway"
    assert f"Number of '{kind}' requests for subscription '" in refused.json()["error"]["message"]


async def test_tokens_come_back_with_time_and_an_early_caller_hears_a_new_wait(
    azure: Azure,
) -> None:
    """Waiting as told, a client finds a full bucket."""
    _, first = await _until_refused(azure, "GET", GROUP)
    azure.clock.advance(4)
    served, second = await _until_refused(azure, "GET", GROUP)
    assert (first.headers["retry-after"], served) == ("10", 100)
    azure.clock.advance(float(second.headers["retry-after"]))
    assert (await _until_refused(azure, "GET", GROUP))[0] == 250


async def test_reads_writes_and_deletes_have_buckets_of_their_own(azure: Azure) -> None:
    """Who has read too much may still write."""
    await _until_refused(azure, "GET", GROUP)
    assert (await azure.put(GROUP, {"location": "westeurope"})).status_code == 200


@pytest.mark.parametrize(
    ("method", "left"),
    [
        ("GET", {"subscription-reads": "249", "subscription-global-reads": "3749"}),
        ("PUT", {"subscription-writes": "198", "subscription-global-writes": "2998"}),
        ("DELETE", {"subscription-deletes": "199", "subscription-global-deletes": "2999"}),
    ],
)
async def test_answers_tell_how_many_requests_are_left(
    azure: Azure, method: str, left: dict[str, str]
) -> None:
    """Seen in public logs of 2026: 199 and 2999 after one write."""
    answer = await azure.ask(method, GROUP, {"location": "westeurope"})
    names = [key for key in answer.headers if key.startswith("x-ms-ratelimit")]
    assert {name: answer.headers[name] for name in names} == {
        f"x-ms-ratelimit-remaining-{name}": value for name, value in left.items()
    }


async def test_a_post_counts_as_a_write(azure: Azure) -> None:
    """Also where it only asks."""
    path = f"{NETWORK}/networkManagers/absent/listDeploymentStatus"
    answer = await azure.ask("POST", path, {})
    assert answer.headers["x-ms-ratelimit-remaining-subscription-writes"] == "198"


async def test_principals_have_buckets_of_their_own_and_one_together(
    azure: Azure, settings: Settings
) -> None:
    """The one of all together is fifteen times as large."""
    await _until_refused(azure, "GET", GROUP)
    azure.client.headers["Authorization"] = f"Bearer {bearer_token(settings, OTHER)}"
    answer = await azure.ask("GET", GROUP)
    assert answer.headers["x-ms-ratelimit-remaining-subscription-reads"] == "249"
    assert answer.headers["x-ms-ratelimit-remaining-subscription-global-reads"] == "3499"


async def test_all_principals_together_can_be_refused(clock: ManualClock) -> None:
    """Then the header of the bucket that is empty says so."""
    few = RequestLimits(all_principals=0.5)
    app = create_app(clock, settings=Settings(request_limits=few))
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app),
        base_url="https://localhost",
        headers={"Authorization": f"Bearer {bearer_token(Settings())}"},
        params={"api-version": "2026-03-01"},
    ) as client:
        served, refused = await _until_refused(Azure(client, clock), "GET", SUBSCRIPTION)
    assert served == 125
    assert refused.headers["x-ms-ratelimit-remaining-subscription-global-reads"] == "0"


async def test_requests_without_a_subscription_count_for_the_tenant(azure: Azure) -> None:
    """The list of subscriptions is one."""
    answer = await azure.ask("GET", "/subscriptions")
    assert answer.headers["x-ms-ratelimit-remaining-tenant-reads"] == "249"
    assert (await _until_refused(azure, "GET", "/subscriptions"))[0] == 249


async def test_a_refused_request_is_not_processed(azure: Azure) -> None:
    """It leaves nothing behind."""
    await _until_refused(azure, "PUT", GROUP)
    assert (await azure.put("virtualNetworks/v", a_network())).status_code == 429
    assert (await azure.ask("GET", "virtualNetworks/v")).status_code == 404


async def test_waits_shrink_with_the_speed_of_time() -> None:
    """The tokens come back as much faster."""
    faults = Faults([Fault(throttle="empty")])
    app = create_app(RealClock(speed=1000), faults=faults)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app),
        base_url="https://localhost",
        headers={"Authorization": f"Bearer {bearer_token(Settings())}"},
        params={"api-version": "2026-03-01"},
    ) as client:
        refused = await client.get(SUBSCRIPTION)
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "0.01")
    assert "after '10' seconds" in refused.json()["error"]["message"]


# --- the provider's own limits ----------------------------------------------------------


async def test_the_network_provider_takes_a_thousand_writes_in_five_minutes(azure: Azure) -> None:
    """By region, and whoever keeps to the gateway's pace can still meet it."""
    for _ in range(1000):
        azure.clock.advance(0.1)
        assert (await azure.delete("virtualNetworks/absent")).status_code == 204
    azure.clock.advance(0.1)
    refused = await azure.delete("virtualNetworks/absent")
    assert refused.status_code == 429
    detail = refused.json()["error"]["details"][0]
    assert (code_of(refused), detail["code"]) == (
        "RetryableError",
        "RetryableErrorDueToTooManyCalls",
    )
    assert "x-ms-failure-cause" not in refused.headers
    wait = refused.headers["retry-after"]
    assert f"can be retried in {wait} seconds" in detail["message"]
    azure.clock.advance(float(wait))
    assert (await azure.delete("virtualNetworks/absent")).status_code == 204


@pytest.mark.parametrize(
    ("method", "path", "count"),
    [
        ("PUT", "privateDnsZones/z{n}.example", 40),
        ("DELETE", "privateDnsZones/absent.example/virtualNetworkLinks/l", 60),
        ("GET", "privateDnsZones/absent.example/virtualNetworkLinks/l", 100),
    ],
)
async def test_private_dns_takes_so_many_calls_a_minute(
    azure: Azure, method: str, path: str, count: int
) -> None:
    """Its Retry-After is 10 seconds."""
    for n in range(count):
        body = {"location": "global"}
        assert (await azure.ask(method, path.format(n=n), body)).status_code != 429
    refused = await azure.ask(method, path.format(n=count), {"location": "global"})
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "10")
    azure.clock.advance(60)
    assert (await azure.ask(method, path.format(n=0), {"location": "global"})).status_code != 429


# --- scaled and off ---------------------------------------------------------------------


@pytest.mark.parametrize(("strictness", "served"), [(2.0, 125), (0.5, 500)])
async def test_limits_can_be_scaled(
    clock: ManualClock, strictness: float, served: int, azure: Azure
) -> None:
    """Twice as strict leaves half."""
    app = create_app(clock, settings=Settings(throttling=strictness))
    azure.client._transport = httpx.ASGITransport(app)  # noqa: SLF001 - the same signed-in client
    assert (await _until_refused(azure, "GET", SUBSCRIPTION))[0] == served


async def test_throttling_can_be_switched_off(clock: ManualClock, azure: Azure) -> None:
    """Nothing is refused, and nothing is counted."""
    app = create_app(clock, settings=Settings(throttling=0))
    azure.client._transport = httpx.ASGITransport(app)  # noqa: SLF001 - the same signed-in client
    answers = [await azure.ask("GET", SUBSCRIPTION) for _ in range(1000)]
    assert {answer.status_code for answer in answers} == {200}
    assert not [key for key in answers[0].headers if key.startswith("x-ms-ratelimit")]


# --- properties -------------------------------------------------------------------------


def _times(gaps: list[float]) -> Iterator[float]:
    now = 0.0
    for gap in gaps:
        now += gap
        yield now


@given(gaps=_GAPS, size=st.integers(1, 20), rate=st.floats(0.1, 20))
def test_a_bucket_never_lets_more_through_than_it_held_and_gained(
    gaps: list[float], size: int, rate: float
) -> None:
    """In any stretch of time: what it holds, and what came back meanwhile."""
    bucket = Bucket(Tokens(size, rate), 0.0)
    served = []
    for now in _times(gaps):
        if bucket.has(1, now):
            bucket.take(1, now)
            served.append(now)
    for first, start in enumerate(served):
        for count, end in enumerate(served[first:], 1):
            assert count <= size + rate * (end - start) + 1e-6


@given(gaps=_GAPS, size=st.integers(1, 20), rate=st.floats(0.1, 20))
def test_a_client_that_keeps_to_the_rate_is_never_refused(
    gaps: list[float], size: int, rate: float
) -> None:
    """However small the bucket."""
    bucket = Bucket(Tokens(size, rate), 0.0)
    for now in _times([1 / rate + gap for gap in gaps]):
        assert bucket.has(1, now)
        bucket.take(1, now)


@given(gaps=_GAPS, count=st.integers(1, 20), seconds=st.floats(0.5, 30))
def test_a_window_never_lets_more_through_in_any_stretch(
    gaps: list[float], count: int, seconds: float
) -> None:
    """And who waits as told is served."""
    window = Window(count, seconds)
    served: list[float] = []
    for now in _times(gaps):
        if not window.wait(now):
            window.add(now)
            served.append(now)
        assert len([then for then in served if then + seconds > now]) <= count
    end = sum(gaps)
    assert window.wait(end + window.wait(end) + 1e-6) == 0


def test_every_limit_names_places_that_calls_have() -> None:
    """A slip in the table would be an error at the first call."""
    places = {"subscription", "region", "group", "zone", "principal"}
    assert {name for limit in RequestLimits().calls for name in limit.per} <= places
