"""Faults are ordinary input."""

from typing import Any

import httpx
import pytest

from simulator.app import create_app
from simulator.clock import ManualClock
from simulator.fault import Fault, Target
from simulator.faults import ConnectionDroppedError, ConnectionHungError, Faults
from simulator.identity import bearer_token
from simulator.settings import Settings
from tests.simulator.azure import (
    A_WHILE,
    GROUP,
    NETWORK,
    SUBSCRIPTION,
    Azure,
    a_network,
    a_table,
    code_of,
)

NETWORKS = "Microsoft.Network/virtualNetworks"
GROUPS = "Microsoft.Resources/resourceGroups"


# --- which requests, when and how often -------------------------------------------------


async def test_a_fault_hits_once_and_is_used_up(azure: Azure, faults: Faults) -> None:
    """The next request succeeds."""
    faults.add(method="PUT", type=NETWORKS, region="westeurope", code="Internal", status=500)
    assert (await azure.put("virtualNetworks/v", a_network())).status_code == 500
    assert (await azure.put("virtualNetworks/v", a_network())).status_code == 201


@pytest.mark.parametrize(
    "other",
    [{"region": "northeurope"}, {"name": "w"}, {"method": "DELETE"}, {"type": GROUPS}],
)
async def test_a_fault_meant_for_others_does_not_hit(
    azure: Azure, faults: Faults, other: dict[str, str]
) -> None:
    """A region, a resource, a verb or a type can fail alone."""
    faults.add(**{"method": "PUT", "type": NETWORKS, "times": None, **other})
    assert (await azure.put("virtualNetworks/v", a_network())).status_code == 201


async def test_a_fault_can_wait_for_its_moment_and_end_by_itself(
    azure: Azure, faults: Faults
) -> None:
    """Both are seconds from the moment it was given."""
    azure.clock.advance(100)
    faults.add(method="GET", type=GROUPS, status=503, code="Busy", after=10, until=20)
    seen = []
    for _ in range(5):
        seen.append((await azure.ask("GET", GROUP)).status_code)
        azure.clock.advance(5)
    assert seen == [200, 200, 503, 503, 200]
    assert faults.active == []


def test_the_same_seed_meets_the_same_chance() -> None:
    """And it is about as likely as was asked."""

    def met(seed: int) -> list[bool]:
        faults = Faults([Fault(type=GROUPS, probability=0.3, times=None)])
        faults.bind(lambda: 0.0, seed)
        target = Target("GET", GROUPS, "rg", "westeurope")
        return [faults.first("request", target) is not None for _ in range(1000)]

    assert met(1) == met(1) != met(2)
    assert 250 < sum(met(1)) < 350


async def test_faults_by_chance_change_no_duration(clock: ManualClock) -> None:
    """So that a run with faults can be compared with one without."""
    unlikely = Faults([Fault(type=GROUPS, probability=1e-9, times=None)])
    guids = []
    for faults in (Faults(), unlikely):
        app = create_app(clock, faults=faults)
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app),
            base_url="https://localhost",
            headers={"Authorization": f"Bearer {bearer_token(Settings())}"},
            params={"api-version": "2026-03-01"},
        ) as client:
            await client.put(GROUP, json={"location": "westeurope"})
            made = await client.put(f"{NETWORK}/virtualNetworks/v", json=a_network())
            guids.append(made.headers["azure-asyncoperation"])
    assert guids[0] == guids[1]


# --- errors -----------------------------------------------------------------------------


async def test_provisioning_can_fail_after_it_was_accepted(azure: Azure, faults: Faults) -> None:
    """The poll tells why, the resource reads Failed, and a new PUT repairs it."""
    faults.add(type=NETWORKS, when="provisioning", code="NoLuck", message="Try again.")
    response = await azure.put("virtualNetworks/v", a_network())
    assert response.status_code == 201
    azure.clock.advance(10)
    assert (await azure.poll(response)).json() == {
        "status": "Failed",
        "error": {"code": "NoLuck", "message": "Try again.", "details": []},
    }
    assert (await azure.get("virtualNetworks/v"))["properties"]["provisioningState"] == "Failed"
    again = await azure.made("virtualNetworks/v", a_network())
    assert again["properties"]["provisioningState"] == "Succeeded"


async def test_polls_fail_only_where_they_are_named(azure: Azure, faults: Faults) -> None:
    """A fault of any GET is not one of polls."""
    made = await azure.put("virtualNetworks/v", a_network())
    faults.add(method="GET", times=None)
    assert (await azure.poll(made)).status_code == 200
    faults.clear()
    faults.add(type="operations", region="westeurope", status=503, code="Busy")
    assert code_of(await azure.poll(made)) == "Busy"


