"""The facts and hooks of a resource type: what a provider may say about itself."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from simulator.arm.busy import busy_error, reference_not_ready
from simulator.arm.call import Call, Reply
from simulator.arm.draft import Draft
from simulator.arm.errors import ArmError
from simulator.arm.families import NETWORK, Family
from simulator.arm.names import refuse_bad_name
from simulator.arm.operations import Operation
from simulator.arm.store import Resource
from simulator.arm.world import World

Action = Callable[[Call, Resource], Reply]


@dataclass(frozen=True)
class Inline:
    """Children that a parent's body carries: the property, the child's type, what silence means."""

    property: str
    type: str
    # "remove": a PUT without the property deletes the children (facts.md section 0.5).
    # "keep": it leaves them alone.
    when_absent: str = "remove"


class Hooks:
    """What the base class asks a resource type; every answer has a usual one."""

    type: ClassVar[str]
    family: ClassVar[Family] = NETWORK
    # The name in the middle of PutSubnetOperation.
    operation_name: ClassVar[str] = "Resource"
    # The order of the properties in a body; what is not listed comes after.
    layout: ClassVar[tuple[str, ...]] = ()
    defaults: ClassVar[Mapping[str, Any]] = {}
    # The order of the top-level keys, where the family's is not right.
    key_order: ClassVar[tuple[str, ...]] = ()
    # The first api-version that shows a property, where not all do.
    since: ClassVar[Mapping[str, str]] = {}
    # The last api-version that shows a property, where newer ones do not.
    until: ClassVar[Mapping[str, str]] = {}
    # Properties that a body may carry and Azure ignores.
    read_only: ClassVar[frozenset[str]] = frozenset()
    # Top-level keys besides location, tags and properties.
    extras: ClassVar[tuple[str, ...]] = ()
    inline: ClassVar[tuple[Inline, ...]] = ()
    has_guid: ClassVar[bool] = True
    # Whether a GET has an ETag header.
    has_etag_header: ClassVar[bool] = True
    # Children that have tags of their own.
    has_tags: ClassVar[bool] = False
    # The type as bodies spell it, where that differs from the path.
    shown_type: ClassVar[str] = ""
    # "regional", "global", or "none" for children.
    locations: ClassVar[str] = "regional"
    synchronous_delete: ClassVar[bool] = False
    # Where resources may stand (see `ResourceId.scope_kind`): extensions in more places than
    # a group, which is below a subscription for lists.
    scopes: ClassVar[frozenset[str]] = frozenset({"subscription", "resourceGroup"})

    # --- facts derived from the type -------------------------------------------------

    @property
    def is_child(self) -> bool:
        """Tell whether resources of this type live below another."""
        return self.type.count("/") > 1

    @property
    def is_extension(self) -> bool:
        """Tell whether resources of this type stand in other places than in groups."""
        return not self.scopes <= {"subscription", "resourceGroup"}

    @property
    def verbs(self) -> tuple[str, ...]:
        """Return the verbs of one resource; others are answered with 405."""
        usual = ("GET", "HEAD", "PUT", "DELETE")
        return usual if self.is_child and not self.has_tags else (*usual, "PATCH")

    @property
    def actions(self) -> Mapping[str, Action]:
        """Return the POST actions by lower-cased name."""
        return {}

    @property
    def questions(self) -> Mapping[str, Action]:
        """Return what a GET asks of a resource besides its body, by lower-cased name."""
        return {}

    # --- hooks ----------------------------------------------------------------------

    def references(self, draft: Draft) -> Iterable[str]:  # noqa: ARG002
        """Return the ids this resource refers to, which must exist."""
        return ()

    def regional_references(self, draft: Draft) -> Iterable[str]:
        """Return those of the references that must be in the same region."""
        return self.references(draft)

    def check_reference(self, found: Resource, draft: Draft, call: Call) -> None:
        """Raise the 429 of a reference to something that is not ready (facts.md section 7)."""
        operation = call.world.operations.holder(found.key)
        if operation is not None:
            raise reference_not_ready(operation, found.id.text, draft.id.text)

    def check_name(self, draft: Draft) -> None:
        """Raise an `ArmError` when a new resource may not be called so."""
        refuse_bad_name(draft)

    def validate(self, draft: Draft, call: Call, existing: Resource | None) -> None:
        """Raise an `ArmError` when Azure would refuse this."""

    def check_deletable(self, resource: Resource, call: Call) -> None:
        """Raise an `ArmError` when Azure would refuse to delete this."""

    def holds(self, user: Resource, used: Resource) -> bool:  # noqa: ARG002
        """Tell whether a reference of this type keeps what it refers to from being deleted."""
        return True

    def duration(self, call: Call, resource: Resource, operation: str) -> float:  # noqa: ARG002
        """Return the seconds this "create", "update" or "delete" takes."""
        return call.world.draw(call.world.settings.duration(self.type, operation))

    def doomed(self, call: Call, resource: Resource) -> dict[str, Any] | None:  # noqa: ARG002
        """Return the error that an accepted PUT will end with, when that is known already."""
        return None

    def locks(self, call: Call) -> frozenset[str]:
        """Return the keys that are busy while a write runs: the resource and its root."""
        return frozenset({call.id.key, call.id.root.key})

    def busy_keys(self, call: Call) -> Iterable[str]:
        """Return the keys that must not be busy for a write to be accepted."""
        return (call.id.root.key, call.id.key)

    def busy(self, call: Call, operation: Operation) -> ArmError:
        """Return the refusal while `operation` runs."""
        return busy_error(call.world, operation, call.id.root.text)

    def on_written(self, resource: Resource, call: Call) -> None:
        """Change what else changes the moment a PUT is accepted."""

    def on_done(self, resource: Resource, world: World) -> None:
        """Change what becomes visible when the write has succeeded."""

    def on_failed(self, resource: Resource, world: World) -> None:
        """Change what else is wrong when a write has failed after it was accepted."""

    def on_deleted(self, resource: Resource, world: World) -> None:
        """Change what else changes when the resource is gone."""

    def computed(self, resource: Resource, world: World) -> dict[str, Any]:  # noqa: ARG002
        """Return the properties that a read adds to those stored."""
        return {}
