"""Slowing down before Azure refuses: by what its answers told of what is left."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from itertools import islice
from urllib.parse import urlsplit

import pytest

from azure_api import pacing
from azure_api.client import Azure
from azure_api.pacing import Pacing, left, refused_by
from simulator.request_limits import RequestLimits
from simulator.request_limits import Tokens as BucketOfTokens
from simulator.settings import Settings, subscriptions
from tests.azure_api.bodies import GROUP, put
from tests.azure_api.in_process import simulated_azure
from tests.builders import a_network
from tests.carry_out import apply_network
from topology.limits import BUCKETS, CALL_LIMITS, CallLimit, Tokens
from topology.regions import AZURE_REGIONS

URL = "https://management.azure.com/subscriptions/S/resourceGroups/g"
NETWORK = f"{URL}/providers/Microsoft.Network"
LINK = f"{NETWORK}/privateDnsZones/{{}}/virtualNetworkLinks/l"
GRAPH = "https://management.azure.com/providers/Microsoft.ResourceGraph/resources?api-version=1"


def _turns(pacing: Pacing, method: str, url: str, count: int, now: float = 0) -> list[float]:
    """Return when so many requests that come at once may be sent."""
    return [pacing.take(method, url, now).at for _ in range(count)]


def test_requests_go_at_once_while_there_are_tokens() -> None:
    """Nothing waits in vain."""
    assert _turns(Pacing(), "PUT", URL, 150) == [0] * 150


def test_requests_beyond_the_bucket_come_as_fast_as_tokens_come_back() -> None:
    """Each waits for a token of its own."""
    turns = _turns(Pacing(), "PUT", URL, 400)
    assert turns[-1] - turns[-101] == pytest.approx(100 / BUCKETS["write"].per_second)


def test_an_answer_that_tells_of_fewer_tokens_is_believed() -> None:
    """Somebody else uses the same principal."""
    pacing = Pacing()
    pacing.take("PUT", URL, now=0).answered(now=1, left=0)
    assert pacing.take("PUT", URL, now=1).at > 1


def test_what_is_not_answered_yet_counts_as_taken() -> None:
    """An answer tells what is left without them."""
    pacing = Pacing()
    turns = [pacing.take("PUT", URL, now=0) for _ in range(50)]
    turns[0].answered(now=0, left=40)
    assert pacing.take("PUT", URL, now=0).at > 0


def test_a_refusal_holds_back_all_of_its_sort_until_then() -> None:
    """Not each has to be refused; reads go on."""
    pacing = Pacing()
    pacing.take("PUT", URL, now=0).answered(now=0, left=0, closed="gateway", retry_after=20)
    assert pacing.take("PUT", URL, now=5).at >= 20
    assert pacing.take("GET", URL, now=5).at == 5


def test_a_refusal_of_a_service_holds_back_what_counts_against_the_same() -> None:
    """Other zones, and what is no link, go on."""
    pacing = Pacing()
    pacing.take("PUT", LINK.format("a"), now=0).answered(now=0, closed="service", retry_after=20)
    assert pacing.take("PUT", LINK.format("a"), now=5).at == 20
    assert pacing.take("PUT", LINK.format("b"), now=5).at == 5
    assert pacing.take("PUT", URL, now=5).at == 5


def test_call_whose_content_was_long_in_the_making_counts_when_it_is_sent() -> None:
    """Its turn had come before, and so Azure's window ends later."""
    paced, zone = Pacing(), LINK.format("z")
    turns = [paced.take("PUT", zone, now=0) for _ in range(60)]
    for turn in turns:
        turn.use(now=50)
    assert paced.take("PUT", zone, now=50).at > 50 + 60


def test_turn_that_was_not_used_counts_as_answered() -> None:
    """Nothing was to be sent, so nothing is on its way; what an answer told stays."""
    paced = Pacing()
    told, unused = (paced.take("PUT", URL, now=0) for _ in range(2))
    unused.answered(now=0)
    told.answered(now=0, left=100)
    told.answered(now=0)
    assert (told.bucket.level, told.bucket.unanswered) == (100, 0)


def test_subscriptions_and_sorts_have_buckets_of_their_own() -> None:
    """A DELETE takes nothing from PUTs, nor one subscription from another; a POST is a write."""
    pacing = Pacing()
    _turns(pacing, "PUT", URL, 300)
    asked = [(method, name) for method in ("GET", "PUT", "POST", "DELETE") for name in "ST"]
    waiting = [
        (method, name)
        for method, name in asked
        if pacing.take(method, URL.replace("/S/", f"/{name.lower()}/"), now=0).at > 0
    ]
    assert waiting == [("PUT", "S"), ("POST", "S")]


