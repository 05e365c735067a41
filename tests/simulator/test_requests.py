"""What the gateway says before any resource type is asked."""

import httpx
import pytest
from starlette.applications import Starlette

from simulator.app import create_app
from simulator.clock import ManualClock
from simulator.identity import bearer_token
from simulator.settings import Settings
from tests.simulator.azure import (
    GROUP,
    NETWORK,
    SUBSCRIPTION,
    Azure,
    a_network,
    an_address,
    code_of,
)


async def test_a_request_without_a_token_is_refused(app: Starlette) -> None:
    """Azure answers 401 and a challenge."""
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="https://localhost") as stranger:
        response = await stranger.get(GROUP, params={"api-version": "2026-03-01"})
    assert response.status_code == 401
    assert response.headers["www-authenticate"].startswith("Bearer authorization_uri=")


async def test_a_missing_api_version_is_refused(app: Starlette) -> None:
    """Azure names the parameter."""
    headers = {"Authorization": f"Bearer {bearer_token(Settings())}"}
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="https://localhost", headers=headers
    ) as client:
        response = await client.get(GROUP)
    assert (response.status_code, code_of(response)) == (400, "MissingApiVersionParameter")


async def test_answers_are_dated_by_simulated_time(azure: Azure, clock: ManualClock) -> None:
    """Clients hold the times that Azure tells against the date of its answers."""
    clock.advance(90)
    answer = await azure.ask("GET", GROUP)
    assert answer.headers["date"] == "Thu, 01 Jan 2026 00:01:30 GMT"


async def test_poll_urls_repeat_the_api_version_of_the_request(azure: Azure) -> None:
    """One client may mix versions."""
    path = f"{NETWORK}/virtualNetworks/v?api-version=2024-03-01"
    response = await azure.client.put(path, json=a_network(), params={"api-version": "2024-03-01"})
    assert response.headers["azure-asyncoperation"].endswith("?api-version=2024-03-01")


async def test_old_api_versions_show_fewer_properties(azure: Azure) -> None:
    """`privateEndpointVNetPolicies` came in 2024-03-01 (recordings.md section 6)."""
    made = await azure.made("virtualNetworks/v", a_network())
    path = f"{NETWORK}/virtualNetworks/v"
    old = (await azure.client.get(path, params={"api-version": "2023-11-01"})).json()
    assert set(made["properties"]) - set(old["properties"]) == {"privateEndpointVNetPolicies"}


async def test_an_unknown_subscription_is_not_found(azure: Azure) -> None:
    """The gateway knows its subscriptions."""
    response = await azure.ask("GET", "/subscriptions/nobody/resourceGroups/rg")
    assert (response.status_code, code_of(response)) == (404, "SubscriptionNotFound")


@pytest.mark.parametrize("path", ["loadBalancers", "virtualNetworks/v/nothing/x"])
async def test_an_unknown_type_is_an_error_and_no_echo(azure: Azure, path: str) -> None:
    """A type that nobody serves is never made up."""
    response = await azure.ask("GET", path)
    assert (response.status_code, code_of(response)) == (404, "InvalidResourceType")


async def test_an_unknown_action_is_an_error(azure: Azure) -> None:
    """So is an action."""
    await azure.made("virtualNetworks/v", a_network())
    response = await azure.ask("POST", "virtualNetworks/v/frobnicate", {})
    assert (response.status_code, code_of(response)) == (404, "InvalidResourceType")


async def test_ids_are_compared_without_case_and_shown_as_made(azure: Azure) -> None:
    """The case of the creation stays."""
    await azure.made("virtualNetworks/Hub", a_network())
    body = await azure.get(f"{NETWORK}/virtualNetworks/Hub".upper())
    assert body["id"] == f"{NETWORK}/virtualNetworks/Hub"


