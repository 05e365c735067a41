"""One request and its answer, without HTTP around them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from simulator.arm.ids import ResourceId
from simulator.arm.world import World
from simulator.fault import Fault
from simulator.principals import Principal


@dataclass(slots=True)
class Call:
    """A request whose path, api-version and body have been read and found sound."""

    world: World
    method: str
    id: ResourceId
    body: dict[str, Any]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    base_url: str
    # The path as it was asked for, which the URL of a next page repeats.
    path: str
    # The body as it came: errors tell places in it.
    raw: bytes = b""
    # Who sent it; nobody when Azure itself is at work.
    sender: Principal | None = None
    fault: Fault | None = None
    # How many times as long as usual the operation of this call takes.
    slower: float = 1.0

    @property
    def api_version(self) -> str:
        """Return the request's api-version, which its poll URLs repeat."""
        return self.query["api-version"]


@dataclass(slots=True)
class Reply:
    """An answer: no body means an empty one."""

    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    # Simulated seconds until it is sent.
    delay: float = 0.0
