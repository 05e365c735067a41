"""`make_plan`: wanted x actual -> plan. Pure, and the same plan for the same input."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import networkx as nx

from topology.graph import CycleError, Edge, Graph
from topology.isolation import denied_pairs
from topology.kind import Kind, Listing, Resource, at, same_id
from topology.network import Network
from topology.ownership import OTHER_WAYS, our_description
from topology.planning import late
from topology.planning.actual import Actual, Found
from topology.planning.at_once import note
from topology.planning.commits import plan_commits, rules_of_others
from topology.planning.diff import differences
from topology.planning.generations import deployed_or_newest, with_next
from topology.planning.joining import denied_first
from topology.planning.membership import membership_notes
from topology.planning.order import order_of_needs, order_of_removal
from topology.planning.plan import (
    AS_WANTED,
    Change,
    Create,
    FieldChange,
    Nothing,
    Plan,
    Replace,
    Step,
)
from topology.planning.policy_names import at_names_found, at_names_left
from topology.planning.removal import held_back, owned, plan_removal
from topology.planning.replacement import (
    freed_early,
    in_turn,
    made_again_alone,
    made_again_with,
    making_way,
    under_another_name,
    with_their_tags,
)
from topology.planning.roll_back.alone import not_alone
from topology.planning.roll_back.followers import keep_to_their_own
from topology.planning.scope import leaving, opened_above, reached_twice, reaching
from topology.planning.traces import traces, untraced
from topology.planning.withdrawal import withdrawn_last
from topology.resources import KIND_BY_NAME, wanted

Steps = dict[str, Step]


class InTheWayError(ValueError):
    """Something that is not ours stands where a resource of ours should; all are named."""


class SecondInScopeError(InTheWayError):
    """A manager of another name: Azure takes one in a scope, and all rules go with the first."""


class RulesOfOthersError(InTheWayError):
    """Security admin rules of others are deployed where ours should be: Azure takes one set."""


def make_plan(network: Network, actual: Actual) -> Plan:
    """Return what is to be done so that Azure holds what the network says.

    The plan of what was just applied is empty. What is not ours is in no step. Raises
    InTheWayError for what is not ours and has an id that we want, SecondInScopeError for a
    manager that would be made beside the one that there is, RulesOfOthersError for
    security admin rules that are not ours in a region that wants ours, CycleError if
    resources, or their changes, need each other in a circle.
    """
    plan = plan_beside_rules_of_others(network, actual)
    _refuse_rules_of_others(network, actual)
    return plan


def plan_beside_rules_of_others(network: Network, actual: Actual) -> Plan:
    """Return the same plan, but for regions where others have security admin rules deployed.

    Those have no commit of such rules: it would drop theirs.
    """
    chosen = as_found(network, actual)
    plan = _plan(chosen, actual)
    _refuse_second_in_scope(plan, actual)
    other, notes = with_next(at_names_left(chosen, plan, network.policies), plan, actual)
    whole = plan if other is chosen else _plan(other, actual)
    more = (
        *_peered(network),
        *_without_rules(network),
        *membership_notes(other, actual),
        *note(whole),
        *not_alone(whole),
        *keep_to_their_own(whole),
        *opened_above(whole.steps),
    )
    return replace(whole, notes=(*notes, *more))


def as_found(network: Network, actual: Actual) -> Network:
    """Return the network with the generations and names that Azure holds of it."""
    return at_names_found(deployed_or_newest(network, actual), actual)


def plan_in_place(network: Network, actual: Actual) -> Plan:
    """Return what differs where it stands, for whoever compares and does not write.

    `make_plan` leaves what is deployed as it is and makes a generation beside it; here the
    rule that somebody edited differs itself. Both are empty for the same world.
    """
    plan = _plan(as_found(network, actual), actual)
    return replace(plan, steps=tuple(map(untraced, plan.steps)))


def _refuse_second_in_scope(plan: Plan, actual: Actual) -> None:
    for old, new in reached_twice(plan.steps, actual):
        raise SecondInScopeError(
            f"network manager {new} cannot be made beside {old}: Azure takes one in a scope, and "
            f"without {old} no region has a mesh, rules or routes. Keep its name, group and "
            "subscription (`names.manager`, `names.global_group`, `subscription`), or destroy the "
            "network before"
        )


def _refuse_rules_of_others(network: Network, actual: Actual) -> None:
    if theirs := rules_of_others(network, actual):
        told = "; ".join(f"{region} has {names} deployed" for region, names in theirs.items())
        marked = our_description(network.topology.topology)
        raise RulesOfOthersError(
            f"security admin rules of others: {told}, and Azure takes one configuration a region "
            f'and manager. Take it over (with the description "{marked}" it is ours, and the '
            "topology's rules take its place), or have it deployed by another manager, or leave "
            "the region without rules of the topology (`admin_rules: false`)"
        )


def _peered(network: Network) -> Iterator[str]:
    """Yield a note on the hubs that are peered because Azure offers no mesh in their regions."""
    without = [hub.region for hub in network.hubs if not network.is_meshed(hub)]
    if network.topology.interconnect == "mesh" and without and len(network.hubs) > 1:
        yield (
            f"connected groups are not offered in {', '.join(without)}: hubs there are joined to "
            "all others by peerings, in place of the mesh"
        )


def _without_rules(network: Network) -> Iterator[str]:
    """Yield a note on the regions that could have security admin rules and are to have none."""
    without = [
        hub.region
        for hub in network.hubs
        if network.has_spokes(hub) and not network.topology.regions[hub.region].admin_rules
    ]
    if without and denied_pairs(network):
        yield (
            f"no security admin rules of the topology in {', '.join(without)}: environments are "
            "kept apart there by the firewall alone"
        )


def _plan(network: Network, actual: Actual) -> Plan:
    topology = network.topology.topology
    return plan_resources(wanted(network), actual, topology, network.subscriptions)


def plan_removal_of_all(network: Network, actual: Actual) -> Plan:
    """Return the plan that leaves nothing of the network: what is wanted is nothing."""
    return plan_resources((), actual, network.topology.topology, network.subscriptions)


def plan_resources(
    resources: Iterable[Resource], actual: Actual, topology: str, subscriptions: Iterable[str]
) -> Plan:
    """Return the plan for these resources, whatever they were expanded from."""
    asked = tuple(resources)
    graph = Graph(reaching(asked, actual, topology))
    _refuse_foreign(graph, actual, topology)
    steps: Steps = {}
    for resource in graph:
        kind = KIND_BY_NAME[resource.kind]
        if kind.listing is not Listing.DEPLOYMENT_STATUS:
            steps[same_id(resource.id)] = _step(resource, kind, graph, steps, actual, topology)
    removal = plan_removal(graph, actual, topology)
    steps |= {same_id(step.resource.id): step for step in removal}
    anew = tuple(under_another_name(steps))
    steps |= {same_id(step.resource.id): step for step in anew}
    steps |= plan_commits(graph, steps, actual, topology)
    edges: list[Edge] = []
    for trace, then in tuple(traces(steps, actual)):
        steps[same_id(trace.resource.id)] = trace
        edges += then
    for step, order in tuple(denied_first(graph, steps, actual)):
        steps[same_id(step.resource.id)] = step
        edges += order
    edges += [*order_of_needs(graph, steps), *order_of_removal(graph, steps, actual)]
    for old, edge in tuple(making_way(steps, actual)):
        steps[same_id(old.resource.id)] = old
        edges.append(edge)
    for way, edge in tuple(in_turn(steps, actual)):
        steps |= {same_id(way.resource.id): way} if way else {}
        edges.append(edge)
    for step, waits in tuple(withdrawn_last(steps, actual, topology)):
        steps[same_id(step.resource.id)] = step
        edges += waits
    for last, after in tuple(leaving(asked, steps)):
        steps[same_id(last.resource.id)] = last
        edges += after
    edges = list(dict.fromkeys(freed_early(edges, steps)))
    ordered, keys = tuple(_in_order(steps, edges)), set(steps)
    return Plan(
        topology=topology,
        subscriptions=tuple(subscriptions),
        steps=ordered,
        edges=tuple(edge for edge in edges if {same_id(edge.step), same_id(edge.need)} <= keys),
        before=tuple(_before(ordered, actual)),
        goal_states=dict(actual.goal_states),
    )


def in_the_way(resources: Iterable[Resource], actual: Actual, topology: str) -> list[Found]:
    """Return what is not ours and stands where these resources should."""
    ids = dict.fromkeys(resource.id.split("#")[0] for resource in resources)
    found = [item for name in ids if (item := actual.get(name))]
    return [item for item in found if not owned(item, actual, topology)]


def _refuse_foreign(graph: Graph, actual: Actual, topology: str) -> None:
    """Refuse to write what is not ours, though it has the name that we would give it."""
    if foreign := in_the_way(graph, actual, topology):
        told = "; ".join(f"{item.kind} {item.id}" for item in foreign)
        raise InTheWayError(f"not ours, and where ours should be: {told}. {OTHER_WAYS}")


def _step(  # noqa: PLR0913  a step depends on what came before it
    resource: Resource, kind: Kind, graph: Graph, steps: Steps, actual: Actual, topology: str
) -> Step:
    found = actual.get(resource.id.split("#")[0])
    if found is None:
        return Create(resource)
    anew = with_their_tags(resource, found)
    again = made_again_with(anew, found, graph, steps) or made_again_alone(anew, found)
    if again is not None:
        return again
    body = late.settled(resource, steps, actual)
    changes = differences(body, found.body, kind, topology) or _ended_badly(found, kind)
    if not changes:
        return Nothing(resource, AS_WANTED)
    if any(_is_fixed(change, kind) for change in changes):
        if reason := held_back(found, actual, topology):
            told = f"{changes[0].path} would have to be made anew, but {reason}"
            return Nothing(resource, told, "by others")
        return Replace(anew, changes)
    return Change(resource, changes)


def _ended_badly(found: Found, kind: Kind) -> tuple[FieldChange, ...]:
    """Return what is to change in a resource whose last operation failed: its state.

    It is put again, which is the advice for firewalls (facts.md section 6): one that failed
    while nobody was there to try again has no address, and never gets one by itself.
    """
    path = "properties.provisioningState"
    if kind.part_of is not None or at(found.body, path) != "Failed":
        return ()
    return (FieldChange(path, "Failed", "Succeeded"),)


def _is_fixed(change: FieldChange, kind: Kind) -> bool:
    return any(
        change.path == path or change.path.startswith(f"{path}.") for path in kind.replaced_by
    )


def _in_order(steps: Steps, edges: Iterable[Edge]) -> Iterator[Step]:
    """Yield the steps, each after those that it comes after; ties go by id."""
    after: dict[str, set[str]] = {key: set() for key in steps}
    for edge in edges:
        step, need = same_id(edge.step), same_id(edge.need)
        if step in after and need in after:
            after[step].add(need)
    yield from (steps[key] for key in _sorted_by_needs(after))


def _sorted_by_needs(after: dict[str, set[str]]) -> Iterator[str]:
    order: nx.DiGraph[str] = nx.DiGraph()
    order.add_nodes_from(after)
    order.add_edges_from((need, key) for key, needs in after.items() for need in needs)
    try:
        yield from nx.lexicographical_topological_sort(order)
    except nx.NetworkXUnfeasible:
        circle = [need.rsplit("/", 2)[-2:] for need, _ in nx.find_cycle(order)]
        members = " -> ".join("/".join(words) for words in [*circle, circle[0]])
        raise CycleError(
            f"these changes wait for each other, so none can be first: {members}. Make them in two "
            "rollouts"
        ) from None


def _before(steps: Iterable[Step], actual: Actual) -> Iterator[Found]:
    """Yield what stood at each step's id, so that the step can be taken back."""
    for key in dict.fromkeys(same_id(step.resource.id.split("#")[0]) for step in steps):
        if found := actual.get(key):
            yield found
