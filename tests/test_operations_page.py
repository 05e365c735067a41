"""docs/operations.md: what it tells people to type is there, and so is what tried it."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from prefect.cli._app import _app as prefect_cli

from orrery.main import app as orrery_cli
from tests.deployments.test_automations import own_names
from tests.deployments.test_prefect_yaml import DEPLOYMENTS, flow_of

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs/operations.md").read_text()
COMMANDS = [
    line
    for language, block in re.findall(r"^```(\w*)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    for line in block.splitlines()
    if not language
]
A_RUN = "00000000-0000-4000-8000-00000000000a"
ENTRIES = re.split(r"^##+ ", PAGE, flags=re.MULTILINE)[1:]


@pytest.mark.parametrize("command", [line for line in COMMANDS if line.startswith("orrery ")])
def test_every_command_of_orrery_is_understood(command: str) -> None:
    """As it stands in the page."""
    _, bound, _ = orrery_cli.parse_args(
        shlex.split(command)[1:], exit_on_error=False, print_error=False
    )

    assert bound.arguments


@pytest.mark.parametrize("command", [line for line in COMMANDS if line.startswith("prefect ")])
def test_every_command_of_prefect_is_understood(command: str) -> None:
    """By the Prefect that is installed."""
    words = [A_RUN if word == "RUN" else word for word in shlex.split(command)[1:]]
    function, _, _ = prefect_cli.parse_args(words, exit_on_error=False, print_error=False)

    assert function.__name__ != "help_print"


def test_all_commands_are_of_orrery_or_prefect() -> None:
    """No other is tested here."""
    assert COMMANDS
    assert {line.split()[0] for line in COMMANDS} == {"orrery", "prefect"}


def test_every_deployment_is_in_prefect_yaml() -> None:
    """Those that commands name."""
    there = {f"{flow_of(entry).name}/{entry['name']}" for entry in DEPLOYMENTS}
    named = set(re.findall(r"deployment run (\S+)", PAGE))

    assert named
    assert named <= there


def test_every_test_that_is_named_is_there() -> None:
    """Its file, and its name in that file."""
    named = re.findall(r"`(tests/[\w/.-]+)`(?:,\s+`(test_\w+)`)?", PAGE)
    assert named
    for file, test in named:
        assert (ROOT / file).exists(), file
        assert not test or f"def {test}(" in (ROOT / file).read_text(), test


@pytest.mark.parametrize("entry", ENTRIES, ids=[entry.splitlines()[0] for entry in ENTRIES])
def test_every_entry_says_how_it_was_tried(entry: str) -> None:
    """A heading that only holds others has no text of its own."""
    text = entry.partition("\n")[2].strip()

    assert not text or "*Tried by*" in text or re.search(r"\*Tried\s+by\*", text)


def test_every_own_name_of_an_end_is_explained() -> None:
    """Whoever sees it as a badge finds it here."""
    assert [name for name in own_names() if name not in PAGE] == []
