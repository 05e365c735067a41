"""What a person sees in the terminal."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.prompt import Confirm, Prompt
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from prefect.client.schemas.objects import State

    from topology.compliance.finding import Finding
    from topology.compliance.report import Report
    from topology.forecast.forecast import Forecast
    from topology.network import Network
    from topology.planning.adoption import Adoption
    from topology.planning.plan import Plan

CONSOLE = Console(highlight=False, soft_wrap=True)
_COLOURS = {
    "create": "green",
    "change": "yellow",
    "replace": "magenta",
    "delete": "red",
    "commit": "cyan",
}


def say(text: str) -> None:
    """Print a line as it is."""
    CONSOLE.print(Text(text))


def show_plan(plan: Plan, forecast: Forecast | None = None) -> None:
    """Print the steps with their fields, notes, regions with their counts, then a line.

    Where a forecast is given, what the plan will take stands before that line.
    """
    from topology.forecast import telling  # noqa: PLC0415
    from topology.planning import explain  # noqa: PLC0415

    for step in plan.work:
        CONSOLE.print(Text(explain.title(step), style=_COLOURS[step.does]))
        for line in explain.details(step):
            CONSOLE.print(Text(f"    {line}", style="dim"))
    for note in plan.notes:
        say(f"{note}.")
    for line in explain.held(plan):
        CONSOLE.print(Text(line, style="yellow"))
    if plan.work:
        CONSOLE.print(_regions(plan))
    if plan.work and forecast is not None:
        for line in telling.in_short(forecast):
            say(line)
    say(f"{plan.topology}: {explain.summary(plan)}")


def _regions(plan: Plan) -> Table:
    from topology.planning import explain  # noqa: PLC0415

    table = Table("region", *_COLOURS, box=None, header_style="bold", pad_edge=False)
    for region, counts in explain.by_region(plan):
        table.add_row(region, *(str(counts.get(name, "")) for name in _COLOURS))
    return table


_WEIGHTS = {"critical": "bold red", "high": "red", "low": "yellow"}


def show_report(report: Report) -> None:
    """Print the findings, the worst first, then what is exempted, notes, and a line."""
    for severity in report.counts:
        CONSOLE.print(Text(severity.value, style=_WEIGHTS[severity.value]))
        for finding in report.standing:
            if finding.severity is severity:
                _show_finding(finding)
    if report.exempted:
        say("exempted")
        for finding in report.exempted:
            _show_finding(finding)
    for note in report.notes:
        CONSOLE.print(Text(note, style="yellow"))
    say(f"{report.topology}: {report.summary}")


def _show_finding(finding: Finding) -> None:
    say(f"  {finding.region}: {finding.resource}  {finding.owner_told}")
    CONSOLE.print(Text(f"      {finding.difference}", style="dim"))
    if finding.note:
        CONSOLE.print(Text(f"      {finding.note}", style="dim"))


def show_adoption(adoption: Adoption, forecast: Forecast) -> None:
    """Print what would be taken over, what differs, what it will take, and what is to come."""
    from topology.forecast import telling  # noqa: PLC0415
    from topology.planning import explain  # noqa: PLC0415
    from topology.planning.adoption import summary  # noqa: PLC0415

    for step in adoption.plan.work:
        say(f"take over {explain.title(step).replace(': change', ':')}")
    for item in adoption.hindrances:
        CONSOLE.print(Text(item.what, style="yellow" if item.acceptable else "red"))
        for line in item.lines:
            CONSOLE.print(Text(f"    {line}", style="dim"))
    for text in adoption.to_come:
        say(f"by the next apply: {text}")
    for line in telling.in_short(forecast) if adoption.plan.work else ():
        say(line)
    say(f"{adoption.plan.topology}: {summary(adoption)}")


def show_forecast(forecast: Forecast) -> None:
    """Print a forecast whole: its lines, then a table for each, and the critical path."""
    from topology.forecast import telling  # noqa: PLC0415

    for line in telling.in_short(forecast):
        say(line)
    for rows in (telling.parts, telling.calls, telling.limits, telling.money):
        say("")
        show_rows(rows(forecast))
    for line in telling.sources(forecast):
        say(line)
    say("")
    for line in telling.critical_paths(forecast):
        say(line)


def show_addresses(network: Network) -> None:
    """Print the addresses of every region."""
    table = Table("region", "block", "hub", "firewall", "spokes", box=None, pad_edge=False)
    for hub in network.hubs:
        spokes = "  ".join(f"{spoke.name} {spoke.prefix}" for spoke in hub.spokes)
        table.add_row(hub.region, str(hub.block), str(hub.prefix), str(hub.firewall_prefix), spokes)
    CONSOLE.print(table)


def show_rows(rows: list[dict[str, Any]]) -> None:
    """Print rows as a table, less the columns in which nothing stands."""
    columns = [name for name in (rows[0] if rows else ()) if any(row[name] for row in rows)]
    if columns:
        table = Table(*columns, box=None, header_style="bold", pad_edge=False)
        for row in rows:
            table.add_row(*(Text(str(row[name] or "")) for name in columns))
        CONSOLE.print(table)


def show_state(state: State) -> int:
    """Print a run's last state; return the exit code that says the same."""
    colour = "green" if state.is_completed() else "red"
    CONSOLE.print(Text(f"{state.name}: {state.message}", style=colour))
    return 0 if state.is_completed() else 1


def next_command(command: str | None) -> None:
    """Print the command to paste next, if there is one."""
    if command:
        say(f"next: {command}")


def confirm(question: str) -> bool:
    """Ask; without a terminal the answer is no."""
    return can_ask("--yes") and Confirm.ask(question, console=CONSOLE, default=False)


def ask(question: str) -> str:
    """Ask for a text; without a terminal it is empty."""
    return Prompt.ask(question, console=CONSOLE) if can_ask("--yes NAME") else ""


def can_ask(instead: str) -> bool:
    """Say whether there is a terminal; where there is none, tell what to give in place of yes."""
    if not sys.stdin.isatty():
        sys.stderr.write(f"there is no terminal to ask on: give {instead} to go on\n")
        return False
    return True


def told(error: Exception) -> str | None:
    """Return the one message of an error that a person can act on; None for a defect of ours."""
    from simulator.journal import StateError  # noqa: PLC0415

    if isinstance(error, StateError):
        return str(error)
    from tasks.told import told as of_a_run  # noqa: PLC0415

    return of_a_run(error)
