"""Slowing down before Azure refuses: by what its answers told of what is left."""

from __future__ import annotations

import asyncio
from itertools import islice

import pytest

from azure_api import pacing
from azure_api.client import Azure
from azure_api.pacing import Pacing, left
from azure_api.write import put
from simulator.request_limits import CallLimit, RequestLimits
from simulator.request_limits import Tokens as BucketOfTokens
from simulator.settings import Settings, subscriptions
from tests.azure_api.bodies import GROUP
from tests.azure_api.in_process import simulated_azure
from tests.builders import a_network
from tests.carry_out import apply_network
from topology.limits import BUCKETS, Tokens
from topology.regions import AZURE_REGIONS

URL = "https://management.azure.com/subscriptions/S/resourceGroups/g"


def test_requests_go_at_once_while_there_are_tokens() -> None:
    """Nothing waits in vain."""
    pace = Pacing().of("PUT", URL, now=0)
    assert [pace.take(now=0) for _ in range(150)] == [0] * 150


def test_requests_beyond_the_bucket_come_as_fast_as_tokens_come_back() -> None:
    """Each waits for a token of its own."""
    pace = Pacing().of("PUT", URL, now=0)
    waits = [pace.take(now=0) for _ in range(400)]
    assert waits[-1] - waits[-101] == pytest.approx(100 / BUCKETS["write"].per_second)


def test_an_answer_that_tells_of_fewer_tokens_is_believed() -> None:
    """Somebody else uses the same principal."""
    pace = Pacing().of("PUT", URL, now=0)
    pace.take(now=0)
    pace.answered(now=1, left=0)
    assert pace.take(now=1) > 0


def test_what_is_not_answered_yet_counts_as_taken() -> None:
    """An answer tells what is left without them."""
    pace = Pacing().of("PUT", URL, now=0)
    for _ in range(50):
        pace.take(now=0)
    pace.answered(now=0, left=40)
    assert pace.take(now=0) > 0


def test_a_refusal_holds_back_all_of_its_sort_until_then() -> None:
    """Not each has to be refused; reads go on."""
    all_of_them = Pacing()
    pace = all_of_them.of("PUT", URL, now=0)
    pace.take(now=0)
    pace.answered(now=0, left=0, retry_after=20)
    assert pace.take(now=5) >= 15
    assert all_of_them.of("GET", URL, now=5).take(now=5) == 0


def test_subscriptions_and_sorts_have_buckets_of_their_own() -> None:
    """A DELETE takes nothing from PUTs, nor one subscription from another."""
    all_of_them = Pacing()
    buckets = [
        all_of_them.of(method, URL.replace("/S/", f"/{name}/"), now=0)
        for name in "ab"
        for method in ("GET", "PUT", "DELETE")
    ]
    assert len({id(bucket) for bucket in buckets}) == 6
    assert all_of_them.of("POST", URL.replace("/S/", "/A/"), now=0) is buckets[1]


def test_the_lowest_count_of_an_answer_counts() -> None:
    """The global buckets hold for all principals together; a provider's is another matter."""
    headers = {
        "x-ms-ratelimit-remaining-subscription-writes": "199",
        "x-ms-ratelimit-remaining-subscription-global-writes": "12",
        "x-ms-ratelimit-remaining-resource": "Microsoft.Network/Put;3",
    }
    assert left(headers) == 12
    assert left({"Retry-After": "3"}) is None


def test_links_of_a_zone_come_as_fast_as_private_dns_takes_them() -> None:
    """Sixty in any minute; another zone has its own, and reads take none."""
    all_of_them = Pacing()
    link = f"{URL}/providers/Microsoft.Network/privateDnsZones/{{}}/virtualNetworkLinks/l"
    pace = all_of_them.of_zone("PUT", link.format("a"), now=0)
    assert pace is not None
    sent = [pace.take(now=0) for _ in range(120)]
    assert max(sum(then <= other < then + 60 for other in sent) for then in sent) <= 60
    assert all_of_them.of_zone("PUT", link.format("b"), now=0) is not pace
    assert all_of_them.of_zone("GET", link.format("a"), now=0) is None
    assert all_of_them.of_zone("PUT", URL, now=0) is None


async def test_first_rollout_makes_its_links_without_being_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A zone that takes few links does for few regions what Azure's does for 45."""
    monkeypatch.setattr(pacing, "LINKS_OF_A_ZONE", Tokens(6, 0.1))
    links = "Microsoft.Network/privateDnsZones/virtualNetworkLinks"
    few = CallLimit(links, ("create",), 12, 60, ("subscription", "zone"))
    network = a_network(*islice(AZURE_REGIONS, 8))
    limits = Settings(request_limits=RequestLimits(calls=(few,)))
    async with simulated_azure(settings=limits) as (azure, _):
        assert await apply_network(azure, network) == {}
        refused = [entry.code for entry in azure.transport.requests.log if entry.status == 429]

    assert refused == []


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
