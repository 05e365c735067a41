"""Azure's refusals: the errors many types share, and the envelope they travel in."""

from collections.abc import Mapping
from typing import Any

from simulator.arm.ids import ResourceId


class ArmError(Exception):
    """An answer that refuses a request; handlers raise it, the app sends it."""

    def __init__(  # noqa: PLR0913 - the parts of Azure's envelope
        self,
        status: int,
        code: str,
        message: str,
        *,
        details: list[dict[str, Any]] | None = None,
        gateway: bool = False,
        retry_after: float | None = None,
        message_first: bool = False,
        enveloped: bool = True,
        headers: Mapping[str, str] | None = None,
        shown: Any = None,
    ) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.details = details
        self.gateway = gateway
        self.retry_after = retry_after
        self.message_first = message_first
        self.enveloped = enveloped
        self.headers = dict(headers or {})
        # A body in place of the envelope.
        self.shown = shown
        # Simulated seconds until it is sent.
        self.delay = 0.0

    def body(self) -> Any:
        """Return the envelope (recordings.md section 8)."""
        if self.shown is not None:
            return self.shown
        error: dict[str, Any] = {"code": self.code, "message": self.message}
        if self.message_first:
            # Virtual Network Manager puts the message before the code.
            error = {"message": self.message, "code": self.code}
        if self.details is not None:
            error["details"] = self.details
        # Record sets of private DNS answer without the envelope.
        return {"error": error} if self.enveloped else error


def management_group_not_found(group: ResourceId) -> ArmError:
    """Return the 404 of a management group (seen in AzADServicePrincipalInsights issue 22)."""
    return ArmError(404, "NotFound", f"'{group.text}' not found")


def resource_not_found(resource_id: ResourceId) -> ArmError:
    """Return the gateway's 404 for a top-level resource that does not exist."""
    return ArmError(
        404,
        "ResourceNotFound",
        f"The Resource '{resource_id.type}/{'/'.join(resource_id.names)}' under resource group "
        f"'{resource_id.group}' was not found. For more details please go to "
        "https://aka.ms/ARMResourceNotFoundFix",
        gateway=True,
    )


def child_not_found(resource_id: ResourceId) -> ArmError:
    """Return the network provider's 404 for a missing child of a parent that exists."""
    return ArmError(404, "NotFound", f"Resource {resource_id.text} not found.", details=[])


def parent_not_found(resource_id: ResourceId, parent: ResourceId, verb: str) -> ArmError:
    """Return the gateway's 404 for a write under a parent that does not exist."""
    return ArmError(
        404,
        "ParentResourceNotFound",
        f"Failed to perform '{verb}' on resource(s) of type '{'/'.join(resource_id.types)}', "
        f"because the parent resource '{parent.text}' could not be found.",
        gateway=True,
    )


def group_not_found(group: str) -> ArmError:
    """Return the gateway's 404 for a resource group that does not exist."""
    return ArmError(
        404, "ResourceGroupNotFound", f"Resource group '{group}' could not be found.", gateway=True
    )


def subscription_not_found(subscription: str) -> ArmError:
    """Return the gateway's 404 for a subscription this tenant does not have."""
    return ArmError(
        404,
        "SubscriptionNotFound",
        f"The subscription '{subscription}' could not be found.",
        gateway=True,
    )


def unknown_type(namespace: str, type_name: str, api_version: str) -> ArmError:
    """Return the gateway's 404 for a resource type or action that it does not know."""
    return ArmError(
        404,
        "InvalidResourceType",
        f"The resource type '{type_name}' could not be found in the namespace '{namespace}' "
        f"for api version '{api_version}'. The supported api-versions are '2024-03-01,2025-03-01,"
        "2026-03-01'.",
        gateway=True,
    )


def unknown_namespace(namespace: str) -> ArmError:
    """Return the gateway's 404 for a provider namespace that it does not know."""
    return ArmError(
        404,
        "InvalidResourceNamespace",
        f"The resource namespace '{namespace}' is invalid.",
        gateway=True,
    )


def method_not_allowed(method: str, type_name: str) -> ArmError:
    """Return the 405 for a verb that a type does not offer."""
    return ArmError(
        405,
        "MethodNotAllowed",
        f"The request method '{method}' is not supported on resources of type '{type_name}'.",
        gateway=True,
    )


def invalid_reference(target: str, source: str) -> ArmError:
    """Return the 400 for a reference to a resource that does not exist or lives elsewhere."""
    return ArmError(
        400,
        "InvalidResourceReference",
        f"Resource {target} referenced by resource {source} was not found. Please make sure that "
        "the referenced resource exists, and that both resources are in the same region.",
        details=[],
    )


def invalid_request(message: str, code: str = "InvalidRequestFormat") -> ArmError:
    """Return a provider's plain 400."""
    return ArmError(400, code, message, details=[])


def etag_mismatch(resource_id: ResourceId, wanted: str, etag: str) -> ArmError:
    """Return the 412 of a condition that fails; codes and words are `assumed`."""
    detail = {
        "code": "PreconditionFailedEtagMismatch",
        "message": f"Etag provided in if-match header {wanted} does not match etag {etag} of "
        f"resource {resource_id.text} in NRP data store.",
    }
    return ArmError(412, "PreconditionFailed", "Precondition failed.", details=[detail])


def operation_not_found(guid: str) -> ArmError:
    """Return the 404 for an operation nobody started; the code is `assumed`."""
    return ArmError(404, "OperationNotFound", f"The operation '{guid}' could not be found.")
