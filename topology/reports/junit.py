"""JUnit's XML: what pipelines show as tests.

Written as Jenkins and GitLab read it: a suite a group, a case each, a failure with its findings.
"""

from __future__ import annotations

from itertools import groupby
from xml.etree import ElementTree as ET

from topology.reports.cases import Case, Cases
from topology.xml_text import legal


def junit(cases: Cases) -> str:
    """Return all cases as one file; what the topology does without is skipped, with its reason.

    What they stand on are properties of each suite.
    """
    root = ET.Element("testsuites", {"name": legal(cases.topology)} | _counts(cases.cases))
    ordered = sorted(cases.cases, key=lambda case: case.group)
    for group, members in groupby(ordered, key=lambda case: case.group):
        listed = tuple(members)
        suite = ET.SubElement(root, "testsuite", {"name": group} | _counts(listed))
        _add_grounds(suite, cases)
        for case in listed:
            _add(suite, case, cases)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=False) + "\n"


def _counts(cases: tuple[Case, ...]) -> dict[str, str]:
    return {
        "tests": str(len(cases)),
        "failures": str(sum(bool(case.broken) for case in cases)),
        "errors": "0",
        "skipped": str(sum(bool(case.waived) for case in cases)),
    }


def _add_grounds(suite: ET.Element, cases: Cases) -> None:
    if not cases.grounds:
        return
    properties = ET.SubElement(suite, "properties")
    for item in cases.grounds:
        told = {"name": legal(item.name), "value": legal(item.says)}
        ET.SubElement(properties, "property", told)


def _add(suite: ET.Element, case: Case, cases: Cases) -> None:
    about = {
        "classname": legal(f"{cases.topology}.{case.group}"),
        "name": legal(f"{case.name}: {case.says}"),
        "file": legal(cases.file),
        "line": str(case.line),
    }
    element = ET.SubElement(suite, "testcase", about)
    if case.waived:
        ET.SubElement(element, "skipped", {"message": legal(case.waived)})
    if case.broken:
        first, more = case.broken[0], len(case.broken) - 1
        message = legal(f"{first.says} (and {more} more)" if more else first.says)
        failure = ET.SubElement(
            element, "failure", {"type": first.finding.severity.value, "message": message}
        )
        failure.text = legal("\n".join(item.says for item in case.broken))
    if told := [item for item in case.found if not item.counts]:
        out = ET.SubElement(element, "system-out")
        out.text = legal("\n".join(f"{item.says} ({item.finding.note})" for item in told))
