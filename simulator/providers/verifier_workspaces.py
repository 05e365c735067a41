"""Microsoft.Network/networkManagers/verifierWorkspaces, with intents and runs.

A run ends, and says why it cannot: what it names does not exist. What a real analysis finds
is not computed; the result says so.
"""

import json
from collections.abc import Mapping
from typing import Any, ClassVar

from simulator.arm.call import Call, Reply
from simulator.arm.draft import Draft
from simulator.arm.store import Resource
from simulator.arm.world import World
from simulator.avnm.tracked import TrackedProvider, plain_error
from simulator.avnm.types import INTENT, RUN, WORKSPACE

_CONTENT = ("description", "sourceResourceId", "destinationResourceId", "ipTraffic")
_RESULT = {"resultOutcome": "NotComputed", "errors": [], "warnings": [], "paths": []}
_TRAFFIC = ("sourceIps", "destinationIps", "sourcePorts", "destinationPorts", "protocols")


class VerifierWorkspaces(TrackedProvider):
    """Workspaces of network verifier."""

    type = WORKSPACE
    operation_name = "VerifierWorkspace"
    noun = "Verifier Workspace"
    layout = ("description", "provisioningState")


class ReachabilityAnalysisIntents(TrackedProvider):
    """Questions: whether certain traffic gets from one resource to another."""

    type = INTENT
    operation_name = "ReachabilityAnalysisIntent"
    noun = "Reachability Analysis Intent"
    has_tags = False
    layout = ("provisioningState", *_CONTENT)

    def validate(self, draft: Draft, call: Call, existing: Resource | None) -> None:  # noqa: ARG002
        """Check that all of the question is there (facts.md section 9)."""
        values = draft.properties
        missing = [name for name in _CONTENT[1:] if not values.get(name)]
        traffic = values.get("ipTraffic") or {}
        missing += [f"ipTraffic.{name}" for name in _TRAFFIC if name not in traffic]
        if missing:
            message = f"Reachability Analysis Intent {draft.name} needs {', '.join(missing)}."
            raise plain_error(400, "InvalidRequest", message)

    def delete(self, call: Call) -> Reply:
        """Answer a DELETE: 200 at once, or 204 (the SDK knows no operation of it)."""
        self.require_parent(call)
        resource = call.world.store.get(call.id.key)
        if resource is None:
            return Reply(204)
        self.remove(resource, call.world)
        return Reply(200)


class ReachabilityAnalysisRuns(TrackedProvider):
    """Analyses of one intent, each with the intent as it was."""

    type = RUN
    operation_name = "ReachabilityAnalysisRun"
    noun = "Reachability Analysis Run"
    has_tags = False
    layout = (
        "description",
        "intentId",
        "intentContent",
        "analysisResult",
        "errorMessage",
        "provisioningState",
    )
    defaults: ClassVar[Mapping[str, Any]] = {"description": ""}
    read_only = frozenset({"intentContent", "analysisResult", "errorMessage"})

    def validate(self, draft: Draft, call: Call, existing: Resource | None) -> None:  # noqa: ARG002
        """Check that the intent is one of its workspace."""
        intent = call.world.store.find(str(draft.properties.get("intentId") or ""))
        if intent is None or intent.type != INTENT or intent.id.parent != draft.id.parent:
            message = f"Reachability Analysis Run {draft.name} needs an intent of its workspace."
            raise plain_error(400, "InvalidRequest", message)

    def on_written(self, resource: Resource, call: Call) -> None:
        """Keep the intent as it is, and end later (facts.md section 9: within 64 seconds).

        A run that is written again runs again, `assumed`.
        """
        world = call.world
        intent = world.store.find(resource.properties["intentId"])
        values = intent.properties if intent else {}
        content = {name: values[name] for name in _CONTENT if name in values}
        answer = {"intentContent": content}
        resource.hidden["answer"] = answer
        resource.state = "Updating"
        seconds = world.draw(world.settings.duration(RUN, "run"))
        world.timeline.after(seconds, lambda: self._end(resource, answer, world))

    def _end(self, resource: Resource, answer: dict[str, Any], world: World) -> None:
        if resource.hidden["answer"] is not answer or world.store.get(resource.key) is not resource:
            return
        content = answer["intentContent"]
        missing = [
            content[name]
            for name in ("sourceResourceId", "destinationResourceId")
            if world.store.find(str(content[name])) is None
        ]
        resource.state = "Failed" if missing else "Succeeded"
        if missing:
            told = {"errorMessage": f"Intent refers to {missing[0]}, which was not found."}
        else:
            told = {"analysisResult": json.dumps(_RESULT)}
        resource.hidden["answer"] = {**answer, **told}
        self.touch(resource, world)

    def computed(self, resource: Resource, world: World) -> dict[str, Any]:  # noqa: ARG002
        """Return the intent and, in the end, the result."""
        found: dict[str, Any] = resource.hidden.get("answer", {})
        return found
