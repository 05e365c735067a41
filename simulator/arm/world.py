"""Everything a provider may look at or change, in one value; there are no globals."""

import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from simulator.arm.chance import Chance
from simulator.arm.operations import Operations
from simulator.arm.store import Resource, Store
from simulator.arm.throttling import Throttling
from simulator.arm.timeline import Timeline
from simulator.clock import Clock, Present
from simulator.faults import Faults
from simulator.settings import Settings

if TYPE_CHECKING:
    from simulator.arm.past import Before
    from simulator.arm.provider import Provider


class World:
    """One simulated Azure: what exists, what runs, what time it is, and chance.

    The only source of chance is `random`, seeded once: the same requests in the same
    order get the same durations and the same GUIDs.
    """

    def __init__(
        self, clock: Clock, settings: Settings, faults: Faults, providers: Iterable["Provider"]
    ) -> None:
        self.clock = Present(clock)
        self.settings = settings
        self.faults = faults
        self.random = Chance(settings.seed)
        self.timeline = Timeline(self.clock)
        self.operations = Operations(self.timeline)
        self.store = Store()
        self.throttling = Throttling(
            settings.request_limits, settings.throttling, lambda: self.timeline.now
        )
        self.past: dict[str, Before] = {}
        faults.bind(lambda: self.timeline.now, settings.seed)
        # Subscriptions that no network manager can have as its scope any more, lower-cased.
        self.wedged_scopes: set[str] = set()
        # The api-version of the request at hand: older ones show fewer properties.
        self.api_version = ""
        self.providers: Mapping[str, Provider] = {item.type.lower(): item for item in providers}

    @property
    def now(self) -> float:
        """Return the seconds of simulated time."""
        return self.timeline.now

    @property
    def revision(self) -> tuple[object, ...]:
        """Return what differs once a request has changed, planned or drawn something."""
        faults = self.faults.changes
        return (self.store.changes, self.timeline.count, self.random.draws, faults)

    @contextmanager
    def moment(self, now: float) -> Iterator[None]:
        """Let it be this moment within the block, with all done that is due by then."""
        with self.clock.held(now):
            self.timeline.settle()
            yield

    def new_guid(self) -> str:
        """Return a GUID that depends on the seed only."""
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))

    def draw(self, bounds: tuple[float, float]) -> float:
        """Return a number between two bounds."""
        return self.random.uniform(*bounds)

    def provider(self, type_name: str) -> "Provider":
        """Return the provider of a type that is known to be served."""
        return self.providers[type_name.lower()]

    def provider_of(self, resource: Resource) -> "Provider":
        """Return the provider that made a resource."""
        return self.providers[resource.type.lower()]

    def state_of(self, resource: Resource) -> str:
        """Return the provisioning state a read shows: what runs hides what is stored."""
        operation = self.operations.holder(resource.key)
        if operation is None:
            return resource.state
        if operation.deleting and operation.target.lower() == resource.key:
            return "Deleting"
        return "Updating"
