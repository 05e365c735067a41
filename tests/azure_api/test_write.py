"""Writes: sent once, tried again by code, and never twice where once was done."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from azure_api.client import Azure
from azure_api.errors import Final, Passing
from azure_api.read import read_one
from azure_api.retrying import RetryBudget
from simulator.arm.world import World
from simulator.clock import LoopClock
from tests.azure_api.bodies import GROUP, VNET, a_group, a_vnet, delete, put, vnet_body, vnet_id
from tests.azure_api.in_process import AsgiTransport, simulated_azure


def _methods(transport: AsgiTransport, resource_id: str) -> list[str]:
    return [item.method for item in transport.sent if item.path == resource_id]


async def test_put_returns_the_body_as_it_stands_after_the_operation(azure: Azure) -> None:
    """What Azure assigns is in the answer."""
    await a_group(azure)
    body = await put(azure, VNET, vnet_id(), vnet_body())
    assert body["properties"]["provisioningState"] == "Succeeded"
    assert body["id"] == vnet_id()


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (429, "RetryableError"),
        (429, "TooManyRequests"),
        (400, "ReferencedResourceNotProvisioned"),
        (409, "AnotherOperationInProgress"),
        (409, "FirewallPolicyRuleCollectionGroupUpdateNotAllowedWhenUpdatingOrDeleting"),
        (500, "InternalServerError"),
        (503, "ServiceUnavailable"),
    ],
)
async def test_error_that_passes_by_its_code_is_tried_again(
    azure: Azure, world: World, status: int, code: str
) -> None:
    """A peering's 400 passes too: the status alone decides nothing."""
    await a_group(azure)
    world.faults.add(method="PUT", type=VNET.arm_type, status=status, code=code, times=2)
    body = await put(azure, VNET, vnet_id(), vnet_body())
    assert body["name"] == "vnet-a"


async def test_token_that_expires_under_way_is_replaced(azure: Azure, world: World) -> None:
    """The SDK forgets the one that was refused."""
    await a_group(azure)
    world.faults.add(token="expired", times=1)
    assert (await put(azure, VNET, vnet_id(), vnet_body()))["name"] == "vnet-a"


async def test_token_that_is_refused_again_and_again_is_an_error(
    azure: Azure, world: World
) -> None:
    """It says what to do."""
    await a_group(azure)
    world.faults.add(token="expired", times=None)
    with pytest.raises(Passing, match="sign in again"):
        await put(azure, VNET, vnet_id(), vnet_body())


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, "InvalidAddressPrefixFormat"),
        (403, "AuthorizationFailed"),
        (409, "Conflict"),
        (404, "ResourceGroupNotFound"),
    ],
)
async def test_error_that_lasts_is_raised_at_once(
    azure: Azure, world: World, transport: AsgiTransport, status: int, code: str
) -> None:
    """Nothing is gained by asking again."""
    await a_group(azure)
    world.faults.add(method="PUT", type=VNET.arm_type, status=status, code=code)
    with pytest.raises(Final) as raised:
        await put(azure, VNET, vnet_id(), vnet_body())
    assert (raised.value.code, raised.value.status) == (code, status)
    assert _methods(transport, vnet_id()) == ["PUT"]


async def test_retry_after_is_waited_for_as_it_was_sent(azure: Azure, world: World) -> None:
    """Calling earlier only yields a new value (facts.md section 7)."""
    await a_group(azure)
    began = asyncio.get_running_loop().time()
    world.faults.add(
        method="PUT", type=VNET.arm_type, status=429, code="RetryableError", retry_after=14
    )
    transport = azure.transport
    await put(azure, VNET, vnet_id(), vnet_body())
    puts = [item.at for item in transport.sent if (item.method, item.path) == ("PUT", vnet_id())]
    assert puts == [began, began + 14]


