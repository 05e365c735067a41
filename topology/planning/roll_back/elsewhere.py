"""What other regions have that leads to one which is taken back."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from topology.kind import (
    Body,
    Resource,
    at,
    late_values,
    parent_id,
    put_at,
    same_id,
    strings,
)
from topology.planning.actual import Actual, Found
from topology.planning.assigned import late_addresses
from topology.planning.diff import our_children, without_read_only
from topology.planning.places import falls_with
from topology.planning.plan import Commit, Create, Delete, Plan, Step
from topology.planning.removal import as_resource, owned
from topology.resources import KIND_BY_NAME, KINDS


def sides_elsewhere(plan: Plan, region: str | None, actual: Actual) -> Iterator[Step]:
    """Yield the steps that made or deleted what leads to the region from others.

    Those are sides of peerings: they come and go with their other sides. Where what they stand
    in is there no more, that region has gone, too.
    """
    if region is None:
        return
    falls = falls_with(plan, region)
    for step in plan.steps:
        elsewhere = step.resource.region != region and isinstance(step, Create | Delete)
        if elsewhere and falls(step) and actual.get(parent_id(step.resource.id)) is not None:
            yield step


def leads_to_nobody(step: Step, region: str | None, plan: Plan, actual: Actual) -> bool:
    """Say whether a step's side of a pair leads to another region that has gone with the plan.

    Whoever takes this region back does not bring that one back for it.
    """
    path = KIND_BY_NAME[step.resource.kind].other_side
    end = same_id(str(at(step.resource.body, path))) if path else ""
    if region is None or end not in plan.deleted or actual.get(end) is not None:
        return False
    return any(
        same_id(other.resource.id) == end and other.resource.region != region
        for other in plan.steps
    )


def routes_elsewhere(  # noqa: PLR0913  what goes, what comes back and what stays
    plan: Plan,
    region: str | None,
    made: set[str],
    anew: set[str],
    moved: Collection[str],
    actual: Actual,
) -> Iterator[Resource]:
    """Yield lists that other regions have written and that lead to this one, or did before.

    Items that lead to what goes (`made`) are left out; others follow what is made `anew`. Those
    that led to this region before, and were taken out, come back when all of it is there again:
    the rules of other regions may name it no more, so its own must hold first. What has `moved`
    on, by lower-case id, is treated so where the whole run is taken back.
    """
    owners = {same_id(step.resource.id) for step in plan.steps if step.resource.region == region}
    owners = anew if region is None else owners
    addresses = late_addresses(owners - made, plan.found)
    for step in plan.work:
        resource = step.resource
        key = resource.id.split("#")[0]
        found = actual.get(key)
        mine = region in {None, resource.region} and same_id(resource.id) not in moved
        if mine or found is None or isinstance(step, Delete | Commit):
            continue
        lists = _Lists(resource, found, plan.found.get(key), plan.topology, made)
        if body := lists.body(anew, addresses):
            needs = owners if lists.come_back(addresses) else set()
            yield replace(resource, body=body, needs=resource.needs | needs)


def routes_since(plan: Plan, made: set[str], actual: Actual) -> Iterator[Resource]:
    """Yield lists that no step of a plan writes, without items that lead to what goes (`made`).

    A later run has written them.
    """
    addresses = late_addresses(made, actual)
    own = {same_id(step.resource.id.split("#")[0]) for step in plan.work}
    for key, found in actual.resources.items():
        if key in own or not owned(found, actual, plan.topology):
            continue
        for kind in (kind for kind in KINDS if kind.part_of == found.kind and addresses):
            body: dict[str, Any] = {}
            for path in (item.path for item in kind.child_lists):
                there = our_children(found.body, path, kind, plan.topology)
                stay = [item for item in there if addresses.keys().isdisjoint(strings(item))]
                if len(stay) < len(there):
                    put_at(body, path, [without_read_only(item, kind) for item in stay])
            if body:
                whole = as_resource(found, actual)
                name, stage = f"{whole.id}#{kind.name}", kind.stage or whole.stage
                yield replace(whole, kind=kind.name, id=name, stage=stage, body=body)


@dataclass(frozen=True)
class _Lists:
    """The lists of a resource: as the plan wants them, as they are, and as they were.

    `made` are the ids of what goes.
    """

    resource: Resource
    found: Found
    before: Found | None
    topology: str
    made: set[str]

    def body(self, anew: set[str], addresses: Mapping[str, str]) -> dict[str, Any]:
        """Return a body that wants the lists as they are, without items that lead to what goes.

        With those that are missing and led to one of the addresses. It is empty if no item
        leads to anything that goes, is made anew or comes back.
        """
        kind = KIND_BY_NAME[self.resource.kind]
        body: dict[str, Any] = {}
        for path in (item.path for item in kind.child_lists):
            concerned = self._leading_to(self.made | anew, path)
            there, kept = self._ours(self.found, path), self._kept(path)
            back = [*self._led_to(addresses, path, kept)]
            if back or any(item["name"] in concerned for item in there):
                stay = [item for item in there if item["name"] in kept]
                put_at(body, path, [without_read_only(item, kind) for item in (*stay, *back)])
        return body

    def come_back(self, addresses: Mapping[str, str]) -> bool:
        """Say whether items come back that led to one of the addresses."""
        paths = [item.path for item in KIND_BY_NAME[self.resource.kind].child_lists]
        return any(True for path in paths for _ in self._led_to(addresses, path, self._kept(path)))

    def _leading_to(self, ids: set[str], path: str) -> set[str]:
        """Return the names of the items that lead to one of these by the plan."""
        return {
            item["name"]
            for item in at(self.resource.body, path) or ()
            if ids & {same_id(value.resource_id) for value in late_values(item)}
        }

    def _kept(self, path: str) -> set[str]:
        """Return the names of the items that are there and lead to nothing that goes."""
        there = {item["name"] for item in self._ours(self.found, path)}
        return there - self._leading_to(self.made, path)

    def _led_to(
        self, addresses: Mapping[str, str], path: str, kept: Collection[str]
    ) -> Iterator[Body]:
        """Yield the items that stood before, are not kept, and led to an address.

        One that leads to what goes by now leads again to what had its place.
        """
        for item in self._ours(self.before, path) if self.before else ():
            if item["name"] not in kept and any(text in addresses for text in strings(item)):
                yield item

    def _ours(self, found: Found, path: str) -> list[Body]:
        return our_children(found.body, path, KIND_BY_NAME[self.resource.kind], self.topology)
