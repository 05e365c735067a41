"""What assignments put into effect: rules that add networks and subnets to groups."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from simulator.arm.store import Resource
from simulator.arm.world import World
from simulator.hierarchy import holds
from simulator.policy.conditions import selects
from simulator.policy.expressions import ExpressionError, resolved
from simulator.policy.fields import context_of, parameter_function
from simulator.policy.functions import Functions
from simulator.policy.selectors import passes
from simulator.policy.types import ADD_TO_GROUP, ASSIGNMENT, DEFINITION, NETWORK_MODE, SET


@dataclass(frozen=True, slots=True)
class Rule:
    """One definition, as one assignment applies it.

    `reference` names the definition within the assigned set; it is empty without one.
    """

    assignment: Resource
    definition: Resource
    parameters: Mapping[str, Any]
    reference: str

    @property
    def source(self) -> str:
        """Return what tells this rule from all others."""
        return f"{self.assignment.key}|{self.definition.key}|{self.reference.lower()}"

    @property
    def _then(self) -> Mapping[str, Any]:
        then: Mapping[str, Any] = self.definition.properties["policyRule"]["then"]
        return then

    @property
    def group(self) -> str:
        """Return the key of the group it adds to."""
        return str(self._then["details"]["networkGroupId"]).rstrip("/").lower()

    def selects(self, resource: Resource, world: World) -> bool:
        """Tell whether a resource is added to the group by this rule."""
        if not self._applies_to(resource, world):
            return False
        condition = self.definition.properties["policyRule"]["if"]
        return selects(condition, context_of(resource, self.parameters, world))

    def _applies_to(self, resource: Resource, world: World) -> bool:
        values = self.assignment.properties
        if not holds(world, self.assignment.id.scope, resource.key):
            return False
        if any(holds(world, str(scope), resource.key) for scope in values.get("notScopes") or ()):
            return False
        selectors = values.get("resourceSelectors") or ()
        chosen = (passes(item.get("selectors") or (), resource, "") for item in selectors)
        if selectors and not any(chosen):
            return False
        return self._effect(resource).lower() == ADD_TO_GROUP.lower()

    def _effect(self, resource: Resource) -> str:
        """Return the effect, which the assignment may override (assignment structure)."""
        for item in self.assignment.properties.get("overrides") or ():
            is_effect = str(item.get("kind")).lower() == "policyeffect"
            if is_effect and passes(item.get("selectors") or (), resource, self.reference):
                return str(item.get("value"))
        return str(_resolved(self._then.get("effect"), self.parameters))


def assigned_rules(world: World) -> list[Rule]:
    """Return the rules that all enforced assignments put into effect.

    An assignment that is not enforced adds nothing (facts.md section 1).
    """
    return [
        rule
        for assignment in world.store.of_type(ASSIGNMENT)
        if assignment.properties.get("enforcementMode") != "DoNotEnforce"
        for rule in _rules(assignment, world)
        if rule.definition.properties["mode"].lower() == NETWORK_MODE.lower()
    ]


def _rules(assignment: Resource, world: World) -> Iterator[Rule]:
    assigned = world.store.find(assignment.properties["policyDefinitionId"])
    given = assignment.properties.get("parameters") or {}
    if assigned is None:
        return
    values = parameter_values(assigned, given)
    if assigned.type == DEFINITION:
        yield Rule(assignment, assigned, values, "")
    elif assigned.type == SET:
        for item in assigned.properties["policyDefinitions"]:
            definition = world.store.find(item["policyDefinitionId"])
            if definition is not None:
                passed = _passed_on(item.get("parameters") or {}, values)
                own = parameter_values(definition, passed)
                yield Rule(assignment, definition, own, item["policyDefinitionReferenceId"])


def parameter_values(definition: Resource, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a definition's parameters: those given, else the defaults."""
    values = {name.lower(): item.get("value") for name, item in given.items()}
    found = {}
    for name, declared in (definition.properties.get("parameters") or {}).items():
        if name.lower() in values:
            found[name] = values[name.lower()]
        elif "defaultValue" in declared:
            found[name] = declared["defaultValue"]
    return found


def _passed_on(given: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: {"value": _resolved(item.get("value"), values)} for name, item in given.items()}


def _resolved(value: Any, parameters: Mapping[str, Any]) -> Any:
    functions: Functions = parameter_function(parameters)
    try:
        return resolved(value, functions)
    except ExpressionError:
        return None
