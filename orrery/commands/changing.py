"""Commands that change Azure, each after a question."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Annotated, ParamSpec

from cyclopts import Parameter

P = ParamSpec("P")
Yes = Annotated[bool, Parameter(name=["--yes", "-y"])]


def writes(command: Callable[P, int]) -> Callable[P, int]:
    """Have a command that writes to Azure refuse to begin where others would not see it."""

    @wraps(command)
    def begins(*args: P.args, **kwargs: P.kwargs) -> int:
        from orrery.running import require_server  # noqa: PLC0415

        require_server()
        return command(*args, **kwargs)

    return begins


@writes
def apply(what: Path, /, *, yes: Yes = False) -> int:
    """Bring Azure to what a topology file, or a saved plan, says.

    It runs here, as a flow on the Prefect API that is configured: `prefect config view`
    tells which, and Azure itself is only written to with one. The plan is shown first; if it
    is no longer what is to be done when you have said yes, nothing is written.

    Parameters
    ----------
    what
        A topology file, or a plan that `orrery plan --out` saved.
    yes
        Show and ask nothing first.

    """
    from orrery import printing, verdicts  # noqa: PLC0415
    from orrery.asking import kept, plan_to_ask_about  # noqa: PLC0415
    from orrery.running import run_apply, source_of  # noqa: PLC0415

    topology, saved = source_of(what)
    if yes:
        return printing.show_state(asyncio.run(run_apply(topology, saved)))
    if not printing.can_ask("--yes"):
        return 1
    planned = asyncio.run(plan_to_ask_about(topology, saved))
    verdicts.show_planned(planned)
    if planned.refusal:
        raise ValueError(planned.refusal)
    if not planned.plan.work:
        return 0
    if not printing.confirm("Apply this to Azure?"):
        return 1
    with kept(planned.plan) as plan:
        return printing.show_state(asyncio.run(run_apply(topology, plan)))


@writes
def adopt(
    topology: Path,
    /,
    *,
    accept_differences: bool = False,
    yes: Yes = False,
) -> int:
    """Take over a network that was made by hand or by another tool: write tags, nothing else.

    Parameters
    ----------
    topology
        A topology file that says what exists; `names` in it gives the names that it has.
    accept_differences
        Take over also what differs in fields that the next apply can change.
    yes
        Do not ask first.

    """
    from orrery import printing  # noqa: PLC0415
    from orrery.asking import adoption_of, kept  # noqa: PLC0415
    from orrery.running import run_adopt  # noqa: PLC0415

    adoption, planned = asyncio.run(adoption_of(topology))
    printing.show_adoption(adoption, planned.forecast)
    if refusal := adoption.refusal(accept_differences=accept_differences):
        printing.say(refusal)
        return 1
    if adoption.plan.is_empty:
        return 0
    if not yes and not printing.confirm("Take over what is listed?"):
        return 1
    with kept(adoption.plan) as plan:
        run = run_adopt(topology, plan, accept_differences=accept_differences)
        return printing.show_state(asyncio.run(run))


@writes
def policy(topology: Path, /, *, yes: Yes = False) -> int:
    """Bring the firewall policy to what a topology file says, and nothing else.

    The plan is shown first, as by `orrery apply`.

    Parameters
    ----------
    topology
        The topology file.
    yes
        Do not ask first.

    """
    from orrery import printing, verdicts  # noqa: PLC0415
    from orrery.asking import kept, rules_of  # noqa: PLC0415
    from orrery.running import run_policy  # noqa: PLC0415

    if yes:
        return printing.show_state(asyncio.run(run_policy(topology, None)))
    if not printing.can_ask("--yes"):
        return 1
    planned = asyncio.run(rules_of(topology))
    verdicts.show_planned(planned)
    if planned.refusal:
        raise ValueError(planned.refusal)
    if planned.plan.is_empty:
        return 0
    if not printing.confirm(f"Change the firewall policy to what {topology} says?"):
        return 1
    with kept(planned.plan) as plan:
        return printing.show_state(asyncio.run(run_policy(topology, plan)))


@writes
def remediate(
    topology: Path,
    /,
    *kinds: str,
    yes: Yes = False,
) -> int:
    """Take back what others have changed, in resources of some kinds, and nothing else.

    What the file exempts stays, and so does what the file itself has moved on to. The plan is
    shown first, as by `orrery apply`.

    Parameters
    ----------
    topology
        The topology file.
    kinds
        Kinds as a check names them. Without any they are those of `compliance.remediate` in
        the file, as far as it is known that someone else, or AVNM, was at work.
    yes
        Do not ask first.

    """
    from orrery import printing, verdicts  # noqa: PLC0415
    from orrery.asking import kept, remedy_of  # noqa: PLC0415
    from orrery.running import run_remediate  # noqa: PLC0415

    chosen = [*kinds] or None
    if yes:
        return printing.show_state(asyncio.run(run_remediate(topology, chosen, None)))
    if not printing.can_ask("--yes"):
        return 1
    planned, left = asyncio.run(remedy_of(topology, kinds))
    for sentence in left:
        printing.say(f"left alone: {sentence}")
    verdicts.show_planned(planned)
    if planned.refusal:
        raise ValueError(planned.refusal)
    if planned.plan.is_empty:
        return 0
    told = ", ".join(kinds) or "the kinds of compliance.remediate"
    if not printing.confirm(f"Take back what others have changed in {told}?"):
        return 1
    with kept(planned.plan) as plan:
        return printing.show_state(asyncio.run(run_remediate(topology, chosen, plan)))


@writes
def destroy(
    topology: Path,
    /,
    *,
    region: str | None = None,
    keep_foreign: bool = False,
    yes: str | None = None,
) -> int:
    """Delete all that Orrery made for a topology, or for one region, and nothing else.

    The plan is shown first; if it is no longer what is to be done when you have typed the
    name, nothing is deleted.

    Parameters
    ----------
    topology
        The topology file.
    region
        This region alone; the others only lose their routes and rules for it.
    keep_foreign
        What others put into the network, or use of it, stays with what it needs. Without
        this nothing is deleted where there is such a thing.
    yes
        The name of what goes, in place of typing it when asked: the topology's, or the
        region's where one is given. Nothing is shown first.

    """
    from orrery import printing  # noqa: PLC0415
    from orrery.asking import destroy_of, kept  # noqa: PLC0415
    from orrery.running import run_destroy  # noqa: PLC0415
    from topology.planning.destroy import foreign_in  # noqa: PLC0415

    if yes:
        run = run_destroy(topology, yes, region, None, keep_foreign=keep_foreign)
        return printing.show_state(asyncio.run(run))
    if not printing.can_ask("--yes NAME"):
        return 1
    planned = asyncio.run(destroy_of(topology, region))
    printing.show_plan(planned.plan, planned.forecast)
    if not keep_foreign and (foreign := foreign_in(planned.plan)):
        raise ValueError(f"nothing was deleted: {foreign}")
    if planned.plan.is_empty:
        return 0
    name = printing.ask(f"Type the name of the {'region' if region else 'topology'} to go")
    if not name:
        return 1
    with kept(planned.plan) as plan:
        run = run_destroy(topology, name, region, plan, keep_foreign=keep_foreign)
        return printing.show_state(asyncio.run(run))


@writes
def rollback(
    topology: Path,
    run: str,
    /,
    *,
    region: str | None = None,
    yes: Yes = False,
) -> int:
    """Take back what a rollout did, from the plan that it saved.

    What will be done is shown first; if it is no longer what is to be done when you have said
    yes, nothing is written. A rollout in waves is taken back by a plan each, the last first:
    those after the first are planned anew when their turn comes.

    Parameters
    ----------
    topology
        The topology file.
    run
        The id of the rollout's flow run, as its page in the UI shows it.
    region
        This region alone; all, and what belongs to none, if it is left out.
    yes
        Do not ask first.

    """
    from orrery import printing  # noqa: PLC0415
    from orrery.asking import kept, roll_backs_of  # noqa: PLC0415
    from orrery.running import run_roll_back  # noqa: PLC0415

    if yes:
        return printing.show_state(asyncio.run(run_roll_back(topology, run, region, None)))
    if not printing.can_ask("--yes"):
        return 1
    backs = asyncio.run(roll_backs_of(topology, run, region))
    for planned in backs:
        printing.show_plan(planned.plan, planned.forecast)
    if not backs:
        printing.say("nothing is to be taken back")
        return 0
    if not printing.confirm(f"Take back {region or 'all'} of run {run}?"):
        return 1
    with kept(backs[0].plan) as plan:
        return printing.show_state(asyncio.run(run_roll_back(topology, run, region, plan)))