# --- connections ------------------------------------------------------------------------


@pytest.mark.parametrize(("drop", "happened"), [("before", False), ("after", True)])
async def test_a_dropped_connection_leaves_the_client_in_doubt(
    azure: Azure, faults: Faults, drop: str, *, happened: bool
) -> None:
    """The write happened, or it did not."""
    faults.add(method="PUT", type=NETWORKS, drop=drop)
    with pytest.raises(ConnectionDroppedError):
        await azure.put("virtualNetworks/v", a_network())
    found = await azure.ask("GET", "virtualNetworks/v")
    assert (found.status_code == 200) is happened


@pytest.mark.parametrize(("hang", "happened"), [("before", False), ("after", True)])
async def test_a_connection_can_hang(
    azure: Azure, faults: Faults, hang: str, *, happened: bool
) -> None:
    """In process it is the transport that turns this into a read timeout."""
    faults.add(method="PUT", type=NETWORKS, hang=hang)
    with pytest.raises(ConnectionHungError):
        await azure.put("virtualNetworks/v", a_network())
    found = await azure.ask("GET", "virtualNetworks/v")
    assert (found.status_code == 200) is happened


# --- slowness ---------------------------------------------------------------------------


async def test_answers_can_be_late(azure: Azure, faults: Faults) -> None:
    """By simulated seconds, and so can refusals."""
    faults.add(latency=7)
    faults.add(method="PUT", type=NETWORKS, status=500)
    before = azure.clock.now()
    assert (await azure.put("virtualNetworks/v", a_network())).status_code == 500
    await azure.get(GROUP)
    assert azure.clock.now() == before + 14


@pytest.mark.parametrize("verb", ["put", "delete"])
async def test_operations_can_take_longer(azure: Azure, faults: Faults, verb: str) -> None:
    """Ten times as long as Azure's longest."""
    await azure.made("virtualNetworks/v", a_network())
    faults.add(type=NETWORKS, region="westeurope", slower=10)
    changed = a_network("10.0.0.0/15")
    write = azure.put("virtualNetworks/v", changed) if verb == "put" else None
    answer = await (write or azure.delete("virtualNetworks/v"))
    bounds = Settings().duration(NETWORKS, "update" if verb == "put" else "delete")
    azure.clock.advance(bounds[0] * 10 - 1)
    assert (await azure.poll(answer)).json()["status"] == "InProgress"
    azure.clock.advance((bounds[1] - bounds[0]) * 10 + 1)
    assert (await azure.poll(answer)).json()["status"] == "Succeeded"


# --- throttling -------------------------------------------------------------------------


async def test_a_bucket_can_be_emptied(azure: Azure, faults: Faults) -> None:
    """The next request is refused as if its sender had used it up."""
    faults.add(method="GET", throttle="empty")
    refused = await azure.ask("GET", GROUP)
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "10")
    azure.clock.advance(10)
    assert (await azure.ask("GET", GROUP)).status_code == 200


async def test_a_rate_can_be_divided(azure: Azure, faults: Faults) -> None:
    """Fifty tokens a read leave five of 250."""
    faults.add(throttle=50, until=60)
    assert [(await azure.ask("GET", GROUP)).status_code for _ in range(6)] == [200] * 5 + [429]
    azure.clock.advance(60)
    assert (await azure.ask("GET", GROUP)).status_code == 200


# --- a region that is out ---------------------------------------------------------------


async def test_a_region_that_is_out_answers_nothing_on_its_resources(
    azure: Azure, faults: Faults
) -> None:
    """Reads, writes and polls; other regions, groups and lists answer."""
    made = await azure.put("virtualNetworks/v", a_network())
    faults.add(region="westeurope", outage=True)
    asked = [
        await azure.ask("GET", "virtualNetworks/v"),
        await azure.put("virtualNetworks/w", a_network()),
        await azure.ask("GET", "virtualNetworks/v/subnets"),
        await azure.poll(made),
    ]
    assert {answer.status_code for answer in asked} == {504}
    assert code_of(asked[0]) == "GatewayTimeout"
    assert asked[0].headers["x-ms-failure-cause"] == "service"
    elsewhere = {**a_network(), "location": "northeurope"}
    assert (await azure.put("virtualNetworks/x", elsewhere)).status_code == 201
    assert (await azure.get(GROUP))["location"] == "westeurope"
    listed = await azure.get(f"{SUBSCRIPTION}/providers/{NETWORKS}")
    assert [item["name"] for item in listed["value"]] == ["v", "x"]


