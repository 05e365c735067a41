"""Management groups as an operator may have them from the start."""

from dataclasses import dataclass

from pydantic import ConfigDict


@dataclass(frozen=True)
class ManagementGroup:
    """A group below the tenant's root group, or below a `parent`, by name.

    It holds `subscriptions`, which the root group then holds only through it. Network
    managers can have it for their scope where the provider Microsoft.Network is `registered`
    at it.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    name: str
    parent: str | None = None
    subscriptions: tuple[str, ...] = ()
    registered: bool = True
