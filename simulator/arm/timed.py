"""The operations of writes: how they start and what they leave when they end."""

from simulator.arm.bodies import Bodies
from simulator.arm.call import Call
from simulator.arm.operations import Operation
from simulator.arm.store import Resource
from simulator.arm.world import World


class Timed(Bodies):
    """Gives writes their operation, and resources a new etag and state at its end."""

    def operate(self, call: Call, resource: Resource, change: str) -> Operation:
        """Start the operation of a PUT; one with nothing to do has ended already."""
        if change in ("none", "tags"):
            operation = self.new_operation(call, resource, "Put", 0, frozenset())
            operation.status = "Succeeded"
            call.world.operations.note(operation)
            return operation
        seconds = self.duration(call, resource, change)
        locks = self.locks(call) | self._inline_keys(resource, call.world)
        operation = self.new_operation(call, resource, "Put", seconds, locks)
        operation.error = self.doomed(call, resource)
        if call.fault is not None and call.fault.when == "provisioning":
            operation.error = call.fault.error
        return call.world.operations.start(
            operation, lambda: self._written(resource, call.world, operation)
        )

    def _inline_keys(self, resource: Resource, world: World) -> frozenset[str]:
        types = [item.type for item in self.inline]
        children = [
            child.key for kind in types for child in world.store.children(resource.key, kind)
        ]
        return frozenset(children)

    def _written(self, resource: Resource, world: World, operation: Operation) -> None:
        if world.store.get(resource.key) is not resource:
            return
        resource.state = "Failed" if operation.error else "Succeeded"
        if self.family.new_etag_when_done:
            self.touch(resource, world)
        if operation.error:
            self.on_failed(resource, world)
        else:
            self.on_done(resource, world)

    def new_operation(
        self, call: Call, resource: Resource, verb: str, seconds: float, locks: frozenset[str]
    ) -> Operation:
        """Return an operation that is not started yet."""
        world = call.world
        operation = Operation(
            guid=world.new_guid(),
            name=f"{verb}{self.operation_name}Operation",
            target=resource.id.text,
            location=resource.location or "global",
            api_version=call.api_version,
            retry_after=world.settings.retry_after(self.type, verb.lower()),
            family=self.family,
            locks=locks,
            ends=world.now + seconds * call.slower,
            deleting=verb == "Delete",
            constant_polls=self.family.constant_polls,
        )
        operation.url = self.family.status_url(call, operation)
        return operation

    def touch(self, resource: Resource, world: World) -> None:
        """Note a change: a new etag, of the root too where children share it, and the time."""
        stamp = world.clock.wall().strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        resource.hidden.setdefault("created", stamp)
        resource.hidden["changed"] = stamp
        resource.etag = self.family.new_etag(world)
        root = world.store.get(resource.id.root.key)
        if root is not None and self.family.shares_etags:
            root.etag = resource.etag
