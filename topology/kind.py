"""What a resource is, and the facts about a kind of resource.

A kind is data: the planner, the Azure client, the tests and the documents read
it, and none of them keeps a list of resource types or asks `if kind ==`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from functools import lru_cache
from typing import Any

from topology.billed import Billed
from topology.limits import Limit
from topology.network import Network
from topology.recorded import Seconds

Body = Mapping[str, Any]

NOBODY = "(?!)"  # the pattern of a child list whose items their own PUTs write


class Stage(StrEnum):
    """The stages of a rollout, in their order.

    GLOBAL belongs to no region and does nothing by itself. POLICY is what firewalls let
    through: what belongs to a region is written with it, what belongs to none reaches every
    region at once. A region's own subflow runs these of its own, HUB, FIREWALL and SPOKE.
    From MESH on, stages join regions. ROUTES lead on to what has come: from firewall to firewall
    and, in a region that stood before, between hub and spoke; what parts these is of it, too.
    WITHDRAWAL takes out of rules what was needed until something had gone. SCOPE is the very
    last: subscriptions in which nothing stands any more leave the manager's scope.
    """

    GLOBAL = "global"
    POLICY = "policy"
    HUB = "hub"
    FIREWALL = "firewall"
    SPOKE = "spoke"
    MESH = "mesh"
    SECURITY = "security"
    ROUTES = "routes"
    ROUTING = "routing"
    WITHDRAWAL = "withdrawal"
    SCOPE = "scope"

    @property
    def is_regional(self) -> bool:
        """Say whether a region's own subflow runs what it has of a region."""
        return self in {Stage.POLICY, Stage.HUB, Stage.FIREWALL, Stage.SPOKE}

    @property
    def joins_regions(self) -> bool:
        """Say whether it waits for all regions to have ended."""
        return self in {
            Stage.MESH,
            Stage.SECURITY,
            Stage.ROUTES,
            Stage.ROUTING,
            Stage.WITHDRAWAL,
        }


class Severity(StrEnum):
    """How much a difference weighs, the worst first.

    CRITICAL: traffic can get around a firewall, or between what is kept apart. HIGH: traffic
    that should pass is lost, or will be. LOW: nothing passes otherwise than it should.
    """

    CRITICAL = "critical"
    HIGH = "high"
    LOW = "low"


class Ownership(Enum):
    """How we know that a resource is ours, there being no state file."""

    TAG = "tags managed-by and topology"
    DESCRIPTION = "description managed-by=orrery/<topology>"
    NAME = "our name pattern under a parent that is ours"


class Listing(Enum):
    """Which list of Azure's holds the resources of a kind."""

    SUBSCRIPTION = "one list for the subscription"
    PARENT = "one list for each parent that exists"
    INLINE = "the parent's own body holds them"
    NAMED = "a list for each subscription in which something that was read names one"
    DEPLOYMENT_STATUS = "the manager's deployment status: commits are no resources"


@dataclass(frozen=True)
class ChildList:
    """A list in a body whose items are children, told apart by name.

    A PUT drops the children that it leaves out (facts.md section 0.5), so what is
    there is merged with what we want. Items whose name matches `ours` (a regular
    expression in which `{topology}` stands for its name) and that are not wanted go;
    all others belong to someone else and stay. Where a topology gives names of its own,
    tags whose keys begin with `tag` name those that are ours as well.
    """

    path: str
    ours: str
    tag: str | None = None


@dataclass(frozen=True)
class Locks:
    """What a write occupies: ids that it needs alone, and ids that it shares."""

    alone: frozenset[str] = frozenset()
    shared: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Resource:
    """One thing that Azure should hold.

    `body` is plain ARM JSON and holds only what we set; it may hold late values.
    `needs` are ids beyond those that the body and the id already name. `alone` are
    ids that its write occupies beyond those that its kind says. `region` is None for
    what belongs to no region.
    """

    kind: str
    id: str
    region: str | None
    stage: Stage
    body: dict[str, Any]
    needs: frozenset[str] = frozenset()
    alone: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """Return the last segment of the id."""
        return self.id.rsplit("/", 1)[-1]


_AT_ONCE = Seconds(create=5)


