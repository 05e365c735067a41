"""The record sets of private zones."""

from typing import Any

import pytest

from tests.simulator.azure import NETWORK, SUBSCRIPTION, Azure

ZONE = "privateDnsZones/corp.internal"
WWW = f"{ZONE}/A/www"


def addresses(*texts: str, **more: Any) -> dict[str, Any]:
    """Return the body of a record set with these IPv4 addresses."""
    records = [{"ipv4Address": text} for text in texts]
    return {"properties": {"ttl": 3600, "aRecords": records, **more}}


@pytest.fixture
async def zone(azure: Azure) -> Azure:
    """Make a zone."""
    await azure.made(ZONE, {"location": "global"})
    return azure


async def test_a_record_set_is_written_at_once(zone: Azure) -> None:
    """201 and then 200, each with an ETag header that the body repeats (recorded)."""
    new = await zone.put(WWW, addresses("10.0.1.9"))
    assert (new.status_code, new.headers["etag"]) == (201, new.json()["etag"])
    assert "azure-asyncoperation" not in new.headers
    assert new.json() == {
        "id": f"{NETWORK}/{WWW}",
        "name": "www",
        "type": "Microsoft.Network/privateDnsZones/A",
        "etag": new.json()["etag"],
        "properties": {
            "fqdn": "www.corp.internal.",
            "ttl": 3600,
            "aRecords": [{"ipv4Address": "10.0.1.9"}],
            "isAutoRegistered": False,
        },
    }
    again = await zone.put(WWW, addresses("10.0.1.10"))
    assert again.status_code == 200
    assert again.headers["etag"] != new.headers["etag"]
    assert (await zone.ask("GET", WWW)).headers["etag"] == again.headers["etag"]


@pytest.mark.parametrize(
    ("kind", "records"),
    [
        ("AAAA", {"aaaaRecords": [{"ipv6Address": "2001:db8::1"}]}),
        ("CNAME", {"cnameRecord": {"cname": "example.com"}}),
        ("MX", {"mxRecords": [{"exchange": "mail.example.com", "preference": 0}]}),
        ("PTR", {"ptrRecords": [{"ptrdname": "example.com"}]}),
        ("SRV", {"srvRecords": [{"port": 80, "priority": 0, "target": "a.b", "weight": 5}]}),
        ("TXT", {"txtRecords": [{"value": ["text"]}]}),
    ],
)
async def test_each_type_holds_its_records(zone: Azure, kind: str, records: dict[str, Any]) -> None:
    """In the property that is the type's own."""
    response = await zone.put(f"{ZONE}/{kind}/x", {"properties": {"ttl": 60, **records}})
    assert response.status_code == 201
    assert response.json()["type"] == f"Microsoft.Network/privateDnsZones/{kind}"
    expected = {"fqdn": "x.corp.internal.", "ttl": 60, **records, "isAutoRegistered": False}
    assert response.json()["properties"] == expected


async def test_a_zone_counts_its_record_sets_and_lists_them(zone: Azure) -> None:
    """The start of authority is the first; `ALL` is the list of all types."""
    await zone.put(WWW, addresses("10.0.0.1"))
    await zone.put(f"{ZONE}/TXT/note", {"properties": {"ttl": 60}})
    assert (await zone.get(ZONE))["properties"]["numberOfRecordSets"] == 3
    everything = (await zone.get(f"{ZONE}/ALL"))["value"]
    assert [item["type"].rsplit("/", 1)[1] for item in everything] == ["SOA", "A", "TXT"]
    assert [item["name"] for item in (await zone.get(f"{ZONE}/A"))["value"]] == ["www"]
    named = await zone.get(f"{ZONE}/ALL?$recordsetnamesuffix=ote")
    assert [item["name"] for item in named["value"]] == ["note"]


