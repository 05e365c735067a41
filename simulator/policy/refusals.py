"""What Azure Policy refuses, in its words.

Codes are those that Azure's own tests ask for (LivePolicyTests of the SDK for .NET) and users
quote in issues, which each text names; what nobody quotes is `assumed`. Policy's errors come
from the provider: they have no gateway header (recording
test_resource_policy_identity_userassigned).
"""

from collections.abc import Iterable

from simulator.arm.errors import ArmError
from simulator.arm.ids import ResourceId
from simulator.policy.types import ASSIGNMENT, DEFINITION, SET

_NAMES = {DEFINITION: "policy definition", SET: "policy set definition"}
_CODES = {
    DEFINITION: "PolicyDefinition",
    SET: "PolicySetDefinition",
    ASSIGNMENT: "PolicyAssignment",
}


def absent(type_name: str, name: str) -> ArmError:
    """Return the 404 of what does not exist (recordings.md section 8; assignments: `assumed`)."""
    code = f"{_CODES[type_name]}NotFound"
    if type_name == ASSIGNMENT:
        return ArmError(404, code, f"The policy assignment '{name}' is not found.")
    return ArmError(404, code, f"The {_NAMES[type_name]} '{name}' could not be found.")


def not_built_in(resource_id: ResourceId) -> ArmError:
    """Return the 404 at the tenant's scope (errors_seen.jsonl, test_resource_policy_identity).

    Users of azurerm saw PolicyDefinitionNotFound there in 2021.
    """
    what = f"{resource_id.type}/{resource_id.name}"
    return ArmError(404, "ResourceTypeNotSupported", f"Unsupported resource type: '{what}'.")


def missing_definition(kind: str, target: ResourceId) -> ArmError:
    """Return the refusal of an assignment or set of what is not there (Enterprise-Scale#804)."""
    type_name = SET if target.type.lower() == SET.lower() else DEFINITION
    return ArmError(
        400,
        f"{_CODES[type_name]}NotFound",
        f"The {kind} create request is invalid. The {_NAMES[type_name]} '{target.text}' could not "
        "be found.",
    )


def missing_property(name: str) -> ArmError:
    """Return the refusal of a body without a required property."""
    return ArmError(
        400,
        "InvalidRequestContent",
        "The request content was invalid and could not be deserialized: 'Required property "
        f"'{name}' not found in JSON. Path 'properties'.'.",
    )


def invalid_content(what: str) -> ArmError:
    """Return the refusal of a body with a value that cannot be."""
    return ArmError(
        400,
        "InvalidRequestContent",
        f"The request content was invalid and could not be deserialized: '{what}'.",
    )


def invalid_mode(mode: str) -> ArmError:
    """Return the refusal of an unknown mode; the text is `assumed`."""
    return ArmError(
        400, "InvalidPolicyDefinitionMode", f"The policy definition mode '{mode}' is not supported."
    )


def unparsed_rule(what: str) -> ArmError:
    """Return the refusal of a rule of the wrong form (azure-cli#28377)."""
    return ArmError(400, "InvalidPolicyRule", f"Failed to parse policy rule: '{what}'.")


def unknown_member(name: str) -> ArmError:
    """Return the refusal of a rule with something other than `if` and `then` in it."""
    return unparsed_rule(
        f"Could not find member '{name}' on object of type 'PolicyRuleDefinition'. Path '{name}'."
    )


def invalid_rule(name: str, what: str) -> ArmError:
    """Return the refusal of a rule that can be read and cannot work."""
    return ArmError(
        400, "InvalidPolicyRule", f"The policy definition '{name}' rule is invalid. {what}"
    )


def invalid_details(name: str, what: str) -> ArmError:
    """Return the refusal of an effect's details (azure-policy#880); the reason is `assumed`."""
    return ArmError(
        400,
        "InvalidPolicyRuleEffectDetails",
        f"The policy definition '{name}' rule is invalid. The policy effect 'details' property "
        f"could not be parsed. {what}",
    )


def unused_parameters(kind: str, name: str, unused: Iterable[str]) -> ArmError:
    """Return the refusal of parameters for nothing (azure-monitor-baseline-alerts#311)."""
    return ArmError(
        400,
        "UnusedPolicyParameters",
        f"The {kind} '{name}' has defined parameters '{','.join(unused)}' which are not used in "
        "the policy rule. Please either remove these parameters from the definition or ensure "
        "that they are used in the policy rule.",
    )


def undefined_parameter(name: str, parameter: str) -> ArmError:
    """Return the refusal of a rule with an unknown parameter (Enterprise-Scale#399)."""
    return ArmError(
        400,
        "InvalidPolicyParameters",
        f"A function or parameter in policy '{name}' could not be validated. If using template "
        "functions, try following the tips in: https://aka.ms/policy-avoiding-template-failures. "
        f"The inner exception 'The policy '{name}' has undefined parameter '{parameter}' which is "
        "used in the policy rule. Please either define it in policy definition or remove the "
        "reference in policy rule.'.",
    )


def foreign_parameters(user: str, unknown: Iterable[str], definition: str) -> ArmError:
    """Return the refusal of values for parameters that are not there (policy-as-code#47)."""
    return ArmError(
        400,
        "UndefinedPolicyParameter",
        f"The {user} is attempting to assign the parameter(s) '{','.join(unknown)}' which are not "
        f"defined in the policy definition '{definition}'.",
    )


def missing_parameters(user: str, missing: Iterable[str], definition: str) -> ArmError:
    """Return the refusal of an assignment that leaves parameters without a value."""
    return ArmError(
        400,
        "MissingPolicyParameter",
        f"The {user} is missing the parameter(s) '{','.join(missing)}' as defined in the policy "
        f"definition '{definition}'.",
    )


def out_of_scope(name: str) -> ArmError:
    """Return the refusal of a definition from elsewhere; the text is quoted by azurerm's users."""
    return ArmError(
        400,
        "InvalidCreatePolicyAssignmentRequest",
        f"The policy definition specified in policy assignment '{name}' is out of scope. Policy "
        "definitions should be specified only at or above the policy assignment scope.",
    )


def in_use(resource_id: ResourceId, type_name: str, user: ResourceId) -> ArmError:
    """Return the refusal to delete what is referred to.

    By a set: Azure-Landing-Zones#3925, with its two spaces; by an assignment: ade#37.
    """
    kind = _NAMES[type_name]
    if user.type == SET:
        reason = (
            f" It is referenced by the policy set definition '{user.text}'. Please remove this "
            "policy definition from all policy set definitions that reference it."
        )
    else:
        reason = (
            f"It is referenced by the policy assignment '{user.text}'. Please delete all policy "
            "assignments referencing the policy."
        )
    return ArmError(
        400,
        f"InvalidDelete{_CODES[type_name]}Request",
        f"The {kind} '{resource_id.name}' cannot be deleted. {reason}",
    )


def spent_name(name: str, group: str) -> ArmError:
    """Return the refusal of a name that a deleted definition had; code and text are `assumed`."""
    return ArmError(
        400,
        "PolicyDefinitionNameNotAvailable",
        f"The policy definition name '{name}' belonged to a definition that was deleted and cannot "
        f"be used again for the network group '{group}'. Please choose another name.",
    )


def identity_without_location() -> ArmError:
    """Return the refusal of a managed identity that lies nowhere; the code is `assumed`."""
    return ArmError(
        400,
        "LocationRequired",
        "Location needs to be specified if a managed identity is to be assigned to the policy "
        "assignment.",
    )