@dataclass(frozen=True)
class Kind:
    """The facts about a kind of resource.

    `part_of` marks a kind that is a part of another resource's body, written by
    its own PUT of the same id: `<id>#<kind>` is its id in the graph.
    `tags_method` is the SDK's method that changes tags alone.
    `replaced_by` are paths that Azure refuses to change in place. `read_only` are
    keys that Azure fills in and that a PUT must not repeat, wherever they stand.
    `alone` and `shared` are Azure types (`virtualNetworks`): a write occupies each
    resource of these types that its id or body names, by itself or with others of
    its kind. `needs_whole` are types of which it needs all that stands under them too.
    `takes_along` says that its deletion takes along whatever Azure holds in it, also of
    types that we do not know, so that it is deleted only when nothing is in it.
    `reach` is the path of a list of the subscriptions in which it has an effect.
    `joins` are actions that a write needs on what its body names, by the type of that: its
    subscription may be another.
    `one_at` are paths of ids: Azure lets one resource of the kind, or of the kind in one parent,
    name each of these.
    `follows` are paths of ids, with the fields that must read as in what these name: what is
    shared by regions decides them for all.
    `other_side` is the path of an id: a resource of such a kind is one of a pair, and the
    other stands under what this one names. `lost_when` are values that Azure shows of what
    can only be made again.
    `stage` is that of its resources, also of those that are found and not wanted, where they
    have one in common that does not follow from where they stand.
    `when_empty` are values that Azure shows while nobody has put anything into it.
    `used_by` are keys under which Azure lists who uses it, others included. `is_protected`
    says that its loss cuts traffic, or loses what nobody can have back: `protect: true`
    keeps it. `severity` says how much a difference weighs, by patterns of paths in which `*` is
    anything; the first that fits counts, and what is missing or too much has an empty path.
    `azure_gives` are paths of what Azure gives and people must know when it changes.
    `pause_before_deletion` is in Azure's seconds.
    `our_names` is a regular expression in which `{topology}` stands for its name. `ours_between`
    is for kinds that are owned by name: the path of an id, and whether what stands between
    a parent and a resource that are both ours is ours too, by its name and the bodies of both.
    `decides` says that it is, or holds, rules of firewalls: what others have of it is read, too,
    wherever a firewall that was read is ruled by it.
    `fills_groups` marks the rules that put networks into groups; the name of one that was
    deleted serves no group again. `assigns` is the kind that this one, of the same name,
    puts into effect. `can_join` marks what such rules choose from. `takes_scope` says that
    the SDK wants the scope before the name. `registered` are the providers that a write
    needs beside Microsoft.Network. `made_by_azure` is the pattern of the names of those that
    Azure makes itself, for a configuration, and takes away with it. `swapped_by_azure` has the
    paths at which Azure puts such things in place of ours, patterns as in `severity`, with the
    pattern of their ids: what stands there then is neither a difference nor overwritten.
    `seconds` are what writes take, `limits` what its resources count against, `billed` what
    they cost.
    """

    name: str
    arm_type: str
    client: str
    operations: str
    owned_by: Ownership
    expand: Callable[[Network], Iterable[Resource]]
    listing: Listing = Listing.SUBSCRIPTION
    list_method: str = "list_all"
    parent: str | None = None
    inline_path: str | None = None
    part_of: str | None = None
    our_names: str = ".*"
    ours_between: tuple[str, Callable[[str, Body, Body], bool]] | None = None
    tags_method: str | None = None
    made_by_azure: str = NOBODY
    swapped_by_azure: Mapping[str, str] = field(default_factory=dict)
    replaced_by: frozenset[str] = frozenset()
    read_only: frozenset[str] = frozenset()
    child_lists: tuple[ChildList, ...] = ()
    alone: frozenset[str] = frozenset()
    shared: frozenset[str] = frozenset()
    needs_whole: frozenset[str] = frozenset()
    reach: str | None = None
    joins: Mapping[str, str] = field(default_factory=dict)
    list_arguments: Mapping[str, Any] = field(default_factory=dict)
    delete_arguments: Mapping[str, Any] = field(default_factory=dict)
    when_empty: Mapping[str, Any] = field(default_factory=dict)
    one_at: tuple[str, ...] = ()
    follows: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    other_side: str | None = None
    lost_when: Mapping[str, Any] = field(default_factory=dict)
    takes_along: bool = False
    decides: bool = False
    fills_groups: bool = False
    assigns: str | None = None
    can_join: bool = False
    takes_scope: bool = False
    registered: frozenset[str] = frozenset()
    used_by: frozenset[str] = frozenset()
    is_protected: bool = False
    severity: Mapping[str, Severity] = field(default_factory=lambda: {"*": Severity.HIGH})
    azure_gives: tuple[str, ...] = ()
    pause_before_deletion: float = 0.0
    stage: Stage | None = None
    seconds: Seconds = _AT_ONCE
    limits: tuple[Limit, ...] = ()
    billed: tuple[Billed, ...] = ()

    @property
    def is_policy(self) -> bool:
        """Say whether it is a rule of Azure Policy, or what puts one into effect."""
        return self.fills_groups or self.assigns is not None