async def test_the_start_of_authority_can_be_changed_and_not_deleted(zone: Azure) -> None:
    """It is there from the first, at the name of the zone."""
    path = f"{ZONE}/SOA/@"
    before = await zone.get(path)
    assert before["properties"]["fqdn"] == "corp.internal."
    record = {**before["properties"]["soaRecord"], "refreshTime": 7200}
    changed = await zone.put(path, {"properties": {"ttl": 60, "soaRecord": record}})
    assert changed.status_code == 200
    assert (await zone.delete(path)).status_code == 400


async def test_a_patch_leaves_alone_what_it_does_not_mention(zone: Azure) -> None:
    """Metadata alone keeps the addresses (the swagger's example)."""
    await zone.put(WWW, addresses("10.0.0.1"))
    changed = await zone.ask("PATCH", WWW, {"properties": {"metadata": {"a": "b"}}})
    assert changed.status_code == 200
    properties = changed.json()["properties"]
    assert properties["metadata"] == {"a": "b"}
    assert properties["aRecords"] == [{"ipv4Address": "10.0.0.1"}]


async def test_a_failed_condition_is_refused_at_once_without_envelope(zone: Azure) -> None:
    """412, where zones and links answer 202 (recordings.md section 5)."""
    await zone.put(WWW, addresses("10.0.0.1"))
    changed = await zone.put(WWW, addresses("10.0.0.2"), if_match="another")
    taken = await zone.put(WWW, addresses("10.0.0.2"), if_none_match="*")
    assert changed.status_code == taken.status_code == 412
    assert changed.json() == {
        "code": "PreconditionFailed",
        "message": "The Record set www has been modified (etag mismatch).",
    }
    assert taken.json()["message"] == (
        "The Record set www exists already and hence cannot be created again."
    )
    etag = (await zone.get(WWW))["etag"]
    assert (await zone.put(WWW, addresses("10.0.0.2"), if_match=etag)).status_code == 200


async def test_an_absent_record_set_is_not_found_without_envelope(zone: Azure) -> None:
    """And deleting it is no content."""
    response = await zone.ask("GET", WWW)
    assert (response.status_code, "x-ms-failure-cause" in response.headers) == (404, False)
    subscription = SUBSCRIPTION.rsplit("/", 1)[1]
    assert response.json() == {
        "code": "NotFound",
        "message": "The resource record 'www' does not exist in resource group 'rg' of "
        f"subscription '{subscription}'.",
    }
    assert (await zone.delete(WWW)).status_code == 204


@pytest.mark.parametrize(("method", "verb"), [("PUT", "write"), ("DELETE", "delete")])
async def test_a_record_set_needs_its_zone(azure: Azure, method: str, verb: str) -> None:
    """The gateway says so, in words that differ from a link's 204."""
    response = await azure.ask(method, WWW, addresses() if method == "PUT" else None)
    assert (response.status_code, response.headers["x-ms-failure-cause"]) == (404, "gateway")
    error = response.json()["error"]
    assert error["code"] == "ParentResourceNotFound"
    assert error["message"] == (
        f"Failed to perform '{verb}' on resource(s) of type 'privateDnsZones/A', "
        f"because the parent resource '{NETWORK}/{ZONE}' could not be found."
    )


async def test_an_alias_stands_alone(zone: Azure) -> None:
    """Neither at the apex nor beside another record set of its name."""
    alias = {"properties": {"ttl": 60, "cnameRecord": {"cname": "example.com"}}}
    await zone.put(WWW, addresses("10.0.0.1"))
    for path in (f"{ZONE}/CNAME/www", f"{ZONE}/CNAME/@"):
        response = await zone.put(path, alias)
        assert (response.status_code, response.json()["code"]) == (400, "BadRequest")


async def test_an_address_is_one(zone: Azure) -> None:
    """Each type its own family."""
    assert (await zone.put(WWW, addresses("fd00::1"))).json()["code"] == "BadRequest"


async def test_a_zone_takes_its_record_sets_along(zone: Azure) -> None:
    """The same zone made again has none of them."""
    await zone.put(WWW, addresses("10.0.0.1"))
    await zone.gone(ZONE)
    made = await zone.made(ZONE, {"location": "global"})
    assert made["properties"]["numberOfRecordSets"] == 1
