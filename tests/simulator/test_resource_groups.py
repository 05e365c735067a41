"""Resource groups."""

import base64
import json

import pytest

from tests.simulator.azure import GROUP, NETWORK, SUBSCRIPTION, Azure, a_network, code_of


async def test_a_group_is_created_once_and_then_updated(azure: Azure) -> None:
    """201 for the first PUT, 200 for the second."""
    response = await azure.put(GROUP, {"location": "westeurope", "tags": {"a": "b"}})
    assert response.status_code == 200
    assert response.json() == {
        "id": GROUP,
        "name": "rg",
        "type": "Microsoft.Resources/resourceGroups",
        "location": "westeurope",
        "tags": {"a": "b"},
        "properties": {"provisioningState": "Succeeded"},
    }


async def test_head_tells_whether_a_group_exists(azure: Azure) -> None:
    """204 or 404, without a body."""
    found = await azure.ask("HEAD", GROUP)
    missing = await azure.ask("HEAD", GROUP + "x")
    assert (found.status_code, missing.status_code, missing.content) == (204, 404, b"")


async def test_a_group_in_a_bad_region_is_refused_in_its_own_words(azure: Azure) -> None:
    """The code differs from that of other types."""
    response = await azure.put(GROUP + "2", {"location": "BadLocation"})
    assert code_of(response) == "LocationNotAvailableForResourceGroup"


async def test_a_group_cannot_move(azure: Azure) -> None:
    """The region is fixed."""
    response = await azure.put(GROUP, {"location": "northeurope"})
    assert (response.status_code, code_of(response)) == (409, "InvalidResourceLocation")


async def test_deleting_a_group_takes_its_resources_along(azure: Azure) -> None:
    """202, then 202 at the Location, then 200; the group reads Deleting meanwhile."""
    await azure.made("virtualNetworks/v", a_network(a="10.0.0.0/24"))
    response = await azure.delete(GROUP)
    location = response.headers["location"]
    assert (response.status_code, response.headers["retry-after"]) == (202, "15")
    assert (await azure.get(GROUP))["properties"]["provisioningState"] == "Deleting"
    assert (await azure.ask("GET", location)).status_code == 202
    azure.clock.advance(100)
    assert (await azure.ask("GET", location)).status_code == 200
    assert code_of(await azure.ask("GET", "virtualNetworks/v")) == "ResourceGroupNotFound"
    assert (await azure.get(f"{SUBSCRIPTION}/resourceGroups"))["value"] == []


async def test_a_group_that_is_going_takes_no_more_resources(azure: Azure) -> None:
    """Azure refuses at once."""
    await azure.delete(GROUP)
    response = await azure.put("virtualNetworks/v", a_network())
    assert (response.status_code, code_of(response)) == (409, "ResourceGroupBeingDeleted")


async def test_a_group_whose_content_is_used_elsewhere_stays(azure: Azure) -> None:
    """The job fails and the group is rolled back."""
    other = f"{SUBSCRIPTION}/resourceGroups/other"
    await azure.put(other, {"location": "westeurope"})
    table = f"{other}/providers/Microsoft.Network/routeTables/t"
    await azure.made(table, {"location": "westeurope"})
    network = a_network(a="10.0.0.0/24")
    network["properties"]["subnets"][0]["properties"]["routeTable"] = {"id": table}
    await azure.made("virtualNetworks/v", network)
    location = (await azure.delete(other)).headers["location"]
    azure.clock.advance(100)
    assert code_of(await azure.ask("GET", location)) == "ResourceGroupDeletionBlocked"
    assert (await azure.get(other))["properties"]["provisioningState"] == "Succeeded"


async def test_asking_again_to_delete_a_group_is_told_of_the_same_job(azure: Azure) -> None:
    """Recorded (CreateResourceGroupThatAlreadyExists)."""
    first, second = await azure.delete(GROUP), await azure.delete(GROUP)
    assert (second.status_code, second.headers["retry-after"]) == (202, "15")
    assert first.headers["location"] == second.headers["location"]