def test_the_lowest_count_of_an_answer_counts() -> None:
    """The global buckets hold for all principals together; a provider's is another matter."""
    headers = {
        "x-ms-ratelimit-remaining-subscription-writes": "199",
        "x-ms-ratelimit-remaining-subscription-global-writes": "12",
        "x-ms-ratelimit-remaining-resource": "Microsoft.Network/Put;3",
    }
    assert left(headers) == 12
    assert left({"Retry-After": "3"}) is None


@pytest.mark.parametrize(
    ("text", "remaining", "by"),
    [
        ("SubscriptionRequestsThrottled", "0", "gateway"),
        ("TooManyRequests", "120", "service"),
        ("RetryableErrorDueToTooManyCalls", "120", "service"),
        ("RetryableErrorDueToAnotherOperation", "120", ""),
    ],
)
def test_a_429_says_who_had_too_many_calls(text: str, remaining: str, by: str) -> None:
    """Or that a resource is busy, which holds back nobody else."""
    headers = {"x-ms-ratelimit-remaining-subscription-writes": remaining}
    assert refused_by(429, headers, text) == by
    assert refused_by(409, headers, text) == ""


# Each row of the table once: a method, an URL that counts, and how many come at once.
_LIMITS = [
    ("PUT", f"{NETWORK}/virtualNetworks/v", 900),
    ("DELETE", f"{NETWORK}/networkManagers/m/networkGroups/g", 900),
    ("GET", f"{NETWORK}/networkManagers/m/networkGroups", 9000),
    ("PUT", f"{NETWORK}/privateDnsZones/z", 40),
    ("DELETE", f"{NETWORK}/privateDnsZones/z", 40),
    ("GET", f"{NETWORK}/privateDnsZones/z?api-version=2024", 200),
    ("GET", f"{NETWORK}/privateDnsZones", 100),
    (
        "GET",
        f"{URL.removesuffix('/resourceGroups/g')}/providers/Microsoft.Network/privateDnsZones",
        60,
    ),
    ("PUT", LINK.format("z"), 60),
    ("DELETE", LINK.format("z"), 60),
    ("GET", LINK.format("z"), 100),
    ("GET", f"{NETWORK}/privateDnsZones/z/A/www", 500),
    ("POST", GRAPH, 15),
]


@pytest.mark.parametrize(("method", "url", "at_once"), _LIMITS)
def test_calls_come_no_faster_than_any_limit_takes_them(
    monkeypatch: pytest.MonkeyPatch, method: str, url: str, at_once: int
) -> None:
    """So many at once; and what comes after them in no window more than Azure takes."""
    monkeypatch.setattr(pacing, "BUCKETS", dict.fromkeys(BUCKETS, Tokens(1e9, 1e9)))
    turns = _turns(Pacing(), method, url, 2 * at_once + 1)
    assert (turns[at_once - 1], turns[at_once] > 0) == (0, True)
    [seconds] = {
        limit.seconds
        for limit in CALL_LIMITS
        if pacing.sort_of(method) in limit.sorts and limit.most == at_once
        if limit.place_of(urlsplit(url).path) is not None
    }
    assert turns[at_once] > seconds
    assert turns[2 * at_once] >= 2 * turns[at_once]


def test_every_limit_of_the_table_is_among_those_that_are_tried() -> None:
    """A row without a case would be a row that nobody saw hold anything back."""
    tried = {
        limit
        for method, url, _ in _LIMITS
        for limit in CALL_LIMITS
        if pacing.sort_of(method) in limit.sorts and limit.place_of(urlsplit(url).path) is not None
    }
    assert tried == set(CALL_LIMITS)


def test_a_call_waits_for_all_that_it_counts_against() -> None:
    """What its bucket keeps back does not come together with the next window's."""
    paced = Pacing()
    paced.take("PUT", URL, now=0).answered(now=0, left=0, closed="gateway", retry_after=50)
    links = _turns(paced, "PUT", LINK.format("z"), 70)
    assert min(links) >= 50
    assert max(sum(then <= other < then + 60 for other in links) for then in links) <= 60