# -- ids ---------------------------------------------------------------------------------


def same_id(resource_id: str) -> str:
    """Return the form in which ids compare: Azure keeps their case but ignores it."""
    return resource_id.lower()


@lru_cache(maxsize=65536)
def parent_id(resource_id: str) -> str:
    """Return the id of the resource that holds this one.

    The parent of a subnet is its network; the parent of a network is its group; that of a
    policy definition is its subscription.
    """
    head = resource_id.split("#", 1)[0].rsplit("/", 2)[0]
    provider = re.fullmatch(
        r"(.*/subscriptions/[^/]+(?:/resourceGroups/[^/]+)?)/providers/[^/]+", head, re.IGNORECASE
    )
    return provider.group(1) if provider else head


# -- late values -------------------------------------------------------------------------

_LATE_BEGINS = "{late:"
_LATE = re.compile(r"\{late:(?P<id>/[^#}]+)#(?P<path>[^}]+)\}")


@dataclass(frozen=True)
class Late:
    """A value that Azure assigns: the resource that has it, and where in its body."""

    resource_id: str
    path: str


def late(resource_id: str, path: str) -> str:
    """Return the text that stands in a body for a value Azure has yet to assign.

    `path` walks the body with dots; a number is an index into a list.
    """
    return f"{{late:{resource_id}#{path}}}"


def late_in(value: object) -> Late | None:
    """Return the late value that this text stands for, if it does."""
    if not isinstance(value, str) or not value.startswith(_LATE_BEGINS):  # nearly always
        return None
    found = _LATE.fullmatch(value)
    return Late(found["id"], found["path"]) if found else None


def late_values(body: object) -> Iterator[Late]:
    """Yield every late value in a body."""
    for text in strings(body):
        if found := late_in(text):
            yield found


def strings(value: object) -> Iterator[str]:
    """Yield every string in a JSON value, keys left out."""
    waiting = [value]
    while waiting:
        here = waiting.pop()
        if isinstance(here, str):
            yield here
        elif isinstance(here, list | tuple):
            waiting.extend(reversed(here))
        elif isinstance(here, Mapping):
            waiting.extend(reversed([*here.values()]))


def at(body: object, path: str) -> Any:
    """Return what stands at a dotted path, or None where the path ends early."""
    here: Any = body
    for step in path.split("."):
        if isinstance(here, Mapping):
            here = here.get(step)
        elif isinstance(here, list | tuple) and step.isdigit():
            here = here[int(step)] if int(step) < len(here) else None
        else:
            return None
    return here


def fits(pattern: str, text: str) -> bool:
    """Say whether a path, or a name, is of a pattern in which `*` is anything; case is ignored."""
    anything = re.escape(pattern.lower()).replace(r"\*", ".*")
    return re.fullmatch(anything, text.lower(), re.DOTALL) is not None


def put_at(body: dict[str, Any], path: str, value: Any) -> None:
    """Set what stands at a dotted path of mappings, making those that are missing."""
    *above, last = path.split(".")
    for step in above:
        body = body.setdefault(step, {})
    body[last] = value


def firewall_address(firewall_id: str) -> str:
    """Return the late value of a firewall's private address.

    It is absent from the answer of the PUT and stands in a GET once the firewall
    has succeeded (facts.md section 6).
    """
    return late(firewall_id, _ADDRESS)


def address_in(body: Body) -> str | None:
    """Return the private address that Azure has assigned to a firewall, from its body."""
    value = at(body, _ADDRESS)
    return None if value is None else str(value)


_ADDRESS = "properties.ipConfigurations.0.properties.privateIPAddress"
