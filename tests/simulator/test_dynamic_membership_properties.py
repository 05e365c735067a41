"""However networks and policies change: in the end a group holds whom its policies select."""

from dataclasses import dataclass, field
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.app import create_app
from simulator.arm.ids import parse_id
from simulator.arm.store import Resource
from simulator.arm.world import World
from simulator.avnm.membership import members
from simulator.avnm.types import GROUP, MANAGER, NETWORK
from simulator.clock import ManualClock
from simulator.policy.types import ASSIGNMENT, DEFINITION
from simulator.settings import Settings
from tests.simulator.azure import GROUP as RESOURCE_GROUP
from tests.simulator.azure import SUBSCRIPTION
from tests.simulator.manager import MANAGER_ID, group_id, network_id
from tests.simulator.policy import a_definition, assignment_id, definition_id

KINDS = ("production", "test")
NAMES = ("v", "w")

_STEPS = st.one_of(
    st.tuples(st.just("tag"), st.sampled_from(NAMES), st.sampled_from([*KINDS, ""])),
    st.tuples(st.just("drop"), st.sampled_from(NAMES)),
    st.tuples(
        st.just("assign"),
        st.sampled_from("ab"),
        st.sampled_from(KINDS),
        st.sampled_from(["Default", "DoNotEnforce"]),
    ),
    st.tuples(st.just("unassign"), st.sampled_from("ab")),
    st.tuples(st.just("wait"), st.integers(1, 200)),
)


def saved(world: World, path: str, type_name: str, properties: Any, tags: Any = None) -> None:
    """Put a resource into the store, as a provider does once all is checked."""
    found = world.store.find(path)
    place = parse_id(path)
    assert place is not None
    resource = found or Resource(place, type_name, "westeurope", None, {})
    resource.properties, resource.tags = properties, tags
    world.store.save(resource)


@dataclass
class Plain:
    """What was done, without lag or events: the tags there are, and what is assigned."""

    tags: dict[str, str] = field(default_factory=dict)
    assigned: dict[str, tuple[str, str]] = field(default_factory=dict)

    def members(self, kind: str) -> set[str]:
        """Return whom the group of a kind must hold."""
        if (kind, "Default") not in self.assigned.values():
            return set()
        return {network_id(name) for name, tag in self.tags.items() if tag == kind}


def a_world(seed: int) -> tuple[World, ManualClock]:
    """Return a world with a manager, and a group and a definition for each kind.

    The seed decides on the lags, so on who overtakes whom.
    """
    clock = ManualClock()
    world: World = create_app(clock, settings=Settings(seed=seed)).state.world
    scopes = {"managementGroups": [], "subscriptions": [SUBSCRIPTION], "crossTenantScopes": []}
    saved(world, MANAGER_ID, MANAGER, {"networkManagerScopes": scopes})
    for kind in KINDS:
        condition = {"field": "tags.environment", "equals": kind}
        body = a_definition(condition, kind)["properties"]
        saved(world, definition_id(kind), DEFINITION, body)
        saved(world, group_id(kind), GROUP, {"memberType": "VirtualNetwork"})
    return world, clock


def take(step: tuple[Any, ...], world: World, clock: ManualClock, plain: Plain) -> None:
    """Do a step in the world and in the plain model."""
    match step:
        case ("tag", name, tag):
            saved(world, network_id(name), NETWORK, {}, {"environment": tag} if tag else None)
            plain.tags[name] = tag
        case ("drop", name):
            found = world.store.find(network_id(name))
            if found is not None:
                world.store.remove(found)
            plain.tags.pop(name, None)
        case ("assign", name, kind, mode):
            scope = SUBSCRIPTION if name == "a" else RESOURCE_GROUP
            body = {"policyDefinitionId": definition_id(kind), "enforcementMode": mode}
            saved(world, assignment_id(name, scope), ASSIGNMENT, body)
            plain.assigned[name] = (kind, mode)
        case ("unassign", name):
            scope = SUBSCRIPTION if name == "a" else RESOURCE_GROUP
            found = world.store.find(assignment_id(name, scope))
            if found is not None:
                world.store.remove(found)
            plain.assigned.pop(name, None)
        case ("wait", seconds):
            clock.advance(seconds)
    world.timeline.settle()


@settings(max_examples=150)
@given(steps=st.lists(_STEPS, max_size=30), seed=st.integers(0, 20))
def test_a_group_ends_with_whom_its_policies_select(
    steps: list[tuple[Any, ...]], seed: int
) -> None:
    """Whatever the order of changes and arrivals."""
    world, clock = a_world(seed)
    plain = Plain()
    for step in steps:
        take(step, world, clock, plain)
    clock.advance(world.settings.dynamic_membership_lag[1] + 1)
    world.timeline.settle()
    for kind in KINDS:
        found = {item.id.text for item in members(world, group_id(kind))}
        assert found == plain.members(kind)