async def test_write_whose_answer_was_lost_is_read_and_not_sent_again(
    azure: Azure, world: World, transport: AsgiTransport
) -> None:
    """Azure had done it: nothing is created twice."""
    await a_group(azure)
    world.faults.add(method="PUT", type=VNET.arm_type, drop="after")
    body = await put(azure, VNET, vnet_id(), vnet_body())
    assert body["properties"]["provisioningState"] == "Succeeded"
    assert _methods(transport, vnet_id()).count("PUT") == 1


_TIMED_OUT: dict[str, Any] = {"when": "answer", "status": 504, "code": "GatewayTimeout"}


async def test_write_whose_gateway_has_waited_too_long_is_not_sent_again(
    azure: Azure, world: World, transport: AsgiTransport
) -> None:
    """Azure goes on with it, whatever its gateway says."""
    await a_group(azure)
    world.faults.add(method="PUT", type=VNET.arm_type, **_TIMED_OUT)
    body = await put(azure, VNET, vnet_id(), vnet_body())
    assert body["properties"]["provisioningState"] == "Succeeded"
    assert _methods(transport, vnet_id()).count("PUT") == 1


async def test_delete_whose_gateway_has_waited_too_long_is_not_sent_again(
    azure: Azure, world: World, transport: AsgiTransport
) -> None:
    """It would meet the one that is under way."""
    await a_group(azure)
    await a_vnet(azure)
    world.faults.add(method="DELETE", type=VNET.arm_type, **_TIMED_OUT)
    await delete(azure, VNET, vnet_id())
    assert await read_one(azure, VNET, vnet_id()) is None
    assert _methods(transport, vnet_id()).count("DELETE") == 1


@pytest.mark.parametrize("hang", ["before", "after"])
async def test_write_that_hangs_is_given_up_and_read_first(
    azure: Azure, world: World, transport: AsgiTransport, hang: str
) -> None:
    """It is sent again only where Azure has not done it."""
    await a_group(azure)
    world.faults.add(method="PUT", type=VNET.arm_type, hang=hang)
    body = await put(azure, VNET, vnet_id(), vnet_body())
    assert body["properties"]["provisioningState"] == "Succeeded"
    assert _methods(transport, vnet_id()).count("PUT") == (2 if hang == "before" else 1)


async def test_write_that_never_arrived_is_read_first_and_sent_again(
    azure: Azure, world: World, transport: AsgiTransport
) -> None:
    """It is looked for until no reader can lag behind so far: Azure had not done it."""
    await a_group(azure)
    world.faults.add(method="PUT", type=VNET.arm_type, drop="before")
    began = asyncio.get_running_loop().time()
    await put(azure, VNET, vnet_id(), vnet_body())
    sent = [item.at for item in transport.sent if (item.method, item.path) == ("PUT", vnet_id())]
    assert len(sent) == 2
    assert 120 <= sent[1] - began < 180


LAG = 60  # a reader's, in seconds


async def test_write_whose_answer_was_lost_is_waited_for_where_readers_lag_behind(
    azure: Azure, world: World, transport: AsgiTransport
) -> None:
    """It is under way though nothing shows: sent again it would meet our own operation."""
    await a_group(azure)
    world.faults.add(method="PUT", type=VNET.arm_type, drop="after")
    world.faults.add(method="GET", type=VNET.arm_type, stale=LAG, times=None)
    body = await put(azure, VNET, vnet_id(), vnet_body())
    assert body["properties"]["provisioningState"] == "Succeeded"
    assert _methods(transport, vnet_id()).count("PUT") == 1


async def test_update_whose_answer_was_lost_is_waited_for_where_readers_lag_behind(
    azure: Azure, world: World, transport: AsgiTransport
) -> None:
    """What they show is the body that stood before, and proves nothing."""
    await a_group(azure)
    await a_vnet(azure)
    await asyncio.sleep(LAG)
    world.faults.add(method="PUT", type=VNET.arm_type, drop="after")
    world.faults.add(method="GET", type=VNET.arm_type, stale=LAG, times=None)
    wider = vnet_body()
    wider["properties"]["addressSpace"]["addressPrefixes"].append("10.1.0.0/16")
    body = await put(azure, VNET, vnet_id(), wider)
    assert body["properties"]["addressSpace"]["addressPrefixes"] == ["10.0.0.0/16", "10.1.0.0/16"]
    assert _methods(transport, vnet_id()).count("PUT") == 2


