"""Resource ids: parsed once, compared without regard to case, shown as they were made."""

from dataclasses import dataclass
from functools import lru_cache

_GROUPS = "Microsoft.Resources"
MANAGEMENT_GROUP = "Microsoft.Management/managementGroups"


@dataclass(frozen=True, slots=True)
class ResourceId:
    """The place of one resource, or (when `names` is one short) of a collection.

    `scope` is what stands before the last `/providers/`: a resource group, a subscription, a
    management group, nothing at all (the tenant), or the id of the resource that this one
    extends. `subscription` is empty outside of subscriptions. `key` is the lower-cased text:
    the only thing ids are compared by.
    """

    scope: str
    subscription: str
    group: str | None
    namespace: str
    types: tuple[str, ...]
    names: tuple[str, ...]
    text: str
    key: str

    @property
    def type(self) -> str:
        """Return the full type as written in the path, `Microsoft.Network/virtualNetworks`."""
        return "/".join((self.namespace, *self.types))

    @property
    def name(self) -> str:
        """Return the resource's own name."""
        return self.names[-1] if self.names else ""

    @property
    def is_collection(self) -> bool:
        """Tell whether the path ends in a type and not in a name."""
        return len(self.types) > len(self.names)

    @property
    def parent(self) -> "ResourceId | None":
        """Return the id of the resource this one is a child of."""
        return make_id(self, self.types[:-1], self.names[: len(self.types) - 1])

    @property
    def root(self) -> "ResourceId":
        """Return the id of the top-level resource this one belongs to, maybe itself."""
        return (
            self if len(self.types) == 1 else make_id(self, self.types[:1], self.names[:1]) or self
        )

    @property
    def extended(self) -> "ResourceId | None":
        """Return the id of the resource or management group that this one extends, if any."""
        return parse_id(self.scope) if "/providers/" in self.scope else None

    @property
    def scope_kind(self) -> str:
        """Return "tenant", "managementGroup", "subscription", "resourceGroup" or "resource"."""
        extended = self.extended
        if extended is not None:
            is_management_group = extended.type.lower() == MANAGEMENT_GROUP.lower()
            return "managementGroup" if is_management_group else "resource"
        if not self.subscription:
            return "tenant"
        return "subscription" if self.group is None else "resourceGroup"

    def child(self, type_segment: str, name: str) -> "ResourceId":
        """Return the id of a child of this resource."""
        return _below(self, (*self.types, type_segment), (*self.names, name))

    def beneath(self, type_name: str, name: str) -> "ResourceId":
        """Return the id of a resource in this group, or of one that extends this resource."""
        namespace, *types = type_name.split("/")
        return _build(self.text, self.subscription, self.group, namespace, tuple(types), (name,))


@lru_cache(maxsize=65536)
def _build(  # noqa: PLR0913 - the parts of an id
    scope: str,
    subscription: str,
    group: str | None,
    namespace: str,
    types: tuple[str, ...],
    names: tuple[str, ...],
) -> ResourceId:
    text = f"{scope}/providers/{namespace}"
    for position, kind in enumerate(types):
        text += f"/{kind}/{names[position]}" if position < len(names) else f"/{kind}"
    return ResourceId(scope, subscription, group, namespace, types, names, text, text.lower())


def _below(like: ResourceId, types: tuple[str, ...], names: tuple[str, ...]) -> ResourceId:
    return _build(like.scope, like.subscription, like.group, like.namespace, types, names)


def make_id(like: ResourceId, types: tuple[str, ...], names: tuple[str, ...]) -> ResourceId | None:
    """Return an id in the same scope and namespace, or None when it would be empty."""
    if types == ("resourceGroups",) and like.namespace == _GROUPS and names:
        return group_id(like.subscription, names[0])
    return _below(like, types, names) if types and names else None


def group_id(subscription: str, group: str) -> ResourceId:
    """Return the id of a resource group, which Azure writes without a provider."""
    scope = f"/subscriptions/{subscription}"
    text = f"{scope}/resourceGroups/{group}"
    kind = (_GROUPS, ("resourceGroups",), (group,))
    return ResourceId(scope, subscription, group, *kind, text, text.lower())


def _group_action(subscription: str, group: str, action: str) -> ResourceId:
    """Return the id of what is asked of a group, such as `exportTemplate`."""
    scope = f"/subscriptions/{subscription}"
    text = f"{scope}/resourceGroups/{group}/{action}"
    kind = (_GROUPS, ("resourceGroups", action), (group,))
    return ResourceId(scope, subscription, group, *kind, text, text.lower())


@lru_cache(maxsize=65536)
def parse_id(path: str) -> ResourceId | None:
    """Return the id a path means, or None when it is not the path of a resource."""
    parts = path.strip("/").split("/")
    if parts[0].lower() != "subscriptions" or len(parts) == 1:
        return _parse("", "", None, parts)
    subscription, rest = parts[1], parts[2:]
    scope = f"/subscriptions/{subscription}"
    if len(rest) < 2 or rest[0].lower() != "resourcegroups":  # noqa: PLR2004 - a type and a name
        return _parse(scope, subscription, None, rest)
    group, rest = rest[1], rest[2:]
    if not rest:
        return group_id(subscription, group)
    if len(rest) == 1:
        return _group_action(subscription, group, rest[0])
    return _parse(f"{scope}/resourceGroups/{group}", subscription, group, rest)


def _parse(scope: str, subscription: str, group: str | None, parts: list[str]) -> ResourceId | None:
    """Read `/providers/NAMESPACE/type/name...`.

    Where a type should stand, a further `/providers/` begins the id of an extension.
    """
    if len(parts) < 3 or parts[0].lower() != "providers":  # noqa: PLR2004 - providers/NS/type
        return None
    ends = (at for at in range(4, len(parts), 2) if parts[at].lower() == "providers")
    end = next(ends, len(parts))
    types, names = tuple(parts[2:end:2]), tuple(parts[3:end:2])
    found = _build(scope, subscription, group, parts[1], types, names)
    if end == len(parts):
        return found
    return _parse(found.text, subscription, group, parts[end:])


def subscription_of(path: str) -> str | None:
    """Return the subscription that a path names, in lower case."""
    first, _, rest = path.strip("/").partition("/")
    return rest.partition("/")[0].lower() or None if first.lower() == "subscriptions" else None


def same_id(left: str, right: str) -> bool:
    """Tell whether two texts name the same resource."""
    return left.rstrip("/").lower() == right.rstrip("/").lower()
