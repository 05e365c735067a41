"""What a person sees of a proof in the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from orrery.planning import Planned
from orrery.printing import CONSOLE, say, show_plan
from topology.compliance.finding import Finding
from topology.compliance.report import Report
from topology.verification.effective import Heard
from topology.verification.outlook import IN_THIS_ORDER, Outlook, in_this_order, summary, told
from topology.verification.question import Told
from topology.verification.verdict import Verdict

_MOST_TOLD = 20


def show_verdict(verdict: Verdict, report: Report, of: str, heard: Heard | None) -> None:
    """Print the findings, what of them is exempted, who reaches whom, and last the verdict.

    Azure's own word is told where it was asked for.
    """
    _show_findings(report.standing, "red")
    _show_findings(report.exempted, "yellow")
    for note in report.notes:
        CONSOLE.print(Text(note, style="yellow"))
    CONSOLE.print(_between(verdict))
    for item in verdict.assumptions:
        CONSOLE.print(Text(str(item), style="yellow" if item.counts else "dim"))
    for what in verdict.unread:
        CONSOLE.print(Text(f"not read: {what}", style="yellow"))
    for rule, reason in verdict.waived.items():
        CONSOLE.print(Text(f"not checked: {rule}, for {reason}", style="yellow"))
    if heard is not None:
        _show_heard(heard)
    summary = f"{verdict.summary_if(len(report.standing))}{report.exempted_told}"
    style = "red" if report.fails else "green"
    CONSOLE.print(Text(f"{verdict.topology}, {of}: {summary}", style=style))


def _show_findings(found: Sequence[Finding], style: str) -> None:
    for finding in found[:_MOST_TOLD]:
        CONSOLE.print(Text(f"{finding.rule}: {finding.name}", style=style))
        for line in filter(None, (finding.found, finding.note)):
            CONSOLE.print(Text(f"    {line}", style="dim"))
    if len(found) > _MOST_TOLD:
        say(f"... and {len(found) - _MOST_TOLD} more: --json has all of them")


def _show_heard(heard: Heard) -> None:
    for line in heard.lines():
        CONSOLE.print(Text(line, style="dim"))
    for item in heard.differing[:_MOST_TOLD]:
        CONSOLE.print(Text(str(item), style="yellow"))
    if len(heard.differing) > _MOST_TOLD:
        say(f"... and {len(heard.differing) - _MOST_TOLD} more: --json has all of them")


def _between(verdict: Verdict) -> Table:
    rows = [row.told() for row in verdict.between]
    table = Table(*(rows[0] if rows else ()), box=None, pad_edge=False, header_style="bold")
    for row in rows:
        table.add_row(*row.values())
    return table


def show_planned(planned: Planned) -> None:
    """Print a plan, what it will take, and what comes of it for traffic."""
    show_plan(planned.plan, planned.forecast if planned.plan.work else None)
    show_outlook(planned.outlook, plans=bool(planned.plan.work))


def show_outlook(outlook: Outlook, *, plans: bool) -> None:
    """Print the consequences of a plan for traffic, and whether they are as they must be.

    Of one that plans nothing only what is not so already is told.
    """
    for heading, items in told(outlook):
        _show_listed(heading, items)
    if outlook.on_the_way.stages:
        _show_listed(IN_THIS_ORDER, [*in_this_order(outlook)])
    if plans and outlook.refusal is None:
        CONSOLE.print(Text(summary(outlook), style="green" if outlook.is_clean else "yellow"))


def _show_listed(heading: str, items: list[str]) -> None:
    say(f"{heading}:")
    for item in items[:_MOST_TOLD]:
        CONSOLE.print(Text(f"    {item}", style="dim"))
    if len(items) > _MOST_TOLD:
        say(f"    ... and {len(items) - _MOST_TOLD} more")


def show_answer(answer: Told) -> None:
    """Print a question's answer: the way there and back, each step once, and whether it works."""
    say(answer.question)
    for name, lines in (("there", answer.there), ("back", answer.back)):
        for number, line in enumerate(lines):
            CONSOLE.print(Text(f"  {name if not number else '':<6}{line}", style="dim"))
    for line in answer.notes:
        CONSOLE.print(Text(line, style="yellow"))
    crossed = f" ({', '.join(answer.regions)}: {answer.km:,} km)" if answer.km else ""
    style = "green" if answer.is_sure else "yellow" if answer.works else "red"
    CONSOLE.print(Text(f"{answer.verdict}{crossed}", style=style))
