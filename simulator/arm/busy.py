"""One write at a time: what a client hears when something is being changed already."""

from typing import TYPE_CHECKING

from simulator.arm.errors import ArmError
from simulator.arm.ids import same_id
from simulator.arm.operations import Operation

if TYPE_CHECKING:
    from simulator.arm.world import World


def busy_error(world: "World", operation: Operation, root: str) -> ArmError:
    """Return the refusal of a write beneath `root`, which this operation is changing.

    A child's write (a subnet, a route, a peering) answers 429; a write of the whole
    resource, or one that came from another resource, answers 409 (recordings.md
    section 8 shows both without saying which rule divides them: this one is `assumed`).
    """
    if same_id(operation.target, root) or not operation.target.lower().startswith(root.lower()):
        return another_operation(operation)
    return retryable(world, operation, root)


def retryable(world: "World", operation: Operation, root: str) -> ArmError:
    """Return the 429 with its wait (recordings.md section 8)."""
    low, high = world.settings.busy_retry_after
    wait = world.random.randint(low, high)
    detail = {
        "code": "RetryableErrorDueToAnotherOperation",
        "message": f"Operation {operation.name} ({operation.guid}) is updating resource {root}. "
        f"The call can be retried in {wait} seconds.",
    }
    return ArmError(
        429, "RetryableError", "A retryable error occurred.", details=[detail], retry_after=wait
    )


def another_operation(operation: Operation) -> ArmError:
    """Return the 409 that names the operation in progress (recordings.md section 8)."""
    return ArmError(
        409,
        "AnotherOperationInProgress",
        "Another operation on this or dependent resource is in progress. To retrieve status of "
        f"the operation use uri: {operation.url}.",
        details=[],
    )


def _not_ready(operation: Operation, used: str, user: str) -> str:
    return (
        f"Cannot proceed with operation because resource {used} used by resource {user} is not in "
        "Succeeded state. Resource is in Updating state and the last operation that updated/is "
        f"updating the resource is {operation.name}."
    )


def reference_not_ready(operation: Operation, used: str, user: str) -> ArmError:
    """Return the 429 of a reference to something still updating (recordings.md section 8)."""
    detail = {
        "code": "ReferencedResourceNotProvisioned",
        "message": _not_ready(operation, used, user),
    }
    return ArmError(429, "RetryableError", "A retryable error occurred.", details=[detail])


def not_provisioned(operation: Operation, used: str, user: str) -> ArmError:
    """Return the 400 of a peering to a network that is updating (recordings.md section 8)."""
    return ArmError(
        400,
        "ReferencedResourceNotProvisioned",
        _not_ready(operation, used, user),
        details=[],
    )
