"""What makes a policy rule acceptable: its form, its parameters, and its network group."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from simulator.arm.draft import Draft
from simulator.arm.ids import parse_id
from simulator.policy import refusals
from simulator.policy.conditions import LOGICAL, lowered, operator_of
from simulator.policy.expressions import ExpressionError, functions_in, is_expression
from simulator.policy.fields import CONTEXT_FUNCTIONS
from simulator.policy.functions import KNOWN
from simulator.policy.types import ADD_TO_GROUP, NETWORK_MODE

# Microsoft's page on definitions names these and the modes of resource providers.
_MODES = re.compile(r"all|indexed|microsoft\.\w+\.data", re.IGNORECASE)
_GROUP_TYPE = "microsoft.network/networkmanagers/networkgroups"
_PARAMETER = re.compile(r"parameters\(\s*'([^']+)'\s*\)", re.IGNORECASE)


def check_definition(draft: Draft) -> None:
    """Raise unless a definition's mode, rule and parameters fit together."""
    rule, mode = draft.properties.get("policyRule"), str(draft.properties["mode"])
    if not isinstance(rule, dict):
        raise refusals.missing_property("policyRule")
    if not _MODES.fullmatch(mode):
        raise refusals.invalid_mode(mode)
    _check_form(rule)
    _check_parameters(draft, rule)
    effect = str(rule["then"].get("effect") or "")
    adds = effect.lower() == ADD_TO_GROUP.lower()
    if mode.lower() == NETWORK_MODE.lower():
        _check_network_rule(draft.name, rule, effect)
    elif adds:
        # "Specific to Microsoft.Network.Data policy mode definitions only" (the page on
        # the effect, 2024-04); the words are `assumed`.
        raise refusals.invalid_rule(
            draft.name, f"The effect '{effect}' needs the mode '{NETWORK_MODE}'."
        )


def group_of(properties: Mapping[str, Any]) -> str | None:
    """Return the id of the network group that a definition's rule names, if it does."""
    details = properties["policyRule"]["then"].get("details")
    found = details.get("networkGroupId") if isinstance(details, Mapping) else None
    return found if isinstance(found, str) else None


def _check_form(rule: dict[str, Any]) -> None:
    for name in rule:
        if name not in ("if", "then"):
            raise refusals.unknown_member(name)
    for name in ("if", "then"):
        if not isinstance(rule.get(name), dict):
            raise refusals.unparsed_rule(f"Required property '{name}' not found in JSON. Path ''.")
    if not rule["then"].get("effect"):
        raise refusals.unparsed_rule("Required property 'effect' not found in JSON. Path 'then'.")


def _check_parameters(draft: Draft, rule: dict[str, Any]) -> None:
    declared = {name.lower(): name for name in draft.properties.get("parameters") or {}}
    used = set(_parameters_in(rule))
    unused = [name for lower, name in declared.items() if lower not in used]
    if unused:
        raise refusals.unused_parameters("policy", draft.name, unused)
    # A template in the details of deployIfNotExists has parameters of its own.
    for name in _parameters_in({"if": rule["if"], "effect": rule["then"]["effect"]}):
        if name not in declared:
            raise refusals.undefined_parameter(draft.name, name)


def _parameters_in(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield from (found.lower() for found in _PARAMETER.findall(value))
    elif isinstance(value, dict):
        for item in (*value.keys(), *value.values()):
            yield from _parameters_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from _parameters_in(item)


def _check_network_rule(name: str, rule: dict[str, Any], effect: str) -> None:
    known = {ADD_TO_GROUP.lower(), "disabled"}
    if not (is_expression(effect) or effect.lower() in known):
        raise refusals.invalid_rule(
            name, f"The effect '{effect}' is not supported in the mode '{NETWORK_MODE}'."
        )
    group = group_of({"policyRule": rule}) or ""
    if is_expression(group) or not group:
        # "Must be the full resource ID ... does not support parameterization" (the page on
        # network groups and Azure Policy, 2024-06).
        raise refusals.invalid_details(name, "The property 'networkGroupId' must be a resource id.")
    found = parse_id(group)
    if found is None or found.type.lower() != _GROUP_TYPE or found.is_collection:
        raise refusals.invalid_details(name, f"'{group}' is not the id of a network group.")
    _check_condition(name, rule["if"])


def _check_condition(name: str, condition: Any) -> None:
    """Raise on what no condition is; and, in so many words, on what is not evaluated here."""
    if not isinstance(condition, dict):
        raise refusals.invalid_rule(name, "A condition must be an object.")
    parts = lowered(condition)
    logical = next((key for key in LOGICAL if key in parts), None)
    if logical is not None:
        inner = parts[logical]
        for item in inner if isinstance(inner, list) else [inner]:
            _check_condition(name, item)
        return
    counted = parts.get("count")
    if isinstance(counted, dict):
        _check_count(name, lowered(counted))
    elif not ("field" in parts or "value" in parts):
        raise refusals.invalid_rule(name, "A condition needs a 'field', a 'value' or a 'count'.")
    if operator_of(condition) is None:
        raise refusals.invalid_rule(name, "A condition needs an operator.")
    _check_expressions(name, parts)


def _check_count(name: str, counted: dict[str, Any]) -> None:
    if not ("field" in counted or "value" in counted):
        raise refusals.invalid_rule(name, "A count needs a 'field' or a 'value'.")
    if "where" in counted:
        _check_condition(name, counted["where"])


def _check_expressions(name: str, parts: dict[str, Any]) -> None:
    try:
        functions = list(functions_in(parts))
    except ExpressionError as error:
        raise refusals.invalid_rule(name, f"{error}.") from error
    for function in functions:
        if function.name not in KNOWN and function.name not in CONTEXT_FUNCTIONS:
            raise refusals.invalid_rule(
                name, f"The simulator does not know the function '{function.name}'."
            )