async def test_every_answer_carries_request_ids(azure: Azure) -> None:
    """Operators quote them."""
    response = await azure.ask("GET", GROUP)
    assert response.headers["x-ms-request-id"]
    assert response.headers["x-ms-correlation-request-id"]


async def test_counts_tell_writes_reads_and_polls_apart(azure: Azure) -> None:
    """A refused write is a write; a poll is no read."""
    response = await azure.put("virtualNetworks/v", a_network())
    await azure.poll(response)
    await azure.put("virtualNetworks/w", {"location": "atlantis"})
    await azure.get("virtualNetworks")
    counted = await azure.get("/_simulator/requests")
    assert {key: counted[key] for key in ("writes", "reads", "polls")} == {
        "writes": 3,
        "reads": 1,
        "polls": 1,
    }


async def test_the_log_lists_writes_in_order_with_their_codes(azure: Azure) -> None:
    """`since` leaves out what was read before."""
    await azure.put("virtualNetworks/v", {"location": "atlantis"})
    log = (await azure.client.get("/_simulator/log", params={"since": 1})).json()
    assert [(item["seq"], item["status"], item["code"]) for item in log["value"]] == [
        (2, 400, "LocationNotAvailableForResourceType")
    ]


async def test_a_log_since_nonsense_is_refused(azure: Azure) -> None:
    """In place of an answer that would be a crash, or the log from its end."""
    answers = [
        await azure.client.get("/_simulator/log", params={"since": since}) for since in ("x", "-1")
    ]
    assert [answer.status_code for answer in answers] == [400, 400]


async def test_a_reset_forgets_the_counts(azure: Azure) -> None:
    """The log goes on."""
    await azure.delete("/_simulator/requests")
    assert (await azure.get("/_simulator/requests"))["total"] == 0


async def test_the_same_requests_get_the_same_ids(azure: Azure) -> None:
    """Chance comes from the seed alone."""
    first = (await azure.made("virtualNetworks/v", a_network()))["properties"]["resourceGuid"]
    clock = ManualClock()
    transport = httpx.ASGITransport(create_app(clock))
    async with httpx.AsyncClient(
        transport=transport,
        base_url="https://localhost",
        headers=dict(azure.client.headers),
        params={"api-version": "2026-03-01"},
    ) as client:
        other = Azure(client, clock)
        await other.put(GROUP, {"location": "westeurope"})
        second = (await other.made("virtualNetworks/v", a_network()))["properties"]["resourceGuid"]
    assert first == second


async def test_a_subscription_lists_regions_with_zones(azure: Azure) -> None:
    """Zones are those of the region table."""
    regions = (await azure.get(f"{SUBSCRIPTION}/locations"))["value"]
    zones = {item["name"]: len(item["availabilityZoneMappings"]) for item in regions}
    assert (zones["westeurope"], zones["westus"]) == (3, 0)


async def test_providers_are_registered_and_name_their_regions(azure: Azure) -> None:
    """Locations are display names."""
    provider = await azure.get(f"{SUBSCRIPTION}/providers/Microsoft.Network")
    kinds = {item["resourceType"]: item for item in provider["resourceTypes"]}
    assert provider["registrationState"] == "Registered"
    assert "West Europe" in kinds["azureFirewalls"]["locations"]


async def test_usages_count_what_exists(azure: Azure) -> None:
    """The planner reads the public addresses left."""
    await azure.made("publicIPAddresses/p", an_address())
    path = f"{SUBSCRIPTION}/providers/Microsoft.Network/locations/westeurope/usages"
    used = {
        item["name"]["value"]: item["currentValue"] for item in (await azure.get(path))["value"]
    }
    assert used["StandardSkuPublicIpAddresses"] == 1


async def test_permissions_allow_everything(azure: Azure) -> None:
    """One principal, all rights."""
    path = f"{SUBSCRIPTION}/providers/Microsoft.Authorization/permissions"
    assert (await azure.get(path))["value"][0]["actions"] == ["*"]
