"""Resource ids: parsed once, compared without regard to case, shown as they were made."""

from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class ResourceId:
    """The place of one resource, or (when `names` is one short) of a collection.

    `key` is the lower-cased text: the only thing ids are compared by.
    """

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

    def child(self, type_segment: str, name: str) -> "ResourceId":
        """Return the id of a child of this resource."""
        types, names = (*self.types, type_segment), (*self.names, name)
        return _build(self.subscription, self.group, self.namespace, types, names)


@lru_cache(maxsize=65536)
def _build(
    subscription: str,
    group: str | None,
    namespace: str,
    types: tuple[str, ...],
    names: tuple[str, ...],
) -> ResourceId:
    text = f"/subscriptions/{subscription}"
    if group is not None:
        text += f"/resourceGroups/{group}"
    text += f"/providers/{namespace}"
    for position, kind in enumerate(types):
        text += f"/{kind}/{names[position]}" if position < len(names) else f"/{kind}"
    return ResourceId(subscription, group, namespace, types, names, text, text.lower())


def make_id(like: ResourceId, types: tuple[str, ...], names: tuple[str, ...]) -> ResourceId | None:
    """Return an id in the same group and namespace, or None when it would be empty."""
    if not types or not names:
        return None
    return _build(like.subscription, like.group, like.namespace, types, names)


def group_id(subscription: str, group: str) -> ResourceId:
    """Return the id of a resource group, which Azure writes without a provider."""
    text = f"/subscriptions/{subscription}/resourceGroups/{group}"
    return ResourceId(
        subscription,
        group,
        "Microsoft.Resources",
        ("resourceGroups",),
        (group,),
        text,
        text.lower(),
    )


@lru_cache(maxsize=65536)
def parse_id(path: str) -> ResourceId | None:
    """Return the id a path means, or None when it is not the path of a resource."""
    parts = path.strip("/").split("/")
    if len(parts) < 4 or parts[0].lower() != "subscriptions":  # noqa: PLR2004 - shortest form
        return None
    subscription, rest = parts[1], parts[2:]
    group: str | None = None
    if rest[0].lower() == "resourcegroups":
        group, rest = rest[1], rest[2:]
        if not rest:
            return group_id(subscription, group)
    if len(rest) < 3 or rest[0].lower() != "providers":  # noqa: PLR2004 - providers/NS/type
        return None
    return _build(subscription, group, rest[1], tuple(rest[2::2]), tuple(rest[3::2]))


def same_id(left: str, right: str) -> bool:
    """Tell whether two texts name the same resource."""
    return left.rstrip("/").lower() == right.rstrip("/").lower()
