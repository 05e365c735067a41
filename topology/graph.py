"""The graph: what needs what, which stage and region it belongs to, how long it takes.

Edges are not written down anywhere: they follow from the ids that bodies name, from
parents, from late values, and from the few needs that a kind adds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import networkx as nx

from topology.kind import Locks, Resource, late_in, same_id, strings
from topology.resources import KIND_BY_NAME


@dataclass(frozen=True)
class Edge:
    """`step` comes after `need`, by their ids in the graph.

    A need that crosses regions only orders (`orders_only`): a region that fails stops
    nothing in another.
    """

    step: str
    need: str
    orders_only: bool = False


class CycleError(ValueError):
    """Resources, or steps, that need each other in a circle; the message names its members."""


class Graph:
    """The resources of a topology as a networkx DiGraph.

    `digraph` has a node for each resource, by its id in lower case, with the resource
    as the attribute `resource`; an edge leads from what is needed to what needs it.
    Raises CycleError.
    """

    def __init__(self, resources: Iterable[Resource]) -> None:
        self.digraph: nx.DiGraph[str] = nx.DiGraph()
        for resource in resources:
            self.digraph.add_node(same_id(resource.id), resource=resource)
        for key in list(self.digraph):
            for need in self._needs(self[key]):
                if need != key:
                    self.digraph.add_edge(need, key)
        self._refuse_cycles()

    def __getitem__(self, resource_id: str) -> Resource:
        resource: Resource = self.digraph.nodes[same_id(resource_id)]["resource"]
        return resource

    def __contains__(self, resource_id: str) -> bool:
        return same_id(resource_id) in self.digraph

    def __iter__(self) -> Iterator[Resource]:
        """Yield all resources, each after what it needs; ties go by id."""
        for key in nx.lexicographical_topological_sort(self.digraph):
            yield self[key]

    def needs(self, resource_id: str) -> list[Resource]:
        """Return what a resource needs directly, by id."""
        return [self[key] for key in sorted(self.digraph.predecessors(same_id(resource_id)))]

    def rests_on(self, resource_id: str, need_id: str) -> bool:
        """Say whether a resource needs another one, directly or by what it needs."""
        ends = same_id(need_id), same_id(resource_id)
        return all(end in self.digraph for end in ends) and nx.has_path(self.digraph, *ends)

    def edges(self) -> tuple[Edge, ...]:
        """Return all needs; those that cross regions only order.

        So a region that fails stops nothing of another region.
        """
        return tuple(
            Edge(self[step].id, self[need].id, _crosses(self[need], self[step]))
            for need, step in sorted(self.digraph.edges)
        )

    def critical_path(self) -> list[Resource]:
        """Return the chain of needs that takes longest, by the kinds' expected seconds."""
        weighted: nx.DiGraph[str] = nx.DiGraph()
        weighted.add_nodes_from(self.digraph)
        weighted.add_weighted_edges_from(
            (need, step, expected_seconds(self[step])) for need, step in self.digraph.edges
        )
        return [self[key] for key in nx.dag_longest_path(weighted)]

    def _needs(self, resource: Resource) -> Iterator[str]:
        kind = KIND_BY_NAME[resource.kind]
        if above := self._nearest(
            same_id(resource.id).split("#")[0], strictly="#" not in resource.id
        ):
            yield above
        for need in resource.needs:
            if need in self:
                yield same_id(need)
        for named in references(resource.body):
            if found := self._nearest(same_id(named)):
                yield found
                if _is_of(found, kind.needs_whole):
                    yield from self._under(found)

    def _nearest(self, key: str, *, strictly: bool = False) -> str | None:
        """Return the resource at an id, or the nearest above it."""
        if strictly:
            key = key.rpartition("/")[0]
        while key and key not in self.digraph:
            key = key.rpartition("/")[0]
        return key or None

    def _under(self, above: str) -> Iterator[str]:
        return (key for key in self.digraph if key.startswith(f"{above}/"))

    def _refuse_cycles(self) -> None:
        if nx.is_directed_acyclic_graph(self.digraph):
            return
        circle = [self[need] for need, _ in nx.find_cycle(self.digraph)]
        members = " -> ".join(f"{item.kind} {item.name}" for item in [*circle, circle[0]])
        raise CycleError(f"these need each other in a circle, so none can be first: {members}")


def references(body: Mapping[str, object]) -> Iterator[str]:
    """Yield every ARM id that a body names, those of late values included."""
    for text in strings(body):
        if found := late_in(text):
            yield found.resource_id
        elif text.lower().startswith("/subscriptions/"):
            yield text


def expected_seconds(resource: Resource) -> float:
    """Return how long a write of this resource takes in Azure, by its kind."""
    return KIND_BY_NAME[resource.kind].seconds.create


def locks(resource: Resource) -> Locks:
    """Return what a write of this resource occupies, beside its own id.

    Writes that need the same id alone exclude each other in time: Azure takes one
    write at a time in a network, a policy or a route table (facts.md section 7).
    """
    kind = KIND_BY_NAME[resource.kind]
    ids = [resource.id.split("#")[0], *references(resource.body)]
    alone = {*_of_types(ids, kind.alone), *map(same_id, resource.alone)}
    alone.add(same_id(resource.id))
    return Locks(frozenset(alone), frozenset(_of_types(ids, kind.shared)) - alone)


def _of_types(ids: Iterable[str], types: frozenset[str]) -> Iterator[str]:
    """Yield the part of each id that ends in a resource of one of these types."""
    for resource_id in ids:
        parts = same_id(resource_id).split("/")
        for index, part in enumerate(parts[:-1]):
            if part in {name.lower() for name in types}:
                yield "/".join(parts[: index + 2])


def _is_of(key: str, types: frozenset[str]) -> bool:
    return key in _of_types([key], types)


def _crosses(need: Resource, step: Resource) -> bool:
    return None not in {need.region, step.region} and need.region != step.region
