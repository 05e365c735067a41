"""Faults are ordinary input: a list that tests and operators write, and requests consume."""

from dataclasses import dataclass
from typing import Any


class ConnectionDroppedError(Exception):
    """The connection ended without an answer; a transport turns this into its own error."""


@dataclass(slots=True)
class Fault:
    """One fault: which requests it hits, what happens to them and how often.

    `type` is a resource type, or a type and a POST action below it, such as
    "Microsoft.Network/networkManagers/commit"; what is left None hits any.

    `when` is "request" (answer the request with the error), "provisioning" (accept it
    and let its operation end in Failed) or "deployment" (of a commit, to one region).
    `drop` is "before" (nothing happened) or "after" (it happened, but the answer is lost).
    `times` None means for good.
    """

    method: str | None = None
    type: str | None = None
    region: str | None = None
    name: str | None = None
    code: str = "InternalServerError"
    status: int = 500
    message: str = "An error occurred."
    times: int | None = 1
    when: str = "request"
    drop: str | None = None
    retry_after: float | None = None

    def hits(self, method: str, type_name: str, name: str, region: str | None) -> bool:
        """Tell whether this fault is meant for such a request."""
        wanted = (
            (self.method, method),
            (self.type, type_name),
            (self.name, name),
            (self.region, region),
        )
        return all(want is None or want.lower() == (have or "").lower() for want, have in wanted)

    @property
    def error(self) -> dict[str, Any]:
        """Return the error as an operation shows it."""
        return {"code": self.code, "message": self.message}


class Faults:
    """The faults in force, oldest first; one request meets at most one."""

    def __init__(self, faults: list[Fault] | None = None) -> None:
        self.active: list[Fault] = list(faults or [])

    def add(self, **fields: Any) -> Fault:
        """Put a fault in force; the fields are those of `Fault`."""
        fault = Fault(**fields)
        self.active.append(fault)
        return fault

    def clear(self) -> None:
        """Lift all faults."""
        self.active.clear()

    def take(
        self, method: str, type_name: str, name: str, region: str | None, when: str | None = None
    ) -> Fault | None:
        """Return the fault that hits this request and count it as used.

        Faults of a deployment hit no request: a commit asks for them by `when`.
        """
        late = "deployment"
        meant = [f for f in self.active if (f.when == late) == (when == late)]
        fault = next((f for f in meant if f.hits(method, type_name, name, region)), None)
        if fault is not None and fault.times is not None:
            fault.times -= 1
            if fault.times <= 0:
                self.active.remove(fault)
        return fault
