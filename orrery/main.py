"""`orrery`: what a person types, from plan and forecast to destroy.

Commands import what they need when they run: `orrery --help` is to be fast, and what
talks to nobody must not pay for Azure's SDK.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import App, Parameter

from orrery.files import NO_PICTURES, NO_REPORTS, Pictures, Reports

app = App(
    name="orrery",
    help="Planet-scale network orchestration on Azure: one topology file, rolled out by Prefect.",
    version_flags=["--version"],
)

FOUND = 2  # the exit code of a proof that has findings
DRIFT = 2  # the exit code for "there are changes", as terraform's -detailed-exitcode has it


@app.command
def plan(
    topology: Path,
    /,
    *,
    out: Path | None = None,
    detailed_exitcode: bool = False,
    json: bool = False,
    pictures: Pictures = NO_PICTURES,
) -> int:
    """Show what an apply would do, and what comes of it for traffic; write nothing to Azure.

    Parameters
    ----------
    topology
        The topology file.
    out
        Save the plan here, for `orrery apply` to carry out as it is.
    detailed_exitcode
        End with 0 for no changes, 2 for changes, 1 for an error.
    json
        Print the plan as JSON instead of telling it.

    """
    from orrery import printing, verdicts, writing  # noqa: PLC0415
    from orrery.planning import plan_of  # noqa: PLC0415

    planned = asyncio.run(plan_of(topology, tell=sys.stderr if json else sys.stdout))
    made = planned.plan
    if out is not None:
        out.write_bytes(made.to_json())
    writing.draw_planned(pictures, planned)
    if json:
        sys.stdout.write(made.to_json().decode() + "\n")
    else:
        verdicts.show_planned(planned)
    if planned.refusal:
        raise ValueError(planned.refusal)
    if not json:
        printing.next_command(f"orrery apply {out or topology}" if made.work else None)
    return DRIFT if detailed_exitcode and made.work else 0


@app.command
def forecast(topology: Path, /, *, prices: Path | None = None, json: bool = False) -> int:
    """Tell what an apply would take: time, calls, room below Azure's limits, and money.

    Parameters
    ----------
    topology
        The topology file.
    prices
        A price table in place of the one beside the topology, or the built-in one.
    json
        Print it as JSON.

    """
    import json as printed  # noqa: PLC0415

    from orrery import printing  # noqa: PLC0415
    from orrery.planning import plan_of  # noqa: PLC0415
    from topology.forecast.refusals import refused  # noqa: PLC0415

    tell = sys.stderr if json else sys.stdout
    planned = asyncio.run(plan_of(topology, prices, tell=tell))
    if json:
        sys.stdout.write(printed.dumps(planned.forecast.as_json(), indent=2) + "\n")
    else:
        printing.show_forecast(planned.forecast)
    if planned.plan.work and (why := refused(planned.network, planned.forecast)):
        raise ValueError(why)
    return 0


@app.command
def apply(what: Path, /, *, yes: Annotated[bool, Parameter(name=["--yes", "-y"])] = False) -> int:
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


@app.command
def adopt(
    topology: Path,
    /,
    *,
    accept_differences: bool = False,
    yes: Annotated[bool, Parameter(name=["--yes", "-y"])] = False,
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


@app.command
def policy(
    topology: Path, /, *, yes: Annotated[bool, Parameter(name=["--yes", "-y"])] = False
) -> int:
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


@app.command
def check(
    topology: Path,
    /,
    *,
    json: bool = False,
    pictures: Pictures = NO_PICTURES,
    reports: Reports = NO_REPORTS,
) -> int:
    """Compare Azure with a topology file: 0 if it is the same, 2 if it has drifted.

    Each finding says what differs, how much it weighs and who is behind it; what the file
    exempts is told and counts for nothing.

    Parameters
    ----------
    topology
        The topology file.
    json
        Print the findings as JSON instead of telling them.

    """
    from json import dumps  # noqa: PLC0415

    from orrery import printing, writing  # noqa: PLC0415
    from orrery.planning import report_of  # noqa: PLC0415

    tell = sys.stderr if json else sys.stdout
    network, report = asyncio.run(report_of(topology, tell=tell))
    writing.draw_report(pictures, network, report)
    writing.report_check(reports, network, report, topology)
    if json:
        sys.stdout.write(dumps(report.to_json(), indent=2) + "\n")
    else:
        printing.show_report(report)
    return DRIFT if report.fails else 0


@app.command
def verify(  # noqa: PLR0913  what one may ask
    topology: Path,
    /,
    *,
    azure: bool = False,
    ask: tuple[str, str] | None = None,
    port: int = 443,
    protocol: Literal["tcp", "udp", "icmp"] = "tcp",
    fqdn: str = "",
    json: bool = False,
    pictures: Pictures = NO_PICTURES,
    reports: Reports = NO_REPORTS,
) -> int:
    """Prove who reaches whom, and that it is as it must be: 0 if it is, 2 if not.

    Parameters
    ----------
    topology
        The topology file. What it asks for is proved, and nobody is asked for that.
    azure
        Prove what Azure holds instead.
    ask
        One question, a sender and a target: the way there and back. Each is a spoke
        (eastus/prod), a subnet (eastus/prod/web) or an address. 0 if it works, 2 if not.
    port
        The port of the question.
    protocol
        Its protocol.
    fqdn
        The name in its request, where firewalls decide by it.
    json
        Print the verdict, or the answer, as JSON.

    """
    import json as printed  # noqa: PLC0415
    from dataclasses import asdict  # noqa: PLC0415

    from orrery import verdicts, writing  # noqa: PLC0415
    from orrery.planning import state_of  # noqa: PLC0415
    from topology.verification.question import put, told  # noqa: PLC0415
    from topology.verification.rules import Traffic  # noqa: PLC0415
    from topology.verification.verdict import prove  # noqa: PLC0415

    tell = sys.stderr if json else sys.stdout
    network, model = asyncio.run(state_of(topology, azure=azure, tell=tell))
    if ask is not None:
        if reports != NO_REPORTS:
            raise ValueError("--junit and --sarif report a whole proof; leave --ask out")
        asked = put(network, model, *ask, Traffic(protocol, port, fqdn))
        writing.draw_answer(pictures, model, asked)
        answer = told(model, asked)
        if json:
            sys.stdout.write(printed.dumps(asdict(answer), indent=2) + "\n")
        else:
            verdicts.show_answer(answer)
        return 0 if answer.works else FOUND
    verdict, of = prove(network, model), "as Azure has it" if azure else "as wanted"
    writing.draw_verdict(pictures, network, model, verdict, azure=azure)
    writing.report_verdict(reports, network, verdict, topology)
    if json:
        sys.stdout.write(printed.dumps(asdict(verdict), indent=2) + "\n")
    else:
        verdicts.show_verdict(verdict, of)
    return 0 if verdict.holds else FOUND


@app.command
def remediate(
    topology: Path,
    /,
    *kinds: str,
    yes: Annotated[bool, Parameter(name=["--yes", "-y"])] = False,
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


@app.command
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


@app.command
def rollback(
    topology: Path,
    run: str,
    /,
    *,
    region: str | None = None,
    yes: Annotated[bool, Parameter(name=["--yes", "-y"])] = False,
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


@app.command
def lock(topology: Path, /) -> int:
    """Give addresses to all that has none yet, keep them in the lock file, show them."""
    from orrery import printing  # noqa: PLC0415
    from tasks.read_topology import load, lock_beside  # noqa: PLC0415

    network, changed = load(topology)
    printing.show_addresses(network)
    where = lock_beside(topology)
    printing.say(f"{where} was {'written: commit it' if changed else 'complete already'}")
    return 0


@app.command
def schema() -> int:
    """Print the JSON Schema of topology files, for editors."""
    import json  # noqa: PLC0415

    from topology.schema import json_schema  # noqa: PLC0415

    sys.stdout.write(json.dumps(json_schema(), indent=2, sort_keys=True) + "\n")
    return 0


@app.command
def simulator(  # noqa: PLR0913  what an operator may choose
    *,
    port: int = 8443,
    speed: float = 60.0,
    dir: Path = Path(".simulator"),  # noqa: A002  what one types
    state: Path | None = None,
    seed: int = 1,
    faults: Path | None = None,
    principals: Path | None = None,
    throttling: float = 1.0,
    subscriptions: int = 1,
) -> int:
    """Serve a simulated Azure on the loopback address, until stopped.

    Parameters
    ----------
    port
        0 picks a free one.
    speed
        Simulated seconds in a real one: 60 is a minute a second.
    dir
        Where its certificates and `env.sh` are: source that, and clients find it.
    state
        A folder to keep the world in: it goes on from there at the next start.
    seed
        The same seed gives the same durations.
    faults
        A YAML file of what goes wrong, and when: see docs/simulator.md.
    principals
        A YAML file of who else may sign in, and with which role.
    throttling
        1 throttles as Azure does, 2 at half of its limits, 0 not at all.
    subscriptions
        How many there are: 00000000-0000-4000-8000-000000000001, ...2, and so on.

    """
    from simulator.fault_input import FaultInputError  # noqa: PLC0415
    from simulator.principal_input import load_principals  # noqa: PLC0415
    from simulator.server import Listening, faults_of, serve  # noqa: PLC0415
    from simulator.settings import Settings  # noqa: PLC0415
    from simulator.settings import subscriptions as ids_of  # noqa: PLC0415

    def announce(ready: Listening) -> None:
        sys.stdout.write(
            f"Azure is simulated at https://localhost:{ready.port}. In another shell:\n"
            f"  source {ready.env_file}\n"
        )
        sys.stdout.flush()

    try:
        found = faults_of(faults)
    except FaultInputError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    serve(
        port,
        folder=dir,
        state=state,
        speed=speed,
        seed=seed,
        settings=Settings(
            throttling=throttling,
            principals=load_principals(principals),
            subscription_ids=ids_of(subscriptions),
        ),
        faults=found,
        when_listening=announce,
    )
    return 0


# Prefect's own 20 s for a temporary server to start are too few on a busy machine (seen).
_PREFECT_PATIENCE = ("PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS", "120")
# As prefect.yaml has it: a run that dies is found by the heartbeat that does not come.
_HEARTBEAT = ("PREFECT_FLOWS_HEARTBEAT_FREQUENCY", "30")


def main() -> None:
    """Run a command; an error that a person can act on is one message and exit code 1."""
    for setting in (_PREFECT_PATIENCE, _HEARTBEAT):
        os.environ.setdefault(*setting)
    try:
        code = app(sys.argv[1:], result_action="return_value")
    except KeyboardInterrupt:
        code = 130
    except Exception as error:
        from orrery.printing import told  # noqa: PLC0415

        text = told(error)
        if text is None:
            raise
        sys.stderr.write(f"{text}\n")
        code = 1
    sys.exit(code if isinstance(code, int) else 0)
