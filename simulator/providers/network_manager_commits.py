"""Microsoft.Network/networkManagers/commits: commits as resources (facts.md section 2).

They lead to the same goal states as the POST, whose exclusiveness they share: whatever is
committed last to a region holds it. No recording has them. What follows is `assumed`: the
operation of a PUT ends when every region is deployed, and fails with the first that fails;
a PUT that changes nothing deploys nothing; regions that an update leaves out, and all
regions on a delete, are undeployed where the goal state is still this commit's own.
"""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from simulator.arm.call import Call, Reply
from simulator.arm.draft import Draft
from simulator.arm.errors import ArmError
from simulator.arm.families import Family
from simulator.arm.operations import Operation
from simulator.arm.provider import Provider
from simulator.arm.store import Resource
from simulator.arm.world import World
from simulator.avnm import commits, refusals
from simulator.avnm.deployments import Deployment, deployments_of
from simulator.avnm.provider import ManagerProvider, NetworkManagerFamily
from simulator.avnm.shapes import breaches_of
from simulator.avnm.types import COMMIT, COMMIT_TYPES

_ASKED = ("commitType", "configurationIds", "targetLocations")


class CommitFamily(NetworkManagerFamily):
    """Commits have operations as other network types do, unlike the rest of the family."""

    status_url = Family.status_url
    result_url = Family.result_url
    result_reply = Family.result_reply


class NetworkManagerCommits(ManagerProvider):
    """Commits that stay: they show where they are active."""

    type = COMMIT
    family = CommitFamily()
    operation_name = "NetworkManagerCommit"
    etags_settle = False
    layout = (
        "description",
        "provisioningState",
        "resourceGuid",
        *_ASKED,
        "activeLocations",
        "forceUpdateTag",
    )
    defaults: ClassVar[Mapping[str, Any]] = {"description": "", "configurationIds": []}
    read_only = frozenset({"activeLocations"})

    def refuse_malformed(self, call: Call, action: str = "") -> None:  # noqa: ARG002
        """Raise the refusal of a body that has not the shape of its model."""
        found = breaches_of(self.type, call.body) if call.method == "PUT" else []
        if found:
            raise refusals.malformed(call, found)

    def references(self, draft: Draft) -> Iterable[str]:  # noqa: ARG002
        """Return nothing: configurations may be deleted while a commit names them."""
        return ()

    def validate(self, draft: Draft, call: Call, existing: Resource | None) -> None:  # noqa: ARG002
        """Check it as the POST is checked, and spell it as Azure does."""
        manager = call.world.store.get(draft.id.root.key)
        if manager is not None:
            commits.read_commit(draft.properties, manager, call.world)

    def busy(self, call: Call, operation: Operation) -> ArmError:  # noqa: ARG002
        """Return the 409 while a deployment runs; its code is `assumed`."""
        return refusals.refusal(
            f"Another operation on {operation.target} is in progress.",
            "AnotherOperationInProgress",
            409,
        )

    def put(self, call: Call) -> Reply:
        """Answer a PUT: 201 or 200 with an operation."""
        return Provider.put(self, call)

    def change_of(self, draft: Draft, existing: Resource | None, world: World) -> str:
        """Return "none" when nothing differs, `forceUpdateTag` included."""
        if existing is not None and existing.state == "Succeeded":
            return "update" if self.differs(draft, existing, world) else "none"
        return "update" if existing else "create"

    def operate(self, call: Call, resource: Resource, change: str) -> Operation:
        """Deploy, and let the operation end with the last region."""
        if change == "none":
            return super().operate(call, resource, change)
        world = call.world
        deployments = self._deploy(resource, world)
        operation = self.new_operation(call, resource, "Put", 0, self.locks(call))
        operation.ends = max([world.now, *(item.ends for item in deployments)])
        world.timeline.at(operation.ends, lambda: _judge(operation, deployments))
        return world.operations.start(operation, lambda: self._written(resource, world, operation))

    def _deploy(self, resource: Resource, world: World) -> list[Deployment]:
        manager = world.store.get(resource.id.root.key)
        if manager is None:
            return []
        wanted = commits.read_commit(resource.properties, manager, world, resource.key)
        self._undeploy(resource, world, kept=(wanted.kind, wanted.regions))
        return commits.deploy(wanted, manager, world)

    def _undeploy(
        self, resource: Resource, world: World, kept: tuple[str, list[str]] = ("", [])
    ) -> None:
        deployments = deployments_of(world, resource.id)
        if deployments is None:
            return
        for kind in COMMIT_TYPES:
            for region in deployments.regions_owned(kind, resource.key):
                if (kind, region) not in [(kept[0], item) for item in kept[1]]:
                    deployments.commit(region, kind, ())

    def cleans_up(self, resource: Resource, world: World) -> bool:  # noqa: ARG002
        """Return True: the specification has 202 and 204 only."""
        return True

    def delete(self, call: Call) -> Reply:
        """Answer a DELETE: 202, or 204 when there is nothing."""
        return Provider.delete(self, call)

    def on_deleted(self, resource: Resource, world: World) -> None:
        """Undeploy what is still its own."""
        self._undeploy(resource, world)

    def computed(self, resource: Resource, world: World) -> dict[str, Any]:
        """Return the regions where it is deployed."""
        deployments = deployments_of(world, resource.id)
        kind = str(resource.properties["commitType"])
        active = deployments.regions_active(kind, resource.key) if deployments else []
        return {"activeLocations": active}


def _judge(operation: Operation, deployments: list[Deployment]) -> None:
    failed = next((item for item in deployments if item.status == "Failed"), None)
    if failed is not None:
        operation.error = {
            "code": "DeploymentFailed",
            "message": f"Deployment to {failed.region} failed: {failed.error}",
        }