async def test_the_job_of_a_long_name_is_cut(azure: Azure) -> None:
    """What is no letter or digit is written with its code, and the rest is a hash."""
    path = f"{SUBSCRIPTION}/resourceGroups/cli_test_rg_scenario{'x' * 55}"
    await azure.put(path, {"location": "westus"})
    token = (await azure.delete(path)).headers["location"].rsplit("/", 1)[1].partition("?")[0]
    job = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))["jobId"]
    name = job.removeprefix("RESOURCEGROUPDELETIONJOB-").removesuffix("-WESTUS")
    kept, _, digest = name.partition("|")
    assert kept.startswith("CLI:5FTEST:5FRG:5FSCENARIO")
    assert (len(kept), len(digest)) == (46, 16)


async def test_a_group_can_be_patched(azure: Azure) -> None:
    """Tags are replaced, and stay when none are sent."""
    changed = await azure.ask("PATCH", GROUP, {"tags": {"a": "b"}})
    assert (changed.status_code, changed.json()["tags"]) == (200, {"a": "b"})
    assert (await azure.ask("PATCH", GROUP, {})).json()["tags"] == {"a": "b"}


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        ("tagName eq 'env'", ["one", "two"]),
        ("tagname eq 'env' and tagvalue eq 'prod'", ["one"]),
        ("tagName eq 'env' and tagValue eq 'red'", []),
        ("startswith(tagName, 'co')", ["two"]),
        ("name eq 'ONE' or name eq 'two'", ["one", "two"]),
        ("substringof('w', name)", ["two"]),
        ("name ne 'one' and location eq 'northeurope'", ["two"]),
    ],
)
async def test_a_filter_keeps_the_groups_it_names(
    azure: Azure, wanted: str, names: list[str]
) -> None:
    """Name and value belong to one tag; case does not matter."""
    base = f"{SUBSCRIPTION}/resourceGroups"
    await azure.put(f"{base}/one", {"location": "westeurope", "tags": {"env": "prod"}})
    tags = {"env": "test", "colour": "red"}
    await azure.put(f"{base}/two", {"location": "northeurope", "tags": tags})
    found = await azure.get(f"{base}?$filter={wanted}")
    assert [item["name"] for item in found["value"]] == names


async def test_an_unknown_filter_is_refused(azure: Azure) -> None:
    """Rather than ignored."""
    response = await azure.ask("GET", f"{SUBSCRIPTION}/resourceGroups?$filter=colour eq 'red'")
    assert code_of(response) == "InvalidFilterInQueryString"


async def test_the_template_of_an_empty_group_is_empty(azure: Azure) -> None:
    """At once, as recorded (test_resource_group)."""
    response = await azure.ask("POST", f"{GROUP}/exportTemplate", {"resources": ["*"]})
    assert response.status_code == 200
    assert response.json()["template"] == {
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/"
        "deploymentTemplate.json#",
        "contentVersion": "1.0.0.0",
        "parameters": {},
        "variables": {},
        "resources": [],
    }


async def test_a_template_holds_what_was_chosen(azure: Azure) -> None:
    """With children, which depend on their parents."""
    await azure.made("virtualNetworks/v", a_network(a="10.0.0.0/24"))
    await azure.made("routeTables/t", {"location": "westeurope"})
    every = await azure.ask("POST", f"{GROUP}/exportTemplate", {"resources": ["*"]})
    found = every.json()["template"]["resources"]
    assert [item["name"] for item in found] == ["v", "v/a", "t"]
    assert found[1]["dependsOn"] == [
        "[resourceId('Microsoft.Network/virtualNetworks', 'v')]",
    ]
    chosen = {"resources": [f"{NETWORK}/routeTables/t"]}
    one = await azure.ask("POST", f"{GROUP}/exportTemplate", chosen)
    assert [item["name"] for item in one.json()["template"]["resources"]] == ["t"]
