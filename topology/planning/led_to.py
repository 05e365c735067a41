"""What leads to something that goes in a later wave stays until then.

A region that leaves is whole until the last wave, and so is the way to it: the routes by which
other regions reach its firewall. A change that takes these out, beside whatever else it does,
leaves them in before; the last wave, planned anew, takes out what is left.
"""

from __future__ import annotations

from collections.abc import Container
from copy import deepcopy
from dataclasses import replace

from topology.kind import at, put_at, strings
from topology.planning.diff import without_read_only
from topology.planning.plan import Change, FieldChange
from topology.resources import KIND_BY_NAME


def leading_on(step: Change, addresses: Container[str]) -> Change:
    """Return a change that leaves in what leads to one of the addresses.

    It may set nothing then.
    """
    kind, fields = KIND_BY_NAME[step.resource.kind], list[FieldChange]()
    body, lists = deepcopy(step.resource.body), {item.path for item in kind.child_lists}
    for change in step.fields:
        path = _list_of(change)
        if path in lists and any(text in addresses for text in strings(change.old)):
            put_at(body, path, [*at(body, path), without_read_only(change.old, kind)])
        else:
            fields.append(change)
    return replace(step, resource=replace(step.resource, body=body), fields=tuple(fields))


def _list_of(change: FieldChange) -> str | None:
    """Return the path of the list that a change takes an item out of; None if it does not."""
    name = at(change.old, "name")
    return change.path.removesuffix(f".{name}") if change.new is None and name else None
