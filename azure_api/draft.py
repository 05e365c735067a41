"""What a step sends: made from what stands where it writes, before each try anew.

Others write too, between a plan and its steps, and between two tries of one step.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from azure_api.applying import Applying
from azure_api.calls import Json
from azure_api.errors import Final
from azure_api.ids import whole_id
from azure_api.late import fill
from azure_api.read import read_inside, read_one
from topology.kind import Kind, put_at, same_id
from topology.planning.actual import GoalState
from topology.planning.commits import ONE_A_REGION
from topology.planning.diff import lay_over
from topology.planning.plan import Commit, Delete, Step


@dataclass
class Draft:
    """What one step sends; each method reads what stands there now, and raises Final if not ours.

    `left_out` are the items that what was made last lacks, for their late values are not to be had.
    """

    applying: Applying
    step: Step
    left_out: tuple[str, ...] = ()

    async def whole(self) -> Json:
        """Return what is wanted, laid over what stands there.

        Late values are filled first: they may take long, and a body that was found holds none.
        """
        resource = self.step.resource
        wanted, self.left_out = await fill(resource.body, self.applying.late, resource.id)
        return lay_over(await self._found(), wanted, self._kind, self.applying.topology)

    async def tags(self) -> Json:
        """Return our tags beside those of others; raises Final where nothing stands there."""
        if (found := await self._found()) is None:
            text = "it was there when the plan was made, and is gone"
            raise Final(self.step.resource.id, 404, "ResourceNotFound", text, "", "run again")
        return {"tags": {**(found.get("tags") or {}), **self.step.resource.body["tags"]}}

    async def emptied(self) -> Json | None:
        """Return what stands there without its children that are ours; None where nothing does."""
        if (found := await self._found()) is None:
            return None
        return lay_over(found, _without_children(self._kind), self._kind, self.applying.topology)

    async def keeps(self) -> str:
        """Name what keeps a group that goes: all of ours went before.

        Raises Final where anything else that goes would take along what is not ours.
        """
        contents: tuple[str, ...] = ()
        if self._kind.takes_along:
            contents = await read_inside(self.applying.azure, self.step.resource.id)
        if contents and isinstance(self.step, Delete):
            return ", ".join(item.rsplit("/", 1)[-1] for item in contents)
        if (found := await self._found()) is not None:
            await self.applying.owners.refuse_to_take_along(self.step, found, contents)
        return ""

    @property
    def _kind(self) -> Kind:
        return self.applying.kinds[self.step.resource.kind]

    async def _found(self) -> Json | None:
        found = await read_one(self.applying.azure, self._kind, whole_id(self.step.resource.id))
        await self.applying.owners.refuse_foreign(self.step, found)
        return found


async def goal_now(applying: Applying, step: Commit, state: GoalState | None) -> list[str]:
    """Return the configurations to commit where this state stands: ours, and others' in it.

    A commit drops what it leaves out (facts.md section 0.2); what others have withdrawn since the
    plan, or deleted, does not come back. Of security admin rules a region takes one configuration:
    where others have deployed theirs this raises Final.
    """
    body, theirs = step.resource.body, {same_id(name) for name in step.theirs}
    ours = [name for name in body["configurationIds"] if same_id(name) not in theirs]
    settled = {same_id(name) for name in (*step.before, *ours)} - theirs
    deployed = state.configuration_ids if state else ()
    rest = [name for name in deployed if same_id(name) not in settled]
    carried = [name for name in rest if await applying.owners.own(name) is False]
    if carried and ours and body["commitType"] == ONE_A_REGION:
        text = (
            f"{', '.join(carried)} was deployed in {step.resource.region} since the plan was made"
        )
        way_out = "see who deployed it, run again: the plan then tells the ways out"
        raise Final(step.resource.id, None, "RulesOfOthers", text, "", way_out)
    return [*ours, *carried]


def _without_children(kind: Kind) -> dict[str, Any]:
    """Return a body that wants none of the kind's children."""
    body: dict[str, Any] = {}
    for child_list in kind.child_lists:
        put_at(body, child_list.path, [])
    return body
