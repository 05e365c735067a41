"""A plan told to people."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.builders import a_network, as_deployed
from topology.kind import Resource, Stage, firewall_address
from topology.planning.actual import Actual
from topology.planning.explain import by_region, details, markdown, summary, title
from topology.planning.plan import (
    Change,
    Commit,
    Create,
    Delete,
    FieldChange,
    Nothing,
    Plan,
    Replace,
    Step,
)
from topology.planning.planner import make_plan, plan_removal_of_all

FIREWALL = Resource("firewall", "/s/x/afw-sample-eastus", "eastus", Stage.FIREWALL, {})
OLD = replace(FIREWALL, id=f"{FIREWALL.id}#old")
ROUTES = Resource("remote-routes", "/s/rt-sample#remote-routes", "eastus", Stage.ROUTES, {})
ZONE = Resource("private-dns-zone", "/s/sample.internal", None, Stage.GLOBAL, {})


def _commit(commit_type: str, *ids: str) -> Resource:
    body = {"commitType": commit_type, "targetLocations": ["eastus"], "configurationIds": list(ids)}
    return Resource("commit", f"/m/commits/{commit_type}-eastus", "eastus", Stage.MESH, body)


def _change(path: str, old: Any, new: Any) -> Change:
    return Change(FIREWALL, (FieldChange(path, old, new),))


@pytest.mark.parametrize(
    ("step", "sentence"),
    [
        (Create(FIREWALL), "eastus: create firewall afw-sample-eastus"),
        (_change("a", 1, 2), "eastus: change firewall afw-sample-eastus"),
        (Replace(FIREWALL, ()), "eastus: replace firewall afw-sample-eastus"),
        (Delete(FIREWALL), "eastus: delete firewall afw-sample-eastus"),
        (Nothing(FIREWALL, "as wanted"), "eastus: leave firewall afw-sample-eastus"),
        (Create(ZONE), "global: create private dns zone sample.internal"),
        (Create(ROUTES), "eastus: create remote routes rt-sample"),
        (Nothing(ROUTES, "as wanted"), "eastus: leave remote routes rt-sample"),
        (
            Delete(replace(FIREWALL, id=f"{FIREWALL.id}#old")),
            "eastus: delete firewall afw-sample-eastus",
        ),
        (Commit(_commit("Connectivity"), (), "why"), "eastus: commit mesh"),
        (Commit(_commit("SecurityAdmin"), (), "why"), "eastus: commit security admin rules"),
        (Commit(_commit("Routing"), (), "why"), "eastus: commit routing"),
    ],
)
def test_step_is_a_sentence(step: Step, sentence: str) -> None:
    """Where, what, and which."""
    assert sentence == title(step)


@pytest.mark.parametrize(
    ("step", "lines"),
    [
        (Create(FIREWALL), ()),
        (Delete(FIREWALL), ()),
        (_change("tags.a", "x", "y"), ("~ tags.a: x -> y",)),
        (_change("tags.a", None, "y"), ("+ tags.a: y",)),
        (_change("tags.a", "x", None), ("- tags.a",)),
        (_change("a", [1], {"b": 2}), ('~ a: [1] -> {"b": 2}',)),
        (_change("a", 1, [True]), ("~ a: 1 -> [true]",)),
        (Replace(FIREWALL, (FieldChange("", None, "x is replaced"),)), ("x is replaced",)),
        (Nothing(FIREWALL, "as wanted"), ("as wanted",)),
        (
            Commit(_commit("Routing", "/c/ours", "/c/theirs"), ("/c/theirs", "/c/old"), "why"),
            ("why", "+ ours", "- old"),
        ),
    ],
)
def test_details_are_a_line_each(step: Step, lines: tuple[str, ...]) -> None:
    """New, gone and changed fields have their signs."""
    assert lines == details(step)


@pytest.mark.parametrize("wrap", [lambda value: value, lambda value: [value]], ids=["text", "list"])
def test_value_that_azure_will_assign_is_told_as_such(wrap: Any) -> None:
    """Nobody has to read an id to see what is waited for."""
    [line] = details(_change("a", None, wrap(firewall_address(FIREWALL.id))))

    assert "known after afw-sample-eastus" in line
    assert "late" not in line


def test_long_value_is_cut() -> None:
    """A line stays a line."""
    [line] = details(_change("a", None, "x" * 500))

    assert len(line) == len("+ a: ") + 70
    assert line.endswith("...")


def test_empty_plan_says_so() -> None:
    """In two words."""
    network = a_network()

    assert summary(make_plan(network, as_deployed(network))) == "no changes"


def test_summary_counts_what_is_written() -> None:
    """In the order in which people ask."""
    network = a_network("eastus", spokes={})
    first, removal = (
        make_plan(network, Actual()),
        plan_removal_of_all(network, as_deployed(network)),
    )

    assert summary(first) == "15 to create, 1 commits"
    assert summary(removal) == "14 to delete, 1 commits"


def test_regions_are_told_after_what_is_global() -> None:
    """Each with its counts."""
    plan = make_plan(a_network("eastus", "australiaeast"), Actual())

    assert [region for region, _ in by_region(plan)] == ["global", "australiaeast", "eastus"]
    assert sum(n for _, counts in by_region(plan) for n in counts.values()) == len(plan.work)


def test_markdown_names_every_step_that_writes() -> None:
    """It is kept as the artifact of a run."""
    plan = make_plan(a_network(), Actual())

    text = markdown(plan)

    assert text.startswith("# Plan of sample\n")
    assert [title(step) for step in plan.work if f"- {title(step)}\n" not in text] == []


def test_markdown_of_an_empty_plan_is_short() -> None:
    """It has a table without rows."""
    text = markdown(Plan("sample", ("s",), (), ()))

    assert "no changes" in text
    assert text.count("\n|") == 2
