"""Network verifier: workspaces, intents and runs."""

from typing import Any

from tests.simulator.azure import A_WHILE, Azure, a_network
from tests.simulator.manager import A_MANAGER, MANAGER, MANAGER_ID, network_id, put

WORKSPACE = f"{MANAGER}/verifierWorkspaces/w"
INTENT = f"{WORKSPACE}/reachabilityAnalysisIntents/i"
RUN = f"{WORKSPACE}/reachabilityAnalysisRuns/r"
A_RUN = {
    "properties": {"intentId": f"{MANAGER_ID}/verifierWorkspaces/w/reachabilityAnalysisIntents/i"}
}


def an_intent(source: str, destination: str) -> dict[str, Any]:
    """Return the body of a question on https between two subnets."""
    traffic = {
        "sourceIps": ["10.0.0.4"],
        "destinationIps": ["10.0.1.4"],
        "sourcePorts": ["*"],
        "destinationPorts": ["443"],
        "protocols": ["TCP"],
    }
    ends = {"sourceResourceId": source, "destinationResourceId": destination}
    return {"properties": {**ends, "ipTraffic": traffic}}


async def _asked(azure: Azure, destination: str = "b") -> None:
    await azure.made("virtualNetworks/v", a_network(a="10.0.0.0/24", b="10.0.1.0/24"))
    await put(azure, MANAGER, A_MANAGER)
    response = await azure.put(WORKSPACE, {"location": "westeurope", "properties": {}})
    assert response.status_code == 201, response.text
    subnets = f"{network_id('v')}/subnets"
    body = an_intent(f"{subnets}/a", f"{subnets}/{destination}")
    response = await azure.put(INTENT, body)
    assert response.status_code == 201, response.text


async def test_a_run_ends_with_a_result(azure: Azure) -> None:
    """Updating at first; the intent is kept as it was."""
    await _asked(azure)
    response = await azure.put(RUN, A_RUN)
    assert response.status_code == 201
    assert response.json()["properties"]["provisioningState"] == "Updating"
    azure.clock.advance(64)
    properties = (await azure.get(RUN))["properties"]
    assert properties["provisioningState"] == "Succeeded"
    assert properties["intentContent"]["ipTraffic"]["destinationPorts"] == ["443"]
    assert "NotComputed" in properties["analysisResult"]


async def test_a_run_on_what_is_not_there_fails(azure: Azure) -> None:
    """The message names it."""
    await _asked(azure, destination="nowhere")
    await azure.put(RUN, A_RUN)
    azure.clock.advance(A_WHILE)
    properties = (await azure.get(RUN))["properties"]
    assert properties["provisioningState"] == "Failed"
    assert "subnets/nowhere" in properties["errorMessage"]


async def test_what_is_not_there_is_told_by_its_name(azure: Azure) -> None:
    """Without an envelope, as recorded."""
    await _asked(azure)
    for path, noun in ((f"{INTENT}2", "Intent i2"), (f"{RUN}2", "Run r2")):
        response = await azure.ask("GET", path)
        assert response.status_code == 404
        assert response.json()["message"] == f"Reachability Analysis {noun} was not found."


async def test_an_intent_needs_all_of_the_question(azure: Azure) -> None:
    """Ends and traffic."""
    await _asked(azure)
    response = await azure.put(f"{INTENT}2", {"properties": {"sourceResourceId": "x"}})
    assert response.status_code == 400
    assert "destinationResourceId" in response.json()["message"]


async def test_runs_and_workspaces_go_by_an_operation_and_intents_at_once(azure: Azure) -> None:
    """As the SDK knows it."""
    await _asked(azure)
    await azure.put(RUN, A_RUN)
    azure.clock.advance(A_WHILE)
    assert (await azure.delete(RUN)).status_code == 202
    azure.clock.advance(A_WHILE)
    assert (await azure.delete(INTENT)).status_code == 200
    assert (await azure.delete(INTENT)).status_code == 204
    assert (await azure.delete(WORKSPACE)).status_code == 202
