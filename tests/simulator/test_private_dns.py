"""Private zones and their links."""

import base64
from typing import Any

from tests.simulator.azure import NETWORK, SUBSCRIPTION, Azure, a_network, code_of

ZONE = "privateDnsZones/corp.internal"
LINK = f"{ZONE}/virtualNetworkLinks/hub"
GLOBAL = {"location": "global"}


def a_link(network: str = "hub", *, registers: bool = False) -> dict[str, Any]:
    """Return the body of a link."""
    target = {"id": f"{NETWORK}/virtualNetworks/{network}"}
    return {**GLOBAL, "properties": {"registrationEnabled": registers, "virtualNetwork": target}}


async def test_a_zone_is_accepted_with_an_empty_object(azure: Azure) -> None:
    """202 for create and update alike, polls are 202 until they are 200."""
    response = await azure.put(ZONE, GLOBAL)
    assert (response.status_code, response.json()) == (202, {})
    assert "/privateDnsOperationStatuses/" in response.headers["azure-asyncoperation"]
    assert "/privateDnsOperationResults/" in response.headers["location"]
    assert response.headers["retry-after"] == "30"
    assert (await azure.poll(response)).status_code == 202
    azure.clock.advance(60)
    done = await azure.poll(response)
    assert (done.status_code, done.json()) == (200, {"status": "Succeeded"})


async def test_a_zone_counts_its_links(azure: Azure) -> None:
    """One with registration, one without."""
    await azure.made(ZONE, GLOBAL)
    for name, registers in (("hub", True), ("spoke", False)):
        await azure.made(f"virtualNetworks/{name}", a_network())
        await azure.made(f"{ZONE}/virtualNetworkLinks/{name}", a_link(name, registers=registers))
    counts = (await azure.get(ZONE))["properties"]
    assert counts["numberOfRecordSets"] == 1
    assert counts["numberOfVirtualNetworkLinks"] == 2
    assert counts["numberOfVirtualNetworkLinksWithRegistration"] == 1


async def test_a_link_is_in_progress_and_then_completed(azure: Azure) -> None:
    """The keys come in Azure's order."""
    await azure.made(ZONE, GLOBAL)
    await azure.made("virtualNetworks/hub", a_network())
    await azure.put(LINK, a_link())
    assert (await azure.get(LINK))["properties"]["virtualNetworkLinkState"] == "InProgress"
    azure.clock.advance(60)
    link = await azure.get(LINK)
    assert link["properties"]["virtualNetworkLinkState"] == "Completed"
    assert list(link) == ["id", "name", "type", "etag", "location", "properties"]


async def test_a_link_has_tags_though_it_is_a_child(azure: Azure) -> None:
    """PUT sets them and PATCH changes them."""
    await azure.made(ZONE, GLOBAL)
    await azure.made("virtualNetworks/hub", a_network())
    made = await azure.made(LINK, {**a_link(), "tags": {"a": "b"}})
    changed = await azure.ask("PATCH", LINK, {"tags": {"a": "c"}})
    assert (made["tags"], changed.json()["tags"]) == ({"a": "b"}, {"a": "c"})


async def test_links_of_one_zone_do_not_exclude_each_other(azure: Azure) -> None:
    """A hundred networks are linked side by side."""
    await azure.made(ZONE, GLOBAL)
    await azure.made("virtualNetworks/hub", a_network())
    await azure.made("virtualNetworks/spoke", a_network())
    await azure.put(LINK, a_link())
    response = await azure.put(f"{ZONE}/virtualNetworkLinks/spoke", a_link("spoke"))
    assert response.status_code == 202


async def test_a_failed_condition_shows_in_the_poll(azure: Azure) -> None:
    """202 first, PreconditionFailed later (recordings.md section 5)."""
    await azure.made(ZONE, GLOBAL)
    response = await azure.put(ZONE, GLOBAL, if_none_match="*")
    assert (response.status_code, (await azure.poll(response)).status_code) == (202, 202)
    azure.clock.advance(60)
    body = (await azure.poll(response)).json()
    assert (body["status"], body["error"]["code"]) == ("Failed", "PreconditionFailed")


async def test_a_zone_with_links_cannot_go(azure: Azure) -> None:
    """409 from the gateway, naming a link."""
    await azure.made(ZONE, GLOBAL)
    await azure.made("virtualNetworks/hub", a_network())
    await azure.made(LINK, a_link())
    response = await azure.delete(ZONE)
    assert (response.status_code, code_of(response)) == (409, "CannotDeleteResource")
    await azure.gone(LINK)
    await azure.gone(ZONE)


async def test_deleting_a_link_of_an_absent_zone_is_no_content(azure: Azure) -> None:
    """As recorded."""
    assert (await azure.delete(LINK)).status_code == 204


async def test_one_registration_zone_a_network(azure: Azure) -> None:
    """The second is refused."""
    await azure.made(ZONE, GLOBAL)
    await azure.made("privateDnsZones/other.internal", GLOBAL)
    await azure.made("virtualNetworks/hub", a_network())
    await azure.made(LINK, a_link(registers=True))
    response = await azure.put(
        "privateDnsZones/other.internal/virtualNetworkLinks/hub", a_link(registers=True)
    )
    assert (response.status_code, code_of(response)) == (409, "Conflict")


async def test_a_network_takes_its_links_along(azure: Azure) -> None:
    """The zone is free afterwards."""
    await azure.made(ZONE, GLOBAL)
    await azure.made("virtualNetworks/hub", a_network())
    await azure.made(LINK, a_link())
    await azure.gone("virtualNetworks/hub")
    assert (await azure.get(f"{ZONE}/virtualNetworkLinks"))["value"] == []


async def test_the_url_of_an_operation_says_what_it_does(azure: Azure) -> None:
    """The token reads like the recorded ones, down to the padding."""
    response = await azure.put(ZONE, GLOBAL)
    token = response.headers["azure-asyncoperation"].rsplit("/", 1)[1].partition("?")[0]
    words = base64.b64decode(token).decode().split(";")
    assert words[:2] == ["FrontEndAsyncOperation", "UpsertPrivateDnsZone"]
    assert words[2].endswith("_" + SUBSCRIPTION.rsplit("/", 1)[1])


async def test_an_old_version_knows_no_internal_id(azure: Azure) -> None:
    """2018-09-01 leaves it out (recorded)."""
    assert "internalId" in (await azure.made(ZONE, GLOBAL))["properties"]
    old = await azure.get(f"{ZONE}?api-version=2018-09-01")
    assert "internalId" not in old["properties"]


async def test_a_delete_for_another_etag_fails_in_the_poll(azure: Azure) -> None:
    """As a PUT does; the zone stays."""
    await azure.made(ZONE, GLOBAL)
    response = await azure.ask("DELETE", ZONE, headers={"If-Match": "another"})
    assert response.status_code == 202
    azure.clock.advance(60)
    assert (await azure.poll(response)).json()["error"]["code"] == "PreconditionFailed"
    assert (await azure.ask("GET", ZONE)).status_code == 200
