"""What is asked of a manager by POST: commit and listDeploymentStatus."""

import math
from dataclasses import dataclass
from typing import Any

from simulator.arm.call import Call, Reply
from simulator.arm.store import Resource
from simulator.arm.world import World
from simulator.avnm import refusals
from simulator.avnm.deployments import Deployment, Deployments
from simulator.avnm.pages import page
from simulator.avnm.snapshots import Part, freeze
from simulator.avnm.types import COMMIT_TYPES
from simulator.fault import Target
from simulator.regions import PLACES, region_name

# The operation of every commit; 204 there means accepted, not deployed (section 7).
ZERO = "00000000-0000-0000-0000-000000000000"
FAULT_TYPE = "Microsoft.Network/networkManagers/commits"


def commit(call: Call, manager: Resource) -> Reply:
    """Accept a goal state: 202, a Location and the request with its `commitId`.

    A fault with `"when": "deployment"` and the type
    "Microsoft.Network/networkManagers/commits" lets the deployment to its region end
    in Failed.
    """
    wanted = read_commit(call.body, manager, call.world)
    deploy(wanted, manager, call.world)
    return _accepted(call, manager, [part.id for part in wanted.parts])


@dataclass(frozen=True, slots=True)
class Commit:
    """A goal state as a client asks for it, read and found sound; `owner` is a resource's key."""

    kind: str
    regions: list[str]
    parts: tuple[Part, ...]
    owner: str = ""


def read_commit(body: dict[str, Any], manager: Resource, world: World, owner: str = "") -> Commit:
    """Return the goal state of a body, or raise what is refused."""
    kind, regions = _kind(body, manager), _regions(body, manager)
    ids = list(body.get("configurationIds") or [])
    parts = tuple(_part(item, kind, manager, world) for item in ids)
    _refuse_second_admin(kind, ids, manager)
    return Commit(kind, regions, parts, owner)


def deploy(wanted: Commit, manager: Resource, world: World) -> list[Deployment]:
    """Let the manager deploy a goal state; return the deployment of each region."""
    deployments: Deployments = manager.hidden["deployments"]
    return [
        deployments.commit(
            region,
            wanted.kind,
            wanted.parts,
            error=_fault(world, manager.name, region),
            slower=_slower(world, manager.name, region),
            owner=wanted.owner,
        )
        for region in wanted.regions
    ]


def _kind(body: dict[str, Any], manager: Resource) -> str:
    refusals.require_property(body, "commitType", manager.id)
    refusals.require_one_of(body, "commitType", COMMIT_TYPES, manager.id)
    return str(body["commitType"])


def _regions(body: dict[str, Any], manager: Resource) -> list[str]:
    refusals.require_property(body, "targetLocations", manager.id)
    names = [region_name(str(item)) for item in body["targetLocations"]]
    for name in names:
        if name not in PLACES:
            raise refusals.refusal(
                f"Location {name} is not available for commits of {manager.id.text}.",
                "LocationNotAvailable",
            )
    return list(dict.fromkeys(names))


def _part(configuration: str, kind: str, manager: Resource, world: World) -> Part:
    found = world.store.find(configuration)
    known = found is not None and found.id.root.key == manager.key
    if found is None or not known or found.type != COMMIT_TYPES.get(kind):
        raise refusals.missing_reference(configuration, manager.id.text)
    return freeze(found, world)


def _refuse_second_admin(kind: str, ids: list[str], manager: Resource) -> None:
    """One such configuration a region and manager (facts.md section 3)."""
    if kind == "SecurityAdmin" and len({item.lower() for item in ids}) > 1:
        raise refusals.refusal(
            f"Only one security admin configuration of {manager.id.text} can be deployed to a "
            "region.",
            "InvalidPropertyValue",
        )


def _fault(world: World, name: str, region: str) -> str | None:
    fault = world.faults.first("deployment", Target("POST", FAULT_TYPE, name, region))
    return fault.message if fault else None


def _slower(world: World, name: str, region: str) -> float:
    met = world.faults.all("slow", Target("POST", FAULT_TYPE, name, region))
    return math.prod(fault.slower or 1 for fault in met)


def _accepted(call: Call, manager: Resource, ids: list[str]) -> Reply:
    url = f"{call.base_url}{manager.id.text}/operationResults/{ZERO}?api-version={call.api_version}"
    body: dict[str, Any] = {
        "configurationIds": ids,
        "targetLocations": call.body["targetLocations"],
        "commitType": call.body["commitType"],
        "commitId": f"{manager.id.text}/commit/{call.world.new_guid()}",
    }
    return Reply(202, body, {"Location": url})


def list_deployment_status(call: Call, manager: Resource) -> Reply:
    """Answer listDeploymentStatus."""
    deployments: Deployments = manager.hidden["deployments"]
    regions = [region_name(str(item)) for item in call.body.get("regions") or []]
    found = deployments.statuses(regions, call.body.get("deploymentTypes") or [])
    return page(call, found)
