"""Goal states: what is deployed to a region, one for each kind of configuration.

A goal state holds snapshots: edits change nothing until they are committed. A commit
replaces the goal state of its (region, type) whole (facts.md section 2).
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

from simulator.arm.ids import ResourceId
from simulator.arm.store import Resource
from simulator.arm.world import World
from simulator.avnm.hub_and_spoke import why_no_peerings
from simulator.avnm.limits import why_not
from simulator.avnm.peerings import PeeringWriter
from simulator.avnm.precedence import ranked_managers
from simulator.avnm.reconciler import Effect, Goal, Reconciler
from simulator.avnm.routing import RouteWriter
from simulator.avnm.snapshots import Part

Slot = tuple[str, str]


@dataclass(slots=True, eq=False)
class Deployment:
    """One commit to one region, from its acceptance on."""

    region: str
    kind: str
    parts: tuple[Part, ...]
    committed: datetime
    visible: float
    starts: float
    ends: float
    error: str | None = None
    # The key of the commit resource that asked for it, "" of a POST.
    owner: str = ""
    status: str = "NotStarted"
    previous: "Deployment | None" = None

    @property
    def is_done(self) -> bool:
        """Tell whether it has ended."""
        return self.status in ("Deployed", "Failed")

    def status_at(self, now: float) -> str:
        """Return the status that a client is told."""
        if self.is_done:
            return self.status
        return "NotStarted" if now < self.starts else "Deploying"

    def show(self, now: float) -> dict[str, Any]:
        """Return the entry of listDeploymentStatus, keys in the recorded order."""
        return {
            "deploymentType": self.kind,
            "configurationIds": [part.id for part in self.parts],
            "region": self.region,
            "deploymentStatus": self.status_at(now),
            "errorMessage": (self.error or "") if self.status == "Failed" else "",
            "commitTime": self.committed.strftime("%Y-%m-%dT%H:%M:%SZ"),
        }


class Deployments:
    """The goal states of one manager, and those of them that have taken effect."""

    def __init__(self, manager: Resource, world: World) -> None:
        self.manager = manager
        self.goals: dict[Slot, Deployment] = {}
        self.applied: dict[Slot, Deployment] = {}
        self._world = world
        effects: dict[str, Effect] = {
            "Routing": RouteWriter(manager, world),
            "Connectivity": PeeringWriter(manager, world),
        }
        self._reconcilers = {
            kind: Reconciler(effect, partial(self._goals, kind), world)
            for kind, effect in effects.items()
        }

    # --- commits ------------------------------------------------------------------------

    def commit(  # noqa: PLR0913 - what is committed where, and what befalls it
        self,
        region: str,
        kind: str,
        parts: tuple[Part, ...],
        *,
        error: str | None = None,
        slower: float = 1.0,
        owner: str = "",
    ) -> Deployment:
        """Accept a goal state; the one before goes on serving until this is deployed."""
        world, settings = self._world, self._world.settings
        visible = world.now + world.draw(settings.status_empty_for)
        starts = visible + world.draw(settings.deployment_starts_after)
        ends = max(starts, world.now + slower * world.draw(settings.commit_duration))
        before = self.goals.get((region, kind))
        wall = world.clock.wall()
        deployment = Deployment(region, kind, parts, wall, visible, starts, ends, error, owner)
        deployment.previous = before if before and before.is_done else None
        self.goals[region, kind] = deployment
        world.timeline.at(ends, lambda: self._finish(deployment))
        return deployment

    def _finish(self, deployment: Deployment) -> None:
        slot = (deployment.region, deployment.kind)
        if self.goals.get(slot) is not deployment:
            # Of parallel commits only the last survives (facts.md section 2).
            return
        deployment.error = deployment.error or self._why_not(deployment)
        deployment.status = "Failed" if deployment.error else "Deployed"
        deployment.previous = None
        if not deployment.error:
            self._apply_later(deployment)
            if not deployment.parts:
                del self.goals[slot]

    def _why_not(self, deployment: Deployment) -> str | None:
        """Return why it fails; hubs and spokes are joined with those of other regions."""
        reason = why_not(deployment.kind, deployment.parts, self._world)
        if reason is None and deployment.kind == "Connectivity":
            others = [goal for goal in self._goals("Connectivity") if goal[0] != deployment.region]
            goals = [*others, (deployment.region, deployment.parts)]
            reason = why_no_peerings(self._world, self.manager, goals)
        return reason

    def _apply_later(self, deployment: Deployment) -> None:
        lag = self._world.draw(self._world.settings.effect_lag)
        self._world.timeline.after(lag, lambda: self._apply(deployment))

    def _apply(self, deployment: Deployment) -> None:
        slot = (deployment.region, deployment.kind)
        present = self.applied.get(slot)
        if present is not None and present.committed > deployment.committed:
            return
        if deployment.parts:
            self.applied[slot] = deployment
        else:
            self.applied.pop(slot, None)
        if deployment.kind in self._reconcilers:
            self._reconcilers[deployment.kind].run()

    def undeploy(self, kind: str, key: str) -> None:
        """Take a configuration or a part of one out of every goal state."""
        for slot, deployment in list(self.goals.items()):
            if slot[1] == kind and any(part.holds(key) for part in deployment.parts):
                rest = tuple(part.without(key) for part in deployment.parts if part.key != key)
                self._replace(slot, deployment, rest)

    def _replace(self, slot: Slot, old: Deployment, rest: tuple[Part, ...]) -> None:
        new = replace(old, parts=rest, error=None, status="Deployed", previous=None)
        if rest:
            self.goals[slot] = new
        else:
            del self.goals[slot]
        self._apply_later(new)

    # --- questions ----------------------------------------------------------------------

    def regions_owned(self, kind: str, owner: str) -> list[str]:
        """Return the regions where the goal state is that of a commit resource."""
        return [
            region
            for (region, other), goal in self.goals.items()
            if other == kind and goal.owner == owner
        ]

    def regions_active(self, kind: str, owner: str) -> list[str]:
        """Return those of them where it is deployed."""
        return [
            region
            for region in self.regions_owned(kind, owner)
            if self.goals[region, kind].status == "Deployed"
        ]

    def regions_of(self, kind: str, key: str) -> list[str]:
        """Return the regions whose goal state holds this configuration or part."""
        return [
            region
            for (region, other), deployment in self.goals.items()
            if other == kind and any(part.holds(key) for part in deployment.parts)
        ]

    def statuses(self, regions: Iterable[str], kinds: Iterable[str]) -> list[dict[str, Any]]:
        """Return the entries of listDeploymentStatus; no regions or kinds means all.

        Just after a commit there is none, or that of an older success (facts.md section 2).
        """
        now, places, types = self._world.now, set(regions), set(kinds)
        found = []
        for (region, kind), goal in self.goals.items():
            if (places and region not in places) or (types and kind not in types):
                continue
            told = goal if now >= goal.visible or goal.is_done else goal.previous
            if told is not None:
                found.append(told.show(now))
        return found

    def in_effect(self, region: str, kind: str) -> Deployment | None:
        """Return the deployment that works in a region."""
        return self.applied.get((region, kind))

    # --- effects ------------------------------------------------------------------------

    def _goals(self, kind: str) -> list[Goal]:
        return [(item.region, item.parts) for (_, k), item in self.applied.items() if k == kind]

    def close(self) -> None:
        """Undo everything: the manager is gone."""
        self.goals.clear()
        self.applied.clear()
        for reconciler in self._reconcilers.values():
            reconciler.close()


def deployments_of(world: World, resource_id: ResourceId) -> Deployments | None:
    """Return the goal states of the manager that a resource belongs to."""
    manager = world.store.get(resource_id.root.key)
    found: Deployments | None = manager.hidden.get("deployments") if manager else None
    return found


def deployments_in_order(world: World) -> list[Deployments]:
    """Return the goal states of all managers, the winning manager first."""
    managers = ranked_managers(world)
    return [item.hidden["deployments"] for item in managers if "deployments" in item.hidden]
