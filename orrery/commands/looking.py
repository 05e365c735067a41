"""Commands that only look: what an apply would do, take and change, and how Azure is."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter, validators

from orrery.files import NO_PICTURES, NO_REPORTS, Pictures, Reports

FOUND = 2  # the exit code of a proof that has findings
DRIFT = 2  # the exit code for "there are changes", as terraform's -detailed-exitcode has it

Port = Annotated[int, Parameter(validator=validators.Number(gte=0, lte=65535))]


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
        Print it as JSON instead: the plan as `--out` saves it, its consequences, and the
        forecast.

    """
    from json import dumps  # noqa: PLC0415

    from orrery import printing, verdicts, writing  # noqa: PLC0415
    from orrery.planning import plan_of  # noqa: PLC0415

    planned = asyncio.run(plan_of(topology, tell=sys.stderr if json else sys.stdout))
    made = planned.plan
    if out is not None:
        out.write_bytes(made.to_json())
    writing.draw_planned(pictures, planned)
    if json:
        sys.stdout.write(dumps(planned.as_json(), indent=2) + "\n")
    else:
        verdicts.show_planned(planned)
    if planned.refusal:
        raise ValueError(planned.refusal)
    if not json:
        printing.next_command(f"orrery apply {out or topology}" if made.work else None)
    return DRIFT if detailed_exitcode and made.work else 0


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


def verify(  # noqa: PLR0913  what one may ask
    topology: Path,
    /,
    *,
    azure: bool = False,
    ask: tuple[str, str] | None = None,
    port: Port = 443,
    protocol: Literal["tcp", "udp", "icmp"] = "tcp",
    fqdn: str = "",
    source_port: Port | None = None,
    json: bool = False,
    pictures: Pictures = NO_PICTURES,
    reports: Reports = NO_REPORTS,
) -> int:
    """Prove who reaches whom, and that it is as it must be: 0 if it is, 2 if not.

    What the file exempts is told and counts for nothing.

    Parameters
    ----------
    topology
        The topology file. What it asks for is proved, and nobody is asked for that.
    azure
        Prove what Azure holds instead, and hold its own word on what is effective against it.
    ask
        One question, a sender and a target: the way there and back. Each is a spoke
        (eastus/prod), a subnet (eastus/prod/web) or an address, the target also `internet`: all
        of it. 0 if it works, 2 if not.
    port
        The port of the question.
    protocol
        Its protocol.
    fqdn
        The name in its request, where firewalls decide by it.
    source_port
        The port that the sender sends from, where rules ask for one; else one of the high ones.
    json
        Print the verdict, or the answer, as JSON.

    """
    import json as printed  # noqa: PLC0415
    from dataclasses import asdict  # noqa: PLC0415
    from datetime import UTC, datetime  # noqa: PLC0415

    from orrery import verdicts, writing  # noqa: PLC0415
    from orrery.planning import state_of, state_on_azure  # noqa: PLC0415
    from topology.compliance.reachability import report_of_proof  # noqa: PLC0415
    from topology.verification.effective import after_hearing  # noqa: PLC0415
    from topology.verification.proof import Proof  # noqa: PLC0415
    from topology.verification.question import put, told  # noqa: PLC0415
    from topology.verification.rules import ASKER, Traffic  # noqa: PLC0415
    from topology.verification.verdict import proof_of, prove  # noqa: PLC0415

    tell = sys.stderr if json else sys.stdout
    heard = None
    if azure:
        listening = state_on_azure(topology, listens=ask is None, tell=tell)
        network, model, heard = asyncio.run(listening)
    else:
        network, model = state_of(topology)
    if ask is not None:
        if reports != NO_REPORTS:
            raise ValueError("--junit and --sarif report a whole proof; leave --ask out")
        traffic = Traffic(protocol, port, fqdn, ASKER if source_port is None else source_port)
        asked = put(network, model, *ask, traffic)
        writing.draw_answer(pictures, model, asked)
        answer = told(model, asked)
        if json:
            sys.stdout.write(printed.dumps(asdict(answer), indent=2) + "\n")
        else:
            verdicts.show_answer(answer)
        return 0 if answer.works else FOUND
    # Of what is wanted nothing can be missing.
    proof = proof_of(network, model) if azure else Proof(network, model)
    of = "as Azure has it" if azure else "as wanted"
    verdict = after_hearing(prove(proof), heard) if heard else prove(proof)
    report = report_of_proof(network, verdict.findings, datetime.now(UTC).date())
    writing.draw_verdict(pictures, proof, verdict, report, azure=azure)
    writing.report_verdict(reports, network, verdict, report, topology)
    if json:
        own_word = {"own_word": heard.to_json()} if heard else {}
        told_of = {**asdict(verdict), **report.to_json(), **own_word}
        sys.stdout.write(printed.dumps(told_of, indent=2) + "\n")
    else:
        verdicts.show_verdict(verdict, report, of, heard)
    return FOUND if report.fails else 0