async def test_an_outage_can_answer_otherwise_and_end(azure: Azure, faults: Faults) -> None:
    """Nobody knows what the next one will say."""
    faults.add(region="westeurope", outage=True, status=503, code="ServiceUnavailable", until=60)
    assert code_of(await azure.put("virtualNetworks/v", a_network())) == "ServiceUnavailable"
    azure.clock.advance(60)
    assert (await azure.put("virtualNetworks/v", a_network())).status_code == 201


async def _status_after(azure: Azure, seconds: float) -> str:
    """Commit to West Europe by a manager that is elsewhere; return how it stands later."""
    manager = {
        "location": "northeurope",
        "properties": {
            "networkManagerScopes": {"subscriptions": [SUBSCRIPTION]},
            "networkManagerScopeAccesses": ["Connectivity"],
        },
    }
    await azure.put("networkManagers/m", manager)
    wanted = {"commitType": "Connectivity", "targetLocations": ["westeurope"]}
    answer = await azure.ask("POST", "networkManagers/m/commit", wanted)
    assert answer.status_code == 202
    azure.clock.advance(seconds)
    path = "networkManagers/m/listDeploymentStatus"
    [status] = (await azure.ask("POST", path, {})).json()["value"]
    return str(status["deploymentStatus"])


async def test_a_commit_to_a_region_that_is_out_fails(azure: Azure, faults: Faults) -> None:
    """The manager is elsewhere and accepts it."""
    faults.add(region="westeurope", outage=True)
    assert await _status_after(azure, A_WHILE) == "Failed"


async def test_a_commit_can_take_longer_in_one_region(azure: Azure, faults: Faults) -> None:
    """As operations do."""
    faults.add(region="westeurope", slower=10)
    longest = Settings().commit_duration[1]
    assert await _status_after(azure, longest + 60) == "Deploying"


# --- tokens -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("token", "code"),
    [("expired", "ExpiredAuthenticationToken"), ("invalid", "InvalidAuthenticationToken")],
)
async def test_a_token_can_be_refused(azure: Azure, faults: Faults, token: str, code: str) -> None:
    """With the challenge that makes a client drop it; polls are refused too."""
    made = await azure.put("virtualNetworks/v", a_network())
    faults.add(token=token, times=2)
    for answer in (await azure.ask("GET", GROUP), await azure.poll(made)):
        assert (answer.status_code, code_of(answer)) == (401, code)
        assert answer.headers["www-authenticate"].startswith("Bearer ")
    assert (await azure.ask("GET", GROUP)).status_code == 200


async def test_entra_can_refuse_to_give_a_token(client: httpx.AsyncClient, faults: Faults) -> None:
    """As it does when a secret is over."""
    settings = Settings()
    form = {
        "grant_type": "client_credentials",
        "client_id": settings.client_id,
        "client_secret": settings.client_secret,
        "scope": "https://management.azure.com/.default",
    }
    faults.add(token="refused")
    path = f"/{settings.tenant_id}/oauth2/v2.0/token"
    refused = await client.post(path, data=form)
    assert refused.json()["error_description"].startswith("AADSTS7000222: ")
    assert (await client.post(path, data=form)).status_code == 200


# --- stale reads ------------------------------------------------------------------------


async def test_a_group_that_was_just_made_can_be_missing_for_a_while(
    azure: Azure, faults: Faults
) -> None:
    """It is 404, and it is not listed; a HEAD says the same."""
    faults.add(type=GROUPS, stale=30)
    new = f"{SUBSCRIPTION}/resourceGroups/new"
    assert (await azure.put(new, {"location": "westeurope"})).status_code == 201
    listed = await azure.get(f"{SUBSCRIPTION}/resourceGroups")
    assert [item["name"] for item in listed["value"]] == ["rg"]
    assert code_of(await azure.ask("GET", new)) == "ResourceGroupNotFound"
    assert (await azure.ask("HEAD", new)).status_code == 404
    azure.clock.advance(30)
    assert (await azure.get(new))["name"] == "new"


async def test_a_changed_resource_can_show_its_old_body(azure: Azure, faults: Faults) -> None:
    """Alone and in a list, with its old etag."""
    before = await azure.made("routeTables/t", a_table())
    faults.add(region="westeurope", stale=30)
    await azure.put("routeTables/t", a_table(("0.0.0.0/0", "Internet")))
    azure.clock.advance(10)
    answer = await azure.ask("GET", "routeTables/t")
    assert (answer.json(), answer.headers["etag"]) == (before, before["etag"])
    assert (await azure.get("routeTables"))["value"] == [before]
    azure.clock.advance(20)
    assert len((await azure.get("routeTables/t"))["properties"]["routes"]) == 1