def _as_strict(rows: Iterable[CallLimit], factor: int) -> tuple[CallLimit, ...]:
    return tuple(replace(row, most=max(row.most // factor, 1)) for row in rows)


def test_groups_of_one_region_count_together() -> None:
    """As the network provider counts them, for each subscription; an unknown group by itself."""
    groups = ("/subscriptions/s/resourcegroups/g", "/subscriptions/s/resourcegroups/h")
    paced = Pacing(regions=dict.fromkeys((*groups, "/subscriptions/t/resourcegroups/g"), "eastus"))
    network = "https://management.azure.com{}/providers/Microsoft.Network/virtualNetworks/v"
    for _ in range(450):
        for group in groups:
            paced.take("DELETE", network.format(group), now=0)
    asked = (groups[0], "/subscriptions/T/resourceGroups/G", "/subscriptions/S/resourceGroups/i")
    # Later, when the bucket has its tokens again and the window is still full.
    turns = [paced.take("DELETE", network.format(group), now=250).at for group in asked]
    assert [at > 250 for at in turns] == [True, False, False]


@pytest.mark.parametrize("paced", [True, False])
@pytest.mark.parametrize(("factor", "is_dns"), [(10, True), (100, False)])
async def test_services_refuse_nothing_of_a_first_rollout(
    monkeypatch: pytest.MonkeyPatch, factor: int, *, is_dns: bool, paced: bool
) -> None:
    """Services that take a part do for four regions what Azure's do for 58 and more."""
    monkeypatch.setattr(pacing, "CALL_LIMITS", _as_strict(CALL_LIMITS, factor) if paced else ())
    calls = tuple(
        replace(item, count=max(item.count // factor, 1))
        for item in RequestLimits().calls
        if item.types.startswith("Microsoft.Network/privateDns") is is_dns
    )
    strict = RequestLimits(calls=calls)
    network = a_network(*islice(AZURE_REGIONS, 4))
    async with simulated_azure(settings=Settings(request_limits=strict)) as (azure, _):
        assert await apply_network(azure, network) == {}
        counts = azure.transport.requests.summary()["counts"]

    refused = sum(row["count"] for row in counts if row["status"] == 429)
    assert (refused == 0) is paced


async def _refused(regions: int, settings: Settings | None = None) -> int:
    """Return how many writes of a first rollout the gateway refused."""
    network = a_network(*islice(AZURE_REGIONS, regions))
    async with simulated_azure(settings=settings) as (azure, _):
        assert await apply_network(azure, network) == {}
        log = azure.transport.requests.log
        return sum(entry.code == "SubscriptionRequestsThrottled" for entry in log)


@pytest.mark.parametrize("paced", [True, False])
async def test_it_is_pacing_that_keeps_refusals_away(
    monkeypatch: pytest.MonkeyPatch, *, paced: bool
) -> None:
    """A small bucket does for few regions what Azure's does for 58, as `make bench` shows."""
    small, endless = Tokens(40, 10), Tokens(1e9, 1e9)
    monkeypatch.setattr(pacing, "BUCKETS", {**BUCKETS, "write": small if paced else endless})
    buckets = {**RequestLimits().buckets, "write": BucketOfTokens(40, 10)}
    refused = await _refused(8, Settings(request_limits=RequestLimits(buckets=buckets)))
    assert (refused == 0) is paced


async def test_rollout_survives_an_azure_that_is_far_stricter_than_told() -> None:
    """A twentieth of the tokens: refusals are waited for, by reads too."""
    assert await _refused(3, Settings(throttling=20)) > 0


async def test_an_empty_bucket_of_one_subscription_slows_no_other() -> None:
    """A rollout waits where it must, and goes on elsewhere."""
    ids = subscriptions(2)
    async with simulated_azure(settings=Settings(subscription_ids=ids)) as (azure, world):
        world.throttling.drain("PUT", ids[0], world.settings.operator.object_id)
        seconds = await asyncio.gather(*(_seconds_of_writes(azure, item) for item in ids))

    assert seconds[0] > 10 * seconds[1]


async def _seconds_of_writes(azure: Azure, subscription: str) -> float:
    """Return how long a few writes in a subscription take, side by side."""
    started = asyncio.get_running_loop().time()
    groups = [f"/subscriptions/{subscription}/resourceGroups/rg-{number}" for number in range(20)]
    body = {"location": "westeurope"}
    await asyncio.gather(*(put(azure, GROUP, group, body) for group in groups))
    return asyncio.get_running_loop().time() - started