async def test_delete_whose_answer_was_lost_is_waited_for_where_readers_lag_behind(
    azure: Azure, world: World, transport: AsgiTransport
) -> None:
    """They show it as it stood, while it is on its way out."""
    await a_group(azure)
    await a_vnet(azure)
    await asyncio.sleep(LAG)
    world.faults.add(method="DELETE", type=VNET.arm_type, drop="after")
    world.faults.add(method="GET", type=VNET.arm_type, stale=LAG, times=None)
    await delete(azure, VNET, vnet_id())
    assert _methods(transport, vnet_id()).count("DELETE") == 1


async def test_lost_update_is_told_from_the_body_that_stood_before(
    azure: Azure, world: World, transport: AsgiTransport
) -> None:
    """That something stands there proves nothing: it must hold what was sent."""
    await a_group(azure)
    await a_vnet(azure)
    world.faults.add(method="PUT", type=VNET.arm_type, drop="before")
    wider = vnet_body()
    wider["properties"]["addressSpace"]["addressPrefixes"].append("10.1.0.0/16")
    body = await put(azure, VNET, vnet_id(), wider)
    assert body["properties"]["addressSpace"]["addressPrefixes"] == ["10.0.0.0/16", "10.1.0.0/16"]
    assert _methods(transport, vnet_id()).count("PUT") == 3


async def test_operation_that_ended_failed_is_put_again_a_few_times(
    azure: Azure, world: World, transport: AsgiTransport
) -> None:
    """Azure may fail once and succeed the next time (facts.md section 6)."""
    await a_group(azure)
    world.faults.add(
        method="PUT", type=VNET.arm_type, when="provisioning", code="InternalServerError", times=1
    )
    body = await put(azure, VNET, vnet_id(), vnet_body())
    assert body["properties"]["provisioningState"] == "Succeeded"
    assert _methods(transport, vnet_id()).count("PUT") == 2


async def test_error_that_may_last_is_raised_after_ten_minutes(
    azure: Azure, world: World, transport: AsgiTransport
) -> None:
    """InternalServerError can hide a wrong request for ever: it is asked about once a minute."""
    await a_group(azure)
    world.faults.add(method="PUT", type=VNET.arm_type, code="InternalServerError", times=None)
    began = asyncio.get_running_loop().time()
    with pytest.raises(Passing, match="InternalServerError"):
        await put(azure, VNET, vnet_id(), vnet_body())
    assert 600 <= asyncio.get_running_loop().time() - began <= 660
    assert 10 <= _methods(transport, vnet_id()).count("PUT") <= 25


async def test_error_that_may_last_is_raised_after_its_few_tries(
    azure: Azure, world: World, transport: AsgiTransport
) -> None:
    """Where each takes long, as of a firewall that is made and ends Failed."""
    await a_group(azure)
    world.faults.add(method="PUT", type=VNET.arm_type, when="provisioning", times=None)
    world.faults.add(method="PUT", type=VNET.arm_type, slower=100.0)
    with pytest.raises(Passing, match="InternalServerError"):
        await put(azure, VNET, vnet_id(), vnet_body())
    assert _methods(transport, vnet_id()).count("PUT") == 5


async def test_error_that_may_last_loses_nothing_in_five_minutes(
    azure: Azure, world: World
) -> None:
    """Azure as a whole may be unwell so long."""
    await a_group(azure)
    world.faults.add(method="PUT", code="InternalServerError", times=None, until=300.0)
    assert (await put(azure, VNET, vnet_id(), vnet_body()))["name"] == "vnet-a"


