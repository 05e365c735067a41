"""How each family of services refuses a body that it cannot read.

The network provider reads with Newtonsoft's Json.NET and shows its messages; the texts
that no public error shows are Json.NET's own for the same case, and so `assumed` here.
"""

import json
from typing import Any

from simulator.arm.call import Call
from simulator.arm.constraints import Breach, Found
from simulator.arm.errors import ArmError, invalid_request
from simulator.arm.json_places import place_of

_CONTRACT = "Microsoft.WindowsAzure.Networking.Nrp.Frontend.Contract.Csm.Public."
# The provider's own names, where errors show that they are not those of the swagger.
_OWN_NAMES = {"RouteNextHopType": "NextHopType", "IPAllocationMethod": "IpAllocationMethod"}
_RULE = "SecurityRulePropertiesFormat"


def network(call: Call, found: Found) -> ArmError:
    """Return Microsoft.Network's refusal: what cannot be parsed, each with its place."""
    first = found[0]
    unreadable = [_detail(call, item) for item in found if item.rule not in ("required", "range")]
    if not unreadable and first.rule == "range":
        # The codes and the words are `assumed`; only firewalls have such numbers.
        is_priority = first.name == "priority"
        return invalid_request(
            f"Value {first.value} of {first.path} is not in the range {first.expected}.",
            f"AzureFirewallRuleCollectionInvalid{'Priority' if is_priority else ''}Value",
        )
    if not unreadable and first.expected == _RULE:
        return _missing_of_rule(call, first)
    # A missing name has no details (Azure/azure-resource-manager-schemas issue 590); that
    # other missing members have none either is `assumed`.
    return ArmError(400, "InvalidRequestFormat", "Cannot parse the request.", details=unreadable)


def _missing_of_rule(call: Call, breach: Breach) -> ArmError:
    """Return the refusal of a security rule that lacks something (clong/DetectionLab issue 479)."""
    parameter = breach.name[0].upper() + breach.name[1:]
    rule, body = call.id.text, call.body
    if len(call.id.types) == 1:
        name = body["properties"]["securityRules"][breach.steps[2]].get("name")
        rule = f"{rule}/securityRules/{name}"
    return invalid_request(
        f"Required security rule parameter {parameter} is missing for security rule with Id: "
        f"{rule}.",
        "SecurityRuleParameterMissing",
    )


def _detail(call: Call, breach: Breach) -> dict[str, str]:
    """Return one entry of the details."""
    path = breach.path
    if breach.rule == "reference":
        # Azure/azure-quickstart-templates issue 3785.
        text = f"Value for reference id is missing. Path {path}."
        return {"code": "MissingJsonReferenceId", "message": text}
    if breach.rule == "target":
        # Azure/azure-quickstart-templates issue 2080.
        text = (
            f"Reference Id {breach.value} is not formatted correctly. The Id is expected to "
            f"reference resources of type {breach.expected}. Path {path}."
        )
        return {"code": "InvalidJsonReferenceFormat", "message": text}
    steps, of_name = breach.steps, breach.rule == "member"
    line, position = place_of(_text(call), steps, of_name=of_name)
    place = f"Path '{path}', line {line}, position {position}."
    return {"code": "InvalidJson", "message": f"{_unreadable(breach)} {place}"}


def _text(call: Call) -> str:
    return call.raw.decode("utf-8-sig") if call.raw else json.dumps(call.body)


def _unreadable(breach: Breach) -> str:
    """Return what Json.NET says."""
    shown, value = _own_name(breach.expected), breach.value
    if breach.rule == "member":
        # Azure/azure-cli issue 16205.
        return f"Could not find member '{breach.name}' on object of type '{shown}'."
    if breach.expected in ("integer", "number", "boolean") and isinstance(value, str):
        kind = "double" if breach.expected == "number" else breach.expected
        return f"Could not convert string to {kind}: {value}."
    if isinstance(value, dict | list):
        kind = (
            'object (e.g. {"name":"value"})' if isinstance(value, dict) else "array (e.g. [1,2,3])"
        )
        return f"Cannot deserialize the current JSON {kind} into type '{_full_name(shown)}'."
    # Azure/azure-cli issues 1619 and 2122; public error texts have the same words for enums,
    # "playground" to type '...IpAllocationMethod' and "VNetPeering" to type '...NextHopType'.
    text = f'"{value}"' if isinstance(value, str) else json.dumps(value)
    return f"Error converting value {text} to type '{_full_name(shown)}'."


def _own_name(name: str) -> str:
    return _OWN_NAMES.get(name, name.removesuffix("Format"))


def _full_name(name: str) -> str:
    system = {"string": "System.String", "boolean": "System.Boolean", "integer": "System.Int32"}
    return system.get(name, _CONTRACT + name)


class ModelStateError(ArmError):
    """The refusal of ASP.NET's own model binding, which no envelope holds."""

    def __init__(self, paths: list[str]) -> None:
        super().__init__(400, "BadRequest", "The request is invalid.")
        self.paths = paths

    def body(self) -> dict[str, Any]:
        """Return the places, without a word on what is wrong there."""
        errors = {f"resource.{path}": ["An error has occurred."] for path in self.paths}
        return {"Message": self.message, "ModelState": errors}


def firewall(call: Call, found: Found) -> ArmError:
    """Return the refusal of firewall policies and IP groups.

    What cannot be read is answered by the framework (pulumi/pulumi-azure-native issue 2671),
    a number out of range by the service; the code for ports is public
    (Azure/azure-rest-api-specs issue 11831), that for priorities and all words are `assumed`.
    """
    first = found[0]
    if first.rule == "range":
        code = "FirewallPolicyRuleConditionInvalidPortOrRangeFormat"
        if first.name == "priority":
            code = "FirewallPolicyRuleCollectionGroupInvalidPriorityValue"
        return invalid_request(
            f"{call.id.text}: {first.name} {first.value} must be in [{first.expected}].", code
        )
    return ModelStateError(sorted({item.path for item in found}))


def private_dns(call: Call, found: Found) -> ArmError:  # noqa: ARG001
    """Return the refusal of private DNS, which has no envelope.

    That of a link without `registrationEnabled` is public (Azure/azure-rest-api-specs issue
    31176); the words for anything else are `assumed`.
    """
    name = found[0].name
    what = "virtual network link registration setting" if name == "registrationEnabled" else name
    return ArmError(400, "BadRequest", f"The specified {what} is invalid.", enveloped=False)


def gateway(call: Call, found: Found) -> ArmError:  # noqa: ARG001
    """Return the refusal of Resource Manager itself, with Json.NET's words."""
    first = found[0]
    wrong = (
        f"Required property '{first.name}' not found in JSON. Path '{first.path}'."
        if first.rule == "required"
        else f"Error converting value \"{first.value}\" to type '{first.expected}'. "
        f"Path '{first.path}'."
    )
    return ArmError(
        400,
        "InvalidRequestContent",
        f"The request content was invalid and could not be deserialized: '{wrong}'",
        gateway=True,
    )
