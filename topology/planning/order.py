"""The order of steps beyond what is needed: in which Azure lets things go, and what only closes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from topology.graph import Edge, Graph, references
from topology.kind import Resource, Stage, address_in, parent_id, same_id, strings
from topology.planning.actual import Actual
from topology.planning.giving_way import giving_way
from topology.planning.plan import Change, Commit, Create, Delete, Nothing, Replace, Step
from topology.planning.removal import ends_of, named_by, stands_above, upward
from topology.resources import KIND_BY_NAME

Steps = Mapping[str, Step]


def order_of_needs(graph: Graph, steps: Steps) -> Iterator[Edge]:
    """Yield the needs of the graph, turned round where a change only closes what a commit denies.

    What opens a path waits for the commit that denies it to some; what closes one goes
    before the next, which may deny it no more.
    """
    for edge in graph.edges():
        commits = isinstance(steps.get(same_id(edge.need)), Commit)
        if commits and _only_takes_away(steps.get(same_id(edge.step))):
            yield Edge(edge.need, edge.step, edge.orders_only)
        else:
            yield edge


def _only_takes_away(step: Step | None) -> bool:
    return isinstance(step, Change) and all(change.new is None for change in step.fields)


def order_of_removal(graph: Graph, steps: Steps, actual: Actual) -> Iterator[Edge]:
    """Yield what comes before each removal.

    First what refers to the resource, or stands under it, or names its address, goes or
    changes: a spoke that cannot go keeps its firewall. Networks
    and firewalls go when AVNM and the routes no longer lead to them; what a region's
    goal state still names goes after the commit that takes it out. What refers to
    something that is replaced goes before that, and waits for no commit of what stays; so does
    what gives way to another.
    """
    yield from _undone_backwards(graph, steps)
    yield from _written_before_parted(steps, actual)
    gives_way = giving_way(steps, actual)
    yield from (Edge(new.id, steps[old].resource.id) for old, new in gives_way.items())
    users = _users(steps, actual)
    freeing = {*_freeing(steps, users), *gives_way}
    for key in _replaced_whole(steps):
        for user in sorted(users.get(key, set()) & freeing):
            yield Edge(steps[key].resource.id, steps[user].resource.id)
    for key, step in steps.items():
        if isinstance(step, Delete):
            for user in sorted(users.get(key, ())):
                yield Edge(step.resource.id, steps[user].resource.id)
            if step.resource.stage is not Stage.ROUTES:  # else it has its own order (joining.py)
                yield from _around_commits(step, graph, steps, frees=key in freeing)
            is_of_rules = KIND_BY_NAME[step.resource.kind].stage is Stage.POLICY
            if is_of_rules and step.resource.region is None:
                yield from _until_all_are_through(step, steps, actual)


def _written_before_parted(steps: Steps, actual: Actual) -> Iterator[Edge]:
    """Yield: both networks of a pair are written before one of its sides goes.

    A PUT of a network carries its sides, and one that has lost its other side is refused
    (RemotePeeringIsDisconnected, facts.md section 7). That it is so for one that a network only
    carries is an assumption: no source says it. Where Azure took it, the order would do no harm.
    """
    for key, step in steps.items():
        if isinstance(step, Delete | Replace) and (found := actual.get(key)) is not None:
            for network in ends_of(found) or ():
                if isinstance(steps.get(network), Change):
                    yield Edge(step.resource.id, steps[network].resource.id, orders_only=True)


def _until_all_are_through(removal: Delete, steps: Steps, actual: Actual) -> Iterator[Edge]:
    """Yield: rules that firewalls change for others go when the regions of these are through.

    One that fails is taken back to them.
    """
    policy = same_id(parent_id(removal.resource.id))
    regions = {
        step.resource.region
        for key, step in steps.items()
        if isinstance(step, Change) and (found := actual.get(key)) is not None
        if policy in map(same_id, named_by(found))
        if policy not in map(same_id, references(step.resource.body))
    }
    for step in steps.values():
        if isinstance(step, Commit) and step.resource.region in regions:
            yield Edge(removal.resource.id, step.resource.id)


def _freeing(steps: Steps, users: Mapping[str, set[str]]) -> Iterator[str]:
    """Yield the removals by which something that is replaced is let go."""
    whole = _replaced_whole(steps)
    waiting, seen = list(whole), set[str]()
    while waiting:
        for user in users.get(waiting.pop(), ()):
            falls_along = any(stands_above(key, user) for key in whole)
            if isinstance(steps[user], Delete) and user not in seen and not falls_along:
                seen.add(user)
                waiting.append(user)
                yield user


def _replaced_whole(steps: Steps) -> list[str]:
    """Return what is replaced by itself, and not with something that holds it."""
    replaced = [key for key, step in steps.items() if isinstance(step, Replace)]
    return [key for key in replaced if not any(stands_above(other, key) for other in replaced)]


def _undone_backwards(graph: Graph, steps: Steps) -> Iterator[Edge]:
    """Routes go before the rules, and rules before the mesh: no path outlives its denial.

    Routes of other regions too, where they only go; those that change with others wait for rules.
    What joins hubs in the place of a mesh comes before that is undone.
    """
    undone = [
        step
        for step in steps.values()
        if isinstance(step, Commit) and step.resource.id not in graph
    ]
    for first in undone:
        for step in steps.values():
            joins = step.resource.stage is first.resource.stage is Stage.MESH
            if joins and isinstance(step, Create) and KIND_BY_NAME[step.resource.kind].other_side:
                yield Edge(first.resource.id, step.resource.id, orders_only=True)
            if isinstance(step, Replace) and stands_above(
                same_id(step.resource.id), same_id(first.resource.id)
            ):
                yield Edge(step.resource.id, first.resource.id, orders_only=True)
            is_rules = first.resource.stage is Stage.SECURITY
            if is_rules and step.resource.stage is Stage.ROUTES and _only_takes_away(step):
                yield Edge(first.resource.id, step.resource.id, orders_only=True)
        for then in undone:
            same = first.resource.region == then.resource.region
            if same and _ORDER.index(first.resource.stage) > _ORDER.index(then.resource.stage):
                yield Edge(then.resource.id, first.resource.id, orders_only=True)


_ORDER = tuple(Stage)


def _around_commits(removal: Delete, graph: Graph, steps: Steps, *, frees: bool) -> Iterator[Edge]:
    """Yield: a rule goes before its configuration is committed again, all else after."""
    resource = removal.resource
    configuration = _configuration(same_id(resource.id))
    edited = configuration is not None and configuration in graph
    comes = _comes_under_another_name(resource, steps)
    for step in steps.values():
        if frees and step.resource.id in graph:
            continue
        joins = step.resource.stage.joins_regions and isinstance(step, Change | Create | Replace)
        if isinstance(step, Commit) and edited and step.resource.id in graph:
            if configuration in {same_id(name) for name in step.resource.body["configurationIds"]}:
                yield Edge(step.resource.id, resource.id, orders_only=True)
        elif isinstance(step, Commit) and configuration in {same_id(name) for name in step.before}:
            # It must not go while a region has it deployed: that would undo it there.
            yield Edge(resource.id, step.resource.id)
        elif isinstance(step, Commit) or (joins and resource.stage.is_regional and not comes):
            yield Edge(resource.id, step.resource.id, orders_only=True)


def _comes_under_another_name(resource: Resource, steps: Steps) -> bool:
    """Say whether what joins two networks is to join them again: that waits for it (`in_turn`)."""
    ends = ends_of(resource)
    return ends is not None and any(
        isinstance(step, Create) and ends_of(step.resource) in {ends, ends[::-1]}
        for step in steps.values()
    )


def _users(steps: Steps, actual: Actual) -> dict[str, set[str]]:
    """Return who refers to each resource, or stands under it, by what was found.

    Who names the address of what goes uses it too, within a region: routes of others are a
    matter of joining, and lead both ways.
    """
    users: dict[str, set[str]] = {}
    addresses = _addresses_that_go(steps, actual)
    for key, step in steps.items():
        found = actual.get(key.split("#")[0])
        if found is None or isinstance(step, Nothing | Commit):
            continue
        for address in addresses.keys() & {*strings(found.body)}:
            gone = addresses[address]
            if gone != key and steps[gone].resource.region == step.resource.region:
                users.setdefault(gone, set()).add(key)
        for named in named_by(found):
            for above in upward(same_id(named)):
                if above != key and above in steps and not stands_above(key, above):
                    users.setdefault(above, set()).add(key)
    return users


def _addresses_that_go(steps: Steps, actual: Actual) -> dict[str, str]:
    """Return whose each private address is that is deleted with its owner.

    None where something is made anew: then whoever refers to that goes first. Nor that of what
    gives way.
    """
    if _replaced_whole(steps):
        return {}
    going = {key for key, step in steps.items() if isinstance(step, Delete)}
    found = ((key, actual.get(key)) for key in sorted(going - giving_way(steps, actual).keys()))
    return {address: key for key, item in found if item and (address := address_in(item.body))}


def _configuration(resource_id: str) -> str | None:
    """Return the AVNM configuration that a resource is part of, if it is."""
    parts = resource_id.split("/")
    for index, part in enumerate(parts):
        if part.lower().endswith("configurations"):
            return "/".join(parts[: index + 2])
    return None
