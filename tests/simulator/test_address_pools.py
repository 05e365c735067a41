"""Address pools of a network manager: who has what, and what is left."""

from typing import Any

import httpx
import pytest

from tests.simulator.azure import A_WHILE, Azure
from tests.simulator.manager import A_MANAGER, MANAGER, MANAGER_ID, put

POOL = f"{MANAGER}/ipamPools/root"
CIDR = f"{POOL}/staticCidrs/office"


def a_pool(*prefixes: str, parent: str = "", **properties: Any) -> dict[str, Any]:
    """Return the body of a pool."""
    named = {"parentPoolName": parent} if parent else {}
    values = {"addressPrefixes": list(prefixes), **named, **properties}
    return {"location": "westeurope", "properties": values}


async def _root(azure: Azure) -> None:
    await put(azure, MANAGER, A_MANAGER)
    response = await azure.put(POOL, a_pool("10.0.0.0/16"))
    assert response.status_code == 201, response.text


async def _usage(azure: Azure, pool: str = POOL) -> dict[str, Any]:
    response = await azure.ask("POST", f"{pool}/getPoolUsage")
    assert response.status_code == 200
    found: dict[str, Any] = response.json()
    return found


def _code(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json()["code"]


async def test_a_pool_is_shown_as_recorded(azure: Azure) -> None:
    """Succeeded at once, with an etag, null tags and nobody who made it."""
    await put(azure, MANAGER, A_MANAGER)
    response = await azure.put(POOL, a_pool("10.0.0.0/16"))
    body = response.json()
    assert body["etag"].startswith('"')
    assert body["tags"] is None
    assert body["systemData"]["createdBy"] is None
    assert body["systemData"]["createdAt"].endswith("+00:00")
    assert body["properties"] == {
        "description": "",
        "displayName": "",
        "ipAddressType": ["IPv4"],
        "parentPoolName": "",
        "addressPrefixes": ["10.0.0.0/16"],
        "provisioningState": "Succeeded",
    }
    status = (await azure.poll(response)).json()
    assert status["status"] == "Succeeded"
    assert (status["startTime"], status["endTime"]) == (None, None)
    assert (await azure.put(POOL, a_pool("10.0.0.0/16"))).status_code == 200


async def test_what_is_not_there_is_told_without_an_envelope(azure: Azure) -> None:
    """All five keys, as recorded."""
    await put(azure, MANAGER, A_MANAGER)
    response = await azure.ask("GET", POOL)
    assert response.status_code == 404
    assert response.json() == {
        "code": "NotFound",
        "message": f"Ipam pool '{MANAGER_ID}/ipamPools/root' not found.",
        "target": None,
        "details": None,
        "additionalInfo": None,
    }


async def test_usage_counts_children_cidrs_and_networks(azure: Azure) -> None:
    """What is left comes in the fewest prefixes, and numbers are texts."""
    await _root(azure)
    await azure.put(f"{MANAGER}/ipamPools/child", a_pool("10.0.0.0/18", parent="root"))
    await azure.put(CIDR, {"properties": {"addressPrefixes": ["10.0.64.0/24"]}})
    await azure.made("virtualNetworks/v", _from_pool("256"))
    usage = await _usage(azure)
    assert usage["totalNumberOfIPAddresses"] == "65536"
    assert usage["numberOfAllocatedIPAddresses"] == str(16384 + 256 + 256)
    assert usage["numberOfAvailableIPAddresses"] == str(65536 - 16384 - 512)
    assert usage["allocatedAddressPrefixes"] == ["10.0.0.0/18", "10.0.64.0/24", "10.0.65.0/24"]
    assert usage["availableAddressPrefixes"][:2] == ["10.0.66.0/23", "10.0.68.0/22"]
    assert [item["addressPrefixes"] for item in usage["childPools"]] == [["10.0.0.0/18"]]
    response = await azure.ask("POST", f"{POOL}/listAssociatedResources")
    found = [item["resourceId"].rsplit("/", 1)[-1] for item in response.json()["value"]]
    assert found == ["office", "v"]


def _from_pool(number: str) -> dict[str, Any]:
    allocation = {"pool": {"id": f"{MANAGER_ID}/ipamPools/root"}, "numberOfIpAddresses": number}
    space = {"ipamPoolPrefixAllocations": [allocation]}
    return {"location": "westeurope", "properties": {"addressSpace": space}}


async def test_a_network_takes_its_space_from_a_pool(azure: Azure) -> None:
    """And keeps it when it is written again; the next one gets the next."""
    await _root(azure)
    for _ in range(2):
        body = await azure.made("virtualNetworks/v", _from_pool("256"))
        assert body["properties"]["addressSpace"]["addressPrefixes"] == ["10.0.0.0/24"]
    body = await azure.made("virtualNetworks/w", _from_pool("256"))
    assert body["properties"]["addressSpace"]["addressPrefixes"] == ["10.0.1.0/24"]
    assert (await _usage(azure))["numberOfAllocatedIPAddresses"] == "512"


async def test_a_pool_gives_no_more_than_it_has(azure: Azure) -> None:
    """The network is refused."""
    await _root(azure)
    response = await azure.put("virtualNetworks/v", _from_pool("70000"))
    assert response.status_code == 400
    assert response.json()["error"]["code"] == "IpamPoolHasNotEnoughAddresses"


async def test_an_empty_pool_has_everything_left(azure: Azure) -> None:
    """As one prefix."""
    await _root(azure)
    assert (await _usage(azure))["availableAddressPrefixes"] == ["10.0.0.0/16"]


async def test_a_cidr_asks_for_a_number_of_addresses(azure: Azure) -> None:
    """It gets the lowest free prefix with room for them, and keeps it."""
    await _root(azure)
    await azure.put(CIDR, {"properties": {"addressPrefixes": ["10.0.0.0/24"]}})
    other = f"{POOL}/staticCidrs/other"
    body = {"properties": {"numberOfIPAddressesToAllocate": "300"}}
    response = await azure.put(other, body)
    assert response.status_code == 201
    assert response.json()["properties"]["addressPrefixes"] == ["10.0.2.0/23"]
    assert response.json()["properties"]["totalNumberOfIPAddresses"] == "512"
    response = await azure.put(other, body)
    assert response.json()["properties"]["addressPrefixes"] == ["10.0.2.0/23"]


@pytest.mark.parametrize(
    "body",
    [
        {"addressPrefixes": ["10.9.0.0/24"]},
        {"addressPrefixes": ["10.0.0.0/25"]},
        {"numberOfIPAddressesToAllocate": "70000"},
        {},
    ],
)
async def test_a_cidr_that_the_pool_has_not_is_refused(azure: Azure, body: dict[str, Any]) -> None:
    """Outside, taken, too many, or nothing asked for."""
    await _root(azure)
    await azure.put(CIDR, {"properties": {"addressPrefixes": ["10.0.0.0/24"]}})
    response = await azure.put(f"{POOL}/staticCidrs/other", {"properties": body})
    assert _code(response) == (400, "InvalidRequest")


@pytest.mark.parametrize(
    "body",
    [
        a_pool("10.1.0.0/24", parent="root"),
        a_pool("10.0.0.0/25", parent="root"),
        a_pool("10.0.1.0/24", parent="nobody"),
        a_pool("ten", parent="root"),
        a_pool(),
    ],
)
async def test_a_child_pool_lies_in_its_parent(azure: Azure, body: dict[str, Any]) -> None:
    """Beside its siblings."""
    await _root(azure)
    await azure.put(f"{MANAGER}/ipamPools/child", a_pool("10.0.0.0/24", parent="root"))
    response = await azure.put(f"{MANAGER}/ipamPools/second", body)
    assert _code(response) == (400, "InvalidRequest")


async def test_a_pool_in_use_is_not_deleted(azure: Azure) -> None:
    """A free one goes by an operation."""
    await _root(azure)
    await azure.put(CIDR, {"properties": {"addressPrefixes": ["10.0.0.0/24"]}})
    assert _code(await azure.delete(POOL)) == (409, "IpamPoolInUse")
    assert (await azure.delete(CIDR)).status_code == 202
    azure.clock.advance(A_WHILE)
    response = await azure.delete(POOL)
    assert response.status_code == 202
    azure.clock.advance(A_WHILE)
    assert (await azure.poll(response)).json()["status"] == "Succeeded"
    assert (await azure.delete(POOL)).status_code == 204


async def test_a_pool_is_patched(azure: Azure) -> None:
    """Name and tags; the prefixes stay."""
    await _root(azure)
    body = {"tags": {"a": "b"}, "properties": {"displayName": "Root", "addressPrefixes": []}}
    response = await azure.ask("PATCH", POOL, body)
    assert response.json()["tags"] == {"a": "b"}
    assert response.json()["properties"]["displayName"] == "Root"
    assert response.json()["properties"]["addressPrefixes"] == ["10.0.0.0/16"]
