"""Network managers of others: what they deploy to our networks is proved on, and is never ours."""

from __future__ import annotations

from typing import Any

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from azure_api.client import Azure
from azure_api.effects import effective_ids
from tests.azure_api.in_process import SUBSCRIPTION, a_tenant, connected_by, simulated_azure
from tests.builders import a_network
from tests.carry_out import apply_network, read_network
from tests.life import by_hand
from tests.life.managers import deploy, manager_id
from tests.life.outsider import outsider
from topology.forecast.calls import Counting
from topology.network import Network
from topology.planning.actual import Actual
from topology.planning.planner import make_plan
from topology.verification.effective import Heard, after_hearing, disagreements
from topology.verification.outlook import look_ahead
from topology.verification.verdict import Verdict, model_of, proof_of, prove

ONE = a_network("eastus")
APART = [ONE.names.vnet_id("eastus", name) for name in ("prod", "nonprod")]
CORP = manager_id(SUBSCRIPTION)
TENANT = a_tenant(2)
OTHER = TENANT.subscription_ids[1]
ELSEWHERE = manager_id(OTHER)
STATUS = "Microsoft.Network/networkManagers/listDeploymentStatus"


def _proved(network: Network, actual: Actual) -> Verdict:
    return prove(proof_of(network, model_of(network, actual, as_read=True)))


async def test_what_another_manager_deploys_is_proved_on() -> None:
    """It meshes spokes that are kept apart, and always allows before their rules: that is found.

    Azure's own word is the same then, and nothing of it is in a plan. The forecast of a plan
    knows how many calls reading it takes.
    """
    async with simulated_azure(settings=TENANT) as (azure, world):
        assert await apply_network(azure, ONE) == {}
        alone = await _calls(azure)
        await deploy(azure, world, CORP, APART)
        beside = await _calls(azure)
        actual = await read_network(azure, ONE)
        listed = await effective_ids(azure, APART)
    verdict = _proved(ONE, actual)

    found = {(item.rule, item.between): item.text for item in verdict.findings}
    way = found["isolation", "vnet-sample-nonprod-eastus to vnet-sample-prod-eastus"]
    assert "by mesh (networkManagers/corp/connectivityConfigurations/corp-mesh)" in way
    assert {rule for rule, _ in found} == {"isolation", "around", "denial"}
    assert list(disagreements(model_of(ONE, actual, as_read=True), listed)) == []
    plan = make_plan(ONE, actual)
    assert plan.work == ()
    assert beside - alone == Counting(plan).reading_others(actual).total() == 6


async def test_whom_a_manager_reaches_is_named_where_nobody_may_ask_who_is_in_its_groups() -> None:
    """Resource Graph refuses: each configuration that is deployed is named, and reading goes on."""
    async with simulated_azure(settings=TENANT) as (azure, world):
        assert await apply_network(azure, ONE) == {}
        await deploy(azure, world, CORP, APART)
        azure.transport.app = _without_resource_graph(azure.transport.app)
        actual = await read_network(azure, ONE)

    assert _proved(ONE, actual).unread == tuple(
        f"what configuration {name} of network manager corp does in eastus, which may not be read"
        for name in ("corp-mesh", "corp-rules")
    )


async def test_a_manager_that_may_not_be_asked_is_named_and_found_by_azures_lists() -> None:
    """The proof of what was read says what it does not know; what Azure lists then is a finding."""
    async with simulated_azure(settings=TENANT) as (azure, world):
        assert await apply_network(azure, ONE) == {}
        await deploy(azure, world, CORP, APART)
        world.faults.add(
            method="POST",
            type=STATUS,
            name="corp",
            status=403,
            code="AuthorizationFailed",
            times=None,
        )
        actual = await read_network(azure, ONE)
        listed = await effective_ids(azure, APART)
    verdict = _proved(ONE, actual)
    differing = tuple(disagreements(model_of(ONE, actual, as_read=True), listed))
    heard = after_hearing(verdict, Heard(2, differing, ()))

    [told] = verdict.unread
    assert told.startswith("what network manager corp has deployed")
    assert verdict.holds
    assert [(item.rule, item.between) for item in heard.findings] == [
        ("effective", "network manager corp")
    ]


