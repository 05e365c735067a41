"""Who is in a group and why: listEffectiveVirtualNetworks, of a group and of a manager.

The operation is that of the previews 2021-02-01 to 2022-04-01; later specifications have none,
and the portal asks Resource Graph instead. Its shape is in Azure/bicep-types-az; the envelope is
that of the manager's other queries. It is answered whatever the api-version, so that a program
can check a network by asking.
"""

import json
from typing import Any

from simulator.arm.call import Call, Reply
from simulator.arm.store import Resource
from simulator.avnm import refusals
from simulator.avnm.membership import is_static, members, reaches
from simulator.avnm.pages import page
from simulator.avnm.types import GROUP, NETWORK
from simulator.policy.conditions import selects
from simulator.policy.fields import context_of


def list_of_group(call: Call, group: Resource) -> Reply:
    """Answer with the members of a group; a static member is Static, whatever policies say."""
    world = call.world
    found = members(world, group.key)
    return page(
        call, [_shown(item, dynamic=not is_static(world, group.key, item)) for item in found]
    )


def list_of_manager(call: Call, manager: Resource) -> Reply:
    """Answer with all members of a manager's groups, or with those that meet a condition.

    `conditionalMembers` is the text of a condition as policy rules have it; a preview of who a
    policy would add. That it is asked of all networks in the manager's scope is `assumed`.
    """
    world, text = call.world, call.body.get("conditionalMembers")
    if text:
        condition = _condition(str(text), manager)
        networks = (item for item in world.store.of_type(NETWORK) if reaches(world, manager, item))
        chosen = (item for item in networks if selects(condition, context_of(item, {}, world)))
        return page(call, [_shown(item, dynamic=True) for item in chosen])
    found: dict[str, Resource] = {}
    static: set[str] = set()
    for group in world.store.children(manager.key, GROUP):
        for item in members(world, group.key):
            found[item.key] = item
            if is_static(world, group.key, item):
                static.add(item.key)
    return page(call, [_shown(item, dynamic=key not in static) for key, item in found.items()])


def _condition(text: str, manager: Resource) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise refusals.refusal(
            f"The conditionalMembers asked of {manager.id.text} are not a condition.",
            "InvalidPropertyValue",
        )
    return found


def _shown(item: Resource, *, dynamic: bool) -> dict[str, Any]:
    membership = "Dynamic" if dynamic else "Static"
    return {"id": item.id.text, "location": item.location, "membershipType": membership}