async def test_a_deleted_resource_can_still_be_there(azure: Azure, faults: Faults) -> None:
    """Until the readers have heard of it."""
    before = await azure.made("routeTables/t", a_table())
    faults.add(stale=600)
    await azure.delete("routeTables/t")
    azure.clock.advance(60)
    assert await azure.get("routeTables/t") == before
    assert (await azure.get("routeTables"))["value"] == [before]
    azure.clock.advance(600)
    assert (await azure.ask("GET", "routeTables/t")).status_code == 404


async def test_a_deleted_resource_is_listed_on_one_page(clock: ManualClock) -> None:
    """On the last one."""
    faults = Faults([Fault(stale=600)])
    app = create_app(clock, settings=Settings(page_size=2), faults=faults)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app),
        base_url="https://localhost",
        headers={"Authorization": f"Bearer {bearer_token(Settings())}"},
        params={"api-version": "2026-03-01"},
    ) as client:
        azure = Azure(client, clock)
        await azure.put(GROUP, {"location": "westeurope"})
        for name in "abcd":
            await azure.put(f"routeTables/{name}", a_table())
        clock.advance(A_WHILE)
        await azure.delete("routeTables/a")
        clock.advance(60)
        first = await azure.get("routeTables")
        second = await azure.get(first["nextLink"])
    assert [item["name"] for item in first["value"]] == ["b", "c"]
    assert [item["name"] for item in second["value"]] == ["d", "a"]


async def test_a_write_that_was_refused_leaves_no_past(azure: Azure, faults: Faults) -> None:
    """Nothing was changed by it."""
    faults.add(stale=600)
    await azure.put("routeTables/t", {"location": "nowhere"})
    faults.clear()
    faults.add(stale=600)
    assert (await azure.ask("GET", "routeTables/t")).status_code == 404


# --- over HTTP --------------------------------------------------------------------------


async def test_faults_are_set_listed_and_lifted_over_http(azure: Azure) -> None:
    """Operators rehearse failures on a running server."""
    fault = {"method": "GET", "type": GROUPS, "status": 503}
    await azure.ask("POST", "/_simulator/faults", [{**fault, "code": "Busy", "times": None}])
    assert code_of(await azure.ask("GET", GROUP)) == "Busy"
    assert (await azure.get("/_simulator/faults"))["value"][0]["status"] == 503
    await azure.ask("DELETE", "/_simulator/faults")
    assert (await azure.ask("GET", GROUP)).status_code == 200


async def test_what_is_listed_says_how_often_a_fault_can_still_strike(azure: Azure) -> None:
    """And can be given again as it is."""
    await azure.ask("POST", "/_simulator/faults", {"type": GROUPS, "status": 503, "times": 3})
    await azure.ask("GET", GROUP)
    [left] = (await azure.get("/_simulator/faults"))["value"]
    assert left["times"] == 2
    assert (await azure.ask("POST", "/_simulator/faults", left)).status_code == 200


async def test_a_fault_that_makes_no_sense_is_refused_whole(azure: Azure) -> None:
    """With the place, the reason and the way out; nothing of the list is in force."""
    given: list[dict[str, Any]] = [{"status": 503}, {"typ": GROUPS}]
    answer = await azure.ask("POST", "/_simulator/faults", given)
    assert (answer.status_code, code_of(answer)) == (400, "InvalidFault")
    assert answer.json()["error"]["details"] == [
        {
            "target": "faults[1].typ",
            "message": 'is not a field of a fault; did you mean "type"?',
        }
    ]
    assert (await azure.get("/_simulator/faults"))["value"] == []


async def test_what_is_no_json_is_refused(azure: Azure) -> None:
    """And nothing else happens."""
    answer = await azure.client.post("/_simulator/faults", content="- type: yaml")
    assert (answer.status_code, code_of(answer)) == (400, "InvalidRequestContent")


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/met"), ("POST", "/x"), ("PUT", ""), ("PATCH", "")]
)
async def test_other_control_paths_are_none(azure: Azure, method: str, path: str) -> None:
    """What a journal alone may say cannot be sent either."""
    response = await azure.ask(method, f"/_simulator/faults{path}", {})
    assert response.status_code == 404