@pytest.mark.parametrize("before", [2, 7])
async def test_errors_that_only_pass_leave_the_time_and_tries_of_another_alone(
    azure: Azure, world: World, transport: AsgiTransport, before: int
) -> None:
    """A firewall that was busy for a while may still fail and be put again."""
    await a_group(azure)
    busy = {"status": 409, "code": "AnotherOperationInProgress", "times": before}
    world.faults.add(method="PUT", type=VNET.arm_type, **busy)
    world.faults.add(method="PUT", type=VNET.arm_type, code="InternalServerError", times=None)
    with pytest.raises(Passing, match="InternalServerError"):
        await put(azure, VNET, vnet_id(), vnet_body())
    failed = [item.at for item in transport.sent if item.method == "PUT"][1 + before :]
    assert 600 <= failed[-1] - failed[0] <= 660


async def test_budget_ends_the_tries(azure: Azure, world: World) -> None:
    """A region that stays busy fails in the end, and others go on."""
    await a_group(azure)
    world.faults.add(
        method="PUT", type=VNET.arm_type, status=409, code="AnotherOperationInProgress", times=None
    )
    began = asyncio.get_running_loop().time()
    with pytest.raises(Passing) as raised:
        await put(azure, VNET, vnet_id(), vnet_body(), RetryBudget(seconds=300))
    assert 300 <= asyncio.get_running_loop().time() - began <= 360
    assert raised.value.next_step == "wait until the other change has ended, run again"


async def test_wait_that_goes_far_beyond_the_budget_is_not_begun(
    azure: Azure, world: World
) -> None:
    """An operator wants to hear of it now and not in a day."""
    await a_group(azure)
    world.faults.add(
        method="PUT", type=VNET.arm_type, status=429, code="TooManyRequests", retry_after=86400
    )
    with pytest.raises(Passing, match="TooManyRequests"):
        await put(azure, VNET, vnet_id(), vnet_body())
    assert asyncio.get_running_loop().time() < 60


async def test_two_writes_of_one_resource_are_never_in_flight_together(
    azure: Azure, transport: AsgiTransport
) -> None:
    """Azure would refuse the second (facts.md section 7)."""
    await a_group(azure)
    await asyncio.gather(*(put(azure, VNET, vnet_id(), vnet_body()) for _ in range(3)))
    assert "GET" in _methods(transport, vnet_id())
    assert _methods(transport, vnet_id()).count("PUT") == 3


async def test_deleting_what_is_not_there_is_a_success(azure: Azure) -> None:
    """A delete can be done twice."""
    await a_group(azure)
    await delete(azure, VNET, vnet_id())


async def test_deleting_in_a_group_that_is_gone_is_a_success(azure: Azure) -> None:
    """The whole path may be absent (recordings.md section 8)."""
    await delete(azure, VNET, vnet_id())


async def test_delete_ends_when_the_resource_is_gone(azure: Azure) -> None:
    """Its operation is waited for."""
    await a_group(azure)
    await a_vnet(azure)
    await delete(azure, VNET, vnet_id())
    assert await read_one(azure, VNET, vnet_id()) is None


async def test_delete_whose_answer_was_lost_ends_well(azure: Azure, world: World) -> None:
    """It is looked at, and asked for again: absent is deleted."""
    await a_group(azure)
    await a_vnet(azure)
    world.faults.add(method="DELETE", type=VNET.arm_type, drop="after")
    await delete(azure, VNET, vnet_id())
    assert await read_one(azure, VNET, vnet_id()) is None


async def test_delete_of_what_is_in_use_waits_for_its_user_to_go(
    azure: Azure, world: World
) -> None:
    """What uses it may be on its way out."""
    await a_group(azure)
    await a_vnet(azure)
    world.faults.add(
        method="DELETE", type=VNET.arm_type, status=400, code="InUseSubnetCannotBeDeleted", times=3
    )
    await delete(azure, VNET, vnet_id())
    assert await read_one(azure, VNET, vnet_id()) is None


