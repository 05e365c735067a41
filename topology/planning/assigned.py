"""What Azure assigns: addresses that are others once their owner was made again."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from topology.kind import address_in, at, firewall_address, strings
from topology.planning.actual import Actual, Found
from topology.resources import KIND_BY_NAME


@dataclass(frozen=True)
class Reassigned:
    """A value that Azure has assigned anew, and who names which.

    `follow` are the names of resources that name the new one, `behind` of those that still
    name the old: a change of theirs failed, or is still to come.
    """

    region: str
    owner: str
    was: str
    now: str
    follow: tuple[str, ...] = ()
    behind: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Say it in a sentence."""
        text = f"{self.owner} has {self.now} instead of {self.was}"
        if self.follow:
            text += f", which {', '.join(self.follow)} follow"
        if self.behind:
            text += f"; {', '.join(self.behind)} still lead to {self.was}"
        return text

    def row(self) -> dict[str, Any]:
        """Return it as a row for people."""
        return {
            "region": self.region,
            "resource": self.owner,
            "was": self.was,
            "is": self.now,
            "follow": ", ".join(self.follow),
            "still on the old": ", ".join(self.behind),
        }


def reassigned(before: Actual, now: Actual) -> tuple[Reassigned, ...]:
    """Return what is assigned otherwise than before, in the order of ids."""
    return tuple(_reassigned(before, now))


def _reassigned(before: Actual, now: Actual) -> Iterator[Reassigned]:
    for key, old in sorted(before.resources.items()):
        new = now.get(key)
        for path in KIND_BY_NAME[old.kind].azure_gives if new else ():
            was, has = at(old.body, path), at(new.body, path) if new else None
            if was and has and was != has:
                others = [item for other, item in now.resources.items() if other != key]
                yield Reassigned(
                    region=str(old.body.get("location") or ""),
                    owner=f"{old.kind} {old.id.rsplit('/', 1)[-1]}",
                    was=str(was),
                    now=str(has),
                    follow=_naming(str(has), others),
                    behind=_naming(str(was), others),
                )


def _naming(value: str, others: Iterable[Found]) -> tuple[str, ...]:
    found = (item for item in others if value in strings(item.body))
    return tuple(sorted(f"{item.kind} {item.id.rsplit('/', 1)[-1]}" for item in found))


def as_late(body: Any, addresses: Mapping[str, str]) -> Any:
    """Return a body in which addresses are late values again: who names one follows its owner."""
    if isinstance(body, str):
        return addresses.get(body, body)
    if isinstance(body, Mapping):
        return {key: as_late(item, addresses) for key, item in body.items()}
    if isinstance(body, list | tuple):
        return [as_late(item, addresses) for item in body]
    return body


def late_addresses(owners: Container[str], *worlds: Actual) -> dict[str, str]:
    """Return the late value of every private address that Azure has assigned to these owners.

    `owners` are ids as `same_id` has them. An address in any of the worlds counts.
    """
    return {
        address: firewall_address(found.id)
        for world in worlds
        for key, found in world.resources.items()
        if key in owners and (address := address_in(found.body))
    }
