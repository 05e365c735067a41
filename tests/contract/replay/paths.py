"""What a path tells of the resource it is about."""


def type_of(path: str) -> str:
    """Return the type of the resource a path is about in lower case, with its parents'."""
    lowered = path.lower().strip("/")
    _, found, after = ("/" + lowered).rpartition("/providers/")
    if found:
        namespace, *rest = after.split("/")
        return "/".join((namespace, *rest[::2]))
    parts = lowered.split("/")
    return "/".join(("microsoft.resources", *parts[2::2]))


def root_of(type_name: str) -> str:
    """Return the type a child belongs to; what lies in a location is a type of its own."""
    parts = type_name.split("/")
    return "/".join(parts[: 3 if parts[1:2] == ["locations"] else 2])


def group_of(path: str) -> str | None:
    """Return the resource group a path lies in, in lower case."""
    parts = path.lower().strip("/").split("/")
    named = len(parts) > 3 and parts[2] == "resourcegroups"
    return parts[3] if named else None
