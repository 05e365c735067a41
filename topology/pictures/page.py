"""One page for a proof, a plan or a check, with its pictures; it opens without a network."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from topology.compliance.report import Report
from topology.forecast import telling
from topology.forecast.forecast import Forecast
from topology.pictures.svg import STYLE, Picture, t
from topology.planning import explain
from topology.planning.plan import Plan
from topology.verification import outlook as outlooks
from topology.verification.outlook import Outlook
from topology.verification.question import Told
from topology.verification.verdict import Verdict

_STYLE = (
    "body{margin:0;font:14px/1.5 system-ui,'Segoe UI',Roboto,'DejaVu Sans',sans-serif;"
    "background:#fff;color:#1b2735}"
    "main{max-width:1440px;margin:0 auto;padding:24px}h1{font-size:24px;margin:0}"
    "h2{font-size:17px;margin:32px 0 8px}h3{font-size:14px;margin:16px 0 4px}"
    "svg{max-width:100%;height:auto;display:block;margin:12px 0}"
    ".wide{overflow:auto}table{border-collapse:collapse}"
    "th,td{text-align:left;vertical-align:top;padding:4px 16px 4px 0;"
    "border-bottom:1px solid #dde5ee}"
    ".said{font-size:15px;margin:4px 0 0}.good{color:#1d7440}.bad{color:#b83030}"
    ".weighs{white-space:nowrap}.critical{color:#b83030;font-weight:600}.high{color:#b83030}"
    ".weighs.low,.unsure{color:#8a5a00}"
    "code{font-family:ui-monospace,monospace;font-size:12px}"
    "@media(prefers-color-scheme:dark){body{background:#0b1320;color:#e7edf5}"
    "th,td{border-color:#2b3a54}.good{color:#5cc98a}.bad,.critical,.high{color:#f08a8a}"
    ".weighs.low,.unsure{color:#e0b060}}"
)


@dataclass(frozen=True)
class Page:
    """A page: what it is of, how that looks, and its sections, each HTML by its heading."""

    heading: str
    says: str
    looks: Literal["good", "unsure", "bad"]
    sections: tuple[tuple[str, str], ...]

    @property
    def html(self) -> str:
        """Return it as a file that needs no other."""
        body = "".join(f"<h2>{t(name)}</h2>{content}" for name, content in self.sections if content)
        return (
            '<!doctype html><html lang="en"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width">'
            f"<title>{t(self.heading)}</title><style>{_STYLE}{STYLE}</style></head><body><main>"
            f"<h1>{t(self.heading)}</h1>"
            f'<p class="said {self.looks}">{t(self.says)}</p>'
            f"{body}</main></body></html>\n"
        )


def of_verdict(verdict: Verdict, report: Report, regions: Picture, pairs: Picture, of: str) -> Page:
    """Return the page of a proof, with its map and matrix; `of` says of which state."""
    return Page(
        f"{verdict.topology}: who reaches whom, {of}",
        f"{verdict.summary_if(len(report.standing))}{report.exempted_told}",
        "bad" if report.fails else "good",
        (
            ("Regions", _drawn(regions)),
            *_findings(report),
            ("Pairs", _drawn(pairs)),
            ("By environment", _table([row.told() for row in verdict.between])),
            (
                "Checked",
                _table([{"rule": rule, "means": says} for rule, says in verdict.checked.items()]),
            ),
            (
                "Not checked",
                _table([{"rule": rule, "for": why} for rule, why in verdict.waived.items()]),
            ),
            ("Assumed where Azure's text is silent", _list(_assumed(verdict))),
        ),
    )


def of_planned(  # noqa: PLR0913  a plan, and what is known of it
    plan: Plan,
    outlook: Outlook,
    regions: Picture,
    pairs: Picture,
    forecast: Forecast | None = None,
    refusal: str | None = None,
) -> Page:
    """Return the page of a plan, with its map and matrix before and after.

    `refusal` says why it is not carried out: its traffic, a limit, or what is protected.
    """
    verdict = f"Refused: {refusal}." if refusal else outlooks.summary(outlook)
    steps = [
        {"step": explain.title(step), "in particular": "\n".join(explain.details(step))}
        for step in plan.work
    ]
    consequences = "".join(
        f"<h3>{t(heading)}</h3>{_list(items)}" for heading, items in outlooks.told(outlook)
    )
    return Page(
        f"{plan.topology}: plan",
        f"{explain.summary(plan)}. {verdict if plan.work else ''}",
        "bad" if refusal else "good" if outlook.is_clean else "unsure",
        (
            ("Regions, before and after", _drawn(regions)),
            ("Consequences", consequences),
            ("In this order", _table(outlooks.order_rows(outlook) if plan.work else ())),
            ("Pairs, before and after", _drawn(pairs)),
            ("Forecast", _forecast(forecast)),
            ("Notes", _list([*plan.notes, *explain.held(plan)])),
            ("Steps", _table(steps)),
        ),
    )


def of_answer(answer: Told, drawn: Picture) -> Page:
    """Return the page of one question, with its way."""
    return Page(
        answer.question,
        answer.reason,
        "good" if answer.is_sure else "unsure" if answer.works else "bad",
        (
            ("The way", _drawn(drawn)),
            ("Otherwise", _list(answer.apart)),
            ("Assumed where Azure's text is silent", _list(answer.stands_on)),
            ("Not read", _list(answer.unread)),
        ),
    )


def of_report(report: Report, regions: Picture) -> Page:
    """Return the page of a check, with the map of what it found."""
    return Page(
        f"{report.topology}: as a check found it",
        report.summary,
        "bad" if report.fails else "good",
        (
            ("Regions", _drawn(regions)),
            *_findings(report),
        ),
    )


# -- parts -------------------------------------------------------------------------------


def _findings(report: Report) -> Iterator[tuple[str, str]]:
    yield "Findings", _table([finding.row() for finding in report.standing])
    yield "Exempted", _table([finding.row() for finding in report.exempted])
    yield "Notes", _list(report.notes)


def _drawn(picture: Picture) -> str:
    return f'<div class="wide">{picture.inline}</div>'


def _assumed(verdict: Verdict) -> Iterator[str]:
    yield from map(str, verdict.assumptions)
    yield from (f"not read: {item}" for item in verdict.unread)


def _forecast(forecast: Forecast | None) -> str:
    if forecast is None:
        return ""
    tables = {
        "Time": telling.parts(forecast),
        "Calls": telling.calls(forecast),
        "Limits": telling.limits(forecast),
        "Cost of a month": telling.money(forecast),
    }
    told = "".join(f"<h3>{name}</h3>{_table(rows)}" for name, rows in tables.items() if rows)
    return _list(telling.in_short(forecast)) + told + _list(telling.sources(forecast))


def _list(lines: Iterable[str]) -> str:
    items = "".join(f"<li>{t(line)}</li>" for line in lines)
    return f"<ul>{items}</ul>" if items else ""


def _table(rows: Iterable[Mapping[str, Any]]) -> str:
    """Return rows as a table, less the columns in which nothing stands."""
    listed = list(rows)
    columns = [name for name in (listed[0] if listed else ()) if any(row[name] for row in listed)]
    if not columns:
        return ""
    head = "".join(f"<th>{t(name)}</th>" for name in columns)
    body = "".join(
        f"<tr>{''.join(_cell(name, row[name]) for name in columns)}</tr>" for row in listed
    )
    return f'<div class="wide"><table><tr>{head}</tr>{body}</table></div>'


def _cell(name: str, value: Any) -> str:
    weight = f' class="weighs {value}"' if name == "severity" else ""
    return f"<td{weight}>{_value(value)}</td>"


def _value(value: Any) -> str:
    return "<br>".join(t(line) for line in str("" if value is None else value).split("\n"))
