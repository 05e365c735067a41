"""Commands that change Azure, each after a question."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

Yes = Annotated[bool, Parameter(name=["--yes", "-y"])]


def apply(what: Path, /, *, yes: Yes = False) -> int:
    """Bring Azure to what a topology file, or a saved plan, says.

    It runs here, as a flow on the Prefect API that is configured: `prefect config view`
    tells which; without one a temporary server is started. The plan is shown first; if it
    is no longer what is to be done when you have said yes, nothing is written.

    Parameters
    ----------
    what
        A topology file, or a plan that `orrery plan --out` saved.
    yes
        Show and ask nothing first.

    """
    from orrery import printing, verdicts  # noqa: PLC0415
    from orrery.planning import kept, plan_to_ask_about  # noqa: PLC0415
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
    from orrery.planning import adoption_of  # noqa: PLC0415
    from orrery.running import run_adopt  # noqa: PLC0415

    adoption = asyncio.run(adoption_of(topology))
    printing.show_adoption(adoption)
    if refusal := adoption.refusal(accept_differences=accept_differences):
        printing.say(refusal)
        return 1
    if adoption.plan.is_empty:
        return 0
    if not yes and not printing.confirm("Take over what is listed?"):
        return 1
    run = run_adopt(topology, accept_differences=accept_differences)
    return printing.show_state(asyncio.run(run))


def policy(topology: Path, /, *, yes: Yes = False) -> int:
    """Bring the firewall policy to what a topology file says, and nothing else.

    Parameters
    ----------
    topology
        The topology file.
    yes
        Do not ask first.

    """
    from orrery import printing  # noqa: PLC0415
    from orrery.running import run_policy  # noqa: PLC0415

    if not yes and not printing.confirm(f"Change the firewall policy to what {topology} says?"):
        return 1
    return printing.show_state(asyncio.run(run_policy(topology)))


def remediate(
    topology: Path,
    /,
    *kinds: str,
    yes: Yes = False,
) -> int:
    """Take back what others have changed, in resources of some kinds, and nothing else.

    What the file exempts stays, and so does what the file itself has moved on to.

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
    from orrery import printing  # noqa: PLC0415
    from orrery.running import run_remediate  # noqa: PLC0415

    told = ", ".join(kinds) or "the kinds of compliance.remediate"
    if not yes and not printing.confirm(f"Take back what others have changed in {told}?"):
        return 1
    return printing.show_state(asyncio.run(run_remediate(topology, [*kinds] or None)))


def destroy(
    topology: Path,
    /,
    *,
    region: str | None = None,
    keep_foreign: bool = False,
    yes: str | None = None,
) -> int:
    """Delete all that Orrery made for a topology, or for one region, and nothing else.

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
        region's where one is given.

    """
    from orrery import printing  # noqa: PLC0415
    from orrery.running import run_destroy  # noqa: PLC0415

    name = yes or printing.ask(f"Type the name of the {'region' if region else 'topology'} to go")
    if not name:
        return 1
    return printing.show_state(asyncio.run(run_destroy(topology, name, region, keep_foreign)))


def rollback(
    topology: Path,
    run: str,
    /,
    *,
    region: str | None = None,
    yes: Yes = False,
) -> int:
    """Take back what a rollout did, from the plan that it saved.

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
    from orrery.running import run_roll_back  # noqa: PLC0415

    if not yes and not printing.confirm(f"Take back {region or 'all'} of run {run}?"):
        return 1
    return printing.show_state(asyncio.run(run_roll_back(topology, run, region)))
