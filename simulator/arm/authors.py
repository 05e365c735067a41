"""Who wrote a resource, as `systemData` tells it: of the types that show it.

Recorded is a person (`user@example.com`, of type User). That an application appears with its
client id, of type Application, is `assumed`; the values of the type are those of the swagger's
common types.
"""

from simulator.arm.call import Call
from simulator.arm.store import Resource
from simulator.arm.world import World


def note_author(resource: Resource, call: Call) -> None:
    """Note who made a resource, and who wrote it last; Azure itself is nobody."""
    who = call.sender or call.world.settings.operator
    author = (who.name, "User") if "@" in who.name else (who.client_id, "Application")
    resource.hidden.setdefault("made_by", list(author))
    resource.hidden["written_by"] = list(author)


def system_data(resource: Resource, world: World, created: str, changed: str) -> dict[str, str]:
    """Return who made it and who wrote it last, and when; what Azure made is the operator's."""
    nobody = [world.settings.principal, "User"]
    maker, maker_type = resource.hidden.get("made_by", nobody)
    writer, writer_type = resource.hidden.get("written_by", nobody)
    return {
        "createdBy": maker,
        "createdByType": maker_type,
        "createdAt": created,
        "lastModifiedBy": writer,
        "lastModifiedByType": writer_type,
        "lastModifiedAt": changed,
    }