async def test_in_use_is_final_where_nothing_is_deleted(azure: Azure, world: World) -> None:
    """The same code after a PUT tells of a wrong request."""
    await a_group(azure)
    world.faults.add(
        method="PUT", type=VNET.arm_type, status=400, code="InUseSubnetCannotBeDeleted"
    )
    with pytest.raises(Final):
        await put(azure, VNET, vnet_id(), vnet_body())


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_poll_that_is_refused_does_not_send_the_delete_again(
    azure: Azure, world: World, transport: AsgiTransport, status: int
) -> None:
    """It is under way: the resource is looked at until it is gone."""
    await a_group(azure)
    await a_vnet(azure)
    world.faults.add(
        method="GET", type="operations", status=status, code="InternalServerError", times=2
    )
    await delete(azure, VNET, vnet_id())
    assert await read_one(azure, VNET, vnet_id()) is None
    assert _methods(transport, vnet_id()).count("DELETE") == 1


async def test_write_that_hangs_for_ever_ends_with_its_budget(azure: Azure, world: World) -> None:
    """What the client waits for an answer counts: a budget of time is one of all time."""
    await a_group(azure)
    world.faults.add(method="PUT", type=VNET.arm_type, hang="before", times=None)
    began = asyncio.get_running_loop().time()
    with pytest.raises(Passing, match="Read timed out"):
        await put(azure, VNET, vnet_id(), vnet_body())
    assert 1800 <= asyncio.get_running_loop().time() - began <= 2400


async def test_resource_group_is_written_though_it_has_no_operation(azure: Azure) -> None:
    """Its PUT is synchronous: the method has another name."""
    await a_group(azure)
    found = await read_one(azure, GROUP, vnet_id().split("/providers/")[0])
    assert found is not None
    assert found["location"] == "westeurope"


class _FastClock(LoopClock):
    """A simulator that runs 50 times as fast as the loop."""

    speed = 50.0

    def now(self) -> float:
        """Return the loop's seconds times the speed."""
        return super().now() * self.speed

    def retry_after(self, seconds: float) -> str:
        """Return the wait divided by the speed: a fraction of a second."""
        return f"{seconds / self.speed:.3f}"


async def test_nothing_waits_longer_than_azure_says_divided_by_the_speed() -> None:
    """Also where Retry-After is a fraction, which the SDK alone cannot read."""
    clock = _FastClock()
    async with simulated_azure(clock=clock, time_scale=1 / clock.speed) as (azure, world):
        await a_group(azure)
        world.faults.add(
            method="PUT", type=VNET.arm_type, status=429, code="RetryableError", retry_after=14
        )
        await a_vnet(azure)
        await delete(azure, VNET, vnet_id())
        assert asyncio.get_running_loop().time() < (14 + 15 + 11) / clock.speed
        assert max(azure.transport.slept) <= 10 / clock.speed


async def test_what_was_just_made_and_is_not_there_yet_is_waited_for(
    azure: Azure, world: World, transport: AsgiTransport
) -> None:
    """The reader lags behind: a 404 at the end of an operation is no failure."""
    await a_group(azure)
    world.faults.add(method="GET", type=VNET.arm_type, stale=40)
    body = await put(azure, VNET, vnet_id(), vnet_body())
    assert body["properties"]["provisioningState"] == "Succeeded"
    assert _methods(transport, vnet_id()).count("PUT") == 1


async def test_what_never_shows_is_sent_again_and_then_reported(
    azure: Azure, world: World, transport: AsgiTransport
) -> None:
    """Not yet, a bounded number of times."""
    await a_group(azure)
    answer = {"status": 404, "code": "ResourceNotFound"}
    world.faults.add(method="GET", type=VNET.arm_type, times=None, **answer)
    with pytest.raises(Passing, match="ResourceNotFound"):
        await put(azure, VNET, vnet_id(), vnet_body(), RetryBudget(seconds=300))
    assert 1 < _methods(transport, vnet_id()).count("PUT") < 6


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_poll_that_is_refused_does_not_send_the_write_again(
    azure: Azure, world: World, transport: AsgiTransport, status: int
) -> None:
    """What was sent was taken: it is looked for, and never in flight twice."""
    await a_group(azure)
    world.faults.add(method="GET", type="operations", status=status, code="InternalServerError")
    await put(azure, VNET, vnet_id(), vnet_body())
    assert _methods(transport, vnet_id()).count("PUT") == 1