async def test_a_manager_out_of_sight_leaves_nothing_proved_where_azure_lists_it() -> None:
    """It stands in a subscription that is not the topology's: each list names it."""
    async with simulated_azure(settings=TENANT) as (azure, world):
        assert await apply_network(azure, ONE) == {}
        await deploy(azure, world, ELSEWHERE, APART)
        async with connected_by(azure.transport) as ours:
            actual = await read_network(ours, ONE)
            listed = await effective_ids(ours, APART)
    differing = tuple(disagreements(model_of(ONE, actual, as_read=True), listed))
    verdict = after_hearing(_proved(ONE, actual), Heard(2, differing, ()))

    assert {item.whose for item in differing} == {"of a network manager that is not read"}
    [found] = verdict.findings
    assert found.text == (
        "Azure lists corp/corp-mesh, corp/corp-rules/c/inbound, corp/corp-rules/c/outbound as "
        "effective in vnet-sample-nonprod-eastus, vnet-sample-prod-eastus, and the manager (in "
        f"subscription {OTHER}) is not read"
    )
    assert not verdict.summary.startswith("proved")


async def test_a_manager_that_cannot_reach_ours_is_not_asked() -> None:
    """Its scope is another subscription: reading makes no call more, nor asks who is in groups."""
    async with simulated_azure(settings=TENANT) as (azure, world):
        assert await apply_network(azure, ONE) == {}
        alone = await _calls(azure)
        await deploy(azure, world, CORP, [], f"/subscriptions/{OTHER}")

        assert await _calls(azure) == alone


async def test_a_plan_does_not_make_again_what_a_configuration_keeps_taking_away() -> None:
    """AVNM has removed the peerings of a spoke, as a star of others told it to."""
    hub = f"{CORP.rpartition('/networkManagers/')[0]}/virtualNetworks/corp-hub"
    body = {
        "location": "eastus",
        "properties": {"addressSpace": {"addressPrefixes": ["172.30.0.0/22"]}, "subnets": []},
    }
    star: dict[str, Any] = {
        "connectivityTopology": "HubAndSpoke",
        "hubs": [{"resourceId": hub, "resourceType": "Microsoft.Network/virtualNetworks"}],
        "isGlobal": "False",
        "deleteExistingPeering": "True",
        "appliesToGroups": [
            {
                "networkGroupId": f"{CORP}/networkGroups/all",
                "groupConnectivity": "None",
                "isGlobal": "False",
                "useHubGateway": "False",
            }
        ],
    }
    async with simulated_azure(settings=TENANT) as (azure, world):
        assert await apply_network(azure, ONE) == {}
        async with outsider(azure, world) as client:
            await by_hand.write(client, hub.partition("/providers/")[0], {"location": "eastus"})
            await by_hand.write(client, hub, body)
        await deploy(azure, world, CORP, APART[:1], **star)
        actual = await read_network(azure, ONE)
    plan = make_plan(ONE, actual)

    assert [step for step in plan.work if "Peerings" in step.resource.id]
    refusal = look_ahead(ONE, plan, actual).refusal
    assert refusal is not None
    assert "configuration corp-mesh of network manager corp would remove" in refusal


async def _calls(azure: Azure) -> int:
    """Return how many calls it takes to read our network."""
    before = len(azure.transport.sent)
    await read_network(azure, ONE)
    return len(azure.transport.sent) - before


def _without_resource_graph(app: ASGIApp) -> ASGIApp:
    """Return an app in which Resource Graph answers nobody."""
    refusal = {"error": {"code": "AuthorizationFailed", "message": "no right to query"}}

    async def refusing(scope: Scope, receive: Receive, send: Send) -> None:
        refused = "Microsoft.ResourceGraph" in scope["path"]
        await (JSONResponse(refusal, status_code=403) if refused else app)(scope, receive, send)

    return refusing
