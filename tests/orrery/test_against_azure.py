"""Commands run as a person runs them, against a simulated Azure on a socket."""

from __future__ import annotations

import json
import re
import shutil
import ssl
from pathlib import Path

import httpx
import pytest

from tests.orrery.conftest import ROOT, Orrery, Served, serving
from topology.planning.plan import Plan

pytestmark = pytest.mark.slow


@pytest.fixture
def branch(tmp_path: Path) -> Path:
    """Return the path of a small topology of its own."""
    return Path(shutil.copy(ROOT / "examples" / "branch.yaml", tmp_path))


def test_the_simulator_gives_its_environment_and_stops_when_told(tmp_path: Path) -> None:
    """`env.sh` is there while it serves; SIGTERM ends it with exit code 0."""
    with serving(tmp_path) as served:
        assert served.environment["ORRERY_ARM_ENDPOINT"].startswith("https://localhost:")
        assert Path(served.environment["SSL_CERT_FILE"]).exists()
    assert served.process.returncode == 0
    assert not (tmp_path / "env.sh").exists()


def test_a_wrong_secret_is_one_error_at_once(orrery: Orrery, served: Served, branch: Path) -> None:
    """It is final: nobody tries again, and the message names what to set."""
    before = _tokens_asked_for(served)
    done = orrery("plan", str(branch), AZURE_CLIENT_SECRET="wrong")
    assert _tokens_asked_for(served) - before == 1
    assert done.returncode == 1
    assert done.stderr.count("AADSTS") == 1
    assert "AZURE_CLIENT_SECRET" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_endpoint_without_tls_ends_in_one_message(orrery: Orrery, branch: Path) -> None:
    """What the environment says wrongly is told without a traceback."""
    done = orrery("plan", str(branch), ORRERY_ARM_ENDPOINT="http://localhost:1")
    assert done.returncode == 1
    assert "give an address with https://" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_plan_says_where_and_what_and_how_to_go_on(
    orrery: Orrery, served: Served, branch: Path, tmp_path: Path
) -> None:
    """First the endpoint, then the steps, last the command to paste; exit code 2 on demand."""
    saved = tmp_path / "plan.json"
    page = tmp_path / "plan.html"
    words = ("--out", str(saved), "--html", str(page), "--detailed-exitcode")
    done = orrery("plan", str(branch), *words)
    lines = done.stdout.splitlines()
    assert lines[0].startswith(f"not Azure: {served.environment['ORRERY_ARM_ENDPOINT']}, tenant")
    assert any(": create firewall afw-" in line for line in lines)
    assert lines[-1] == f"next: orrery apply {saved}"
    assert done.returncode == 2
    assert Plan.from_json(saved.read_bytes()).work
    assert ": new;" in page.read_text()


def test_a_plan_of_many_subscriptions_says_all_of_them_first(
    orrery: Orrery, tmp_path: Path
) -> None:
    """Whoever reads the first line knows where things may be written."""
    landing_zones = Path(shutil.copy(ROOT / "examples" / "landing-zones.yaml", tmp_path))
    done = orrery("plan", str(landing_zones))
    first, *_, proved, _ = done.stdout.splitlines()
    named = ", ".join(f"00000000-0000-4000-8000-00000000000{number}" for number in (1, 2, 3, 4))
    assert first.endswith(f"subscriptions {named}"), done.stderr
    assert proved.startswith("Proved: what comes of it is as it must be")
    assert any(line.startswith("contoso: ") for line in done.stdout.splitlines())


def test_a_plan_as_json_is_all_that_is_printed(orrery: Orrery, branch: Path) -> None:
    """A program reads the standard output; what a person reads goes to the other."""
    done = orrery("plan", str(branch), "--json")
    assert done.returncode == 0
    told = json.loads(done.stdout)
    assert Plan.from_json(json.dumps(told["plan"])).topology == "branch"
    assert told["consequences"]["refusal"] is None
    assert {goal["what"] for goal in told["consequences"]["goals"]} >= {"security admin rules"}
    assert told["forecast"]["seconds"] > 0
    assert done.stderr.startswith("not Azure: ")


def test_a_saved_plan_is_shown_before_it_is_applied(
    orrery: Orrery, branch: Path, tmp_path: Path
) -> None:
    """Whoever says no to it has written nothing."""
    saved = tmp_path / "plan.json"
    planned = orrery("plan", str(branch), "--out", str(saved))
    asked = orrery("apply", str(saved), answer="n")

    assert asked.returncode == 1
    told = planned.stdout.splitlines()[:-1]  # less the command to paste
    assert asked.stdout.splitlines()[: len(told)] == told
    assert "Apply this to Azure? [y/n]" in asked.stdout


@pytest.mark.timeout(400)
def test_what_was_shown_is_applied_checked_and_destroyed_by_hand(
    orrery: Orrery, branch: Path, tmp_path: Path
) -> None:
    """Without any Prefect server the flows run on a temporary one, and the codes tell."""
    report = tmp_path / "drift.sarif"
    assert orrery("check", str(branch), "--sarif", str(report)).returncode == 2
    assert '"ruleId": "drift"' in report.read_text()
    applied = orrery("apply", str(branch), answer="y")
    assert applied.returncode == 0, applied.stdout + applied.stderr
    assert ": create firewall afw-" in applied.stdout
    assert "Completed: " in applied.stdout
    assert re.search(r"^global +done +(\d+) of \1$", applied.stdout, re.MULTILINE)

    again = orrery("plan", str(branch), "--detailed-exitcode")
    assert again.returncode == 0, again.stdout
    assert again.stdout.splitlines()[-1] == "branch: no changes"
    assert orrery("check", str(branch)).returncode == 0
    proved = orrery("verify", str(branch), "--azure")
    assert proved.returncode == 0, proved.stdout + proved.stderr
    assert "Held against the model: admin rules and meshes of 6 networks" in proved.stdout
    assert proved.stdout.splitlines()[-1].startswith("branch, as Azure has it: proved: ")

    destroyed = orrery("destroy", str(branch), answer="branch")
    assert destroyed.returncode == 0, destroyed.stdout + destroyed.stderr
    shown, _, done = destroyed.stdout.partition("Type the name of the topology to go")
    assert ": delete firewall afw-" in shown
    assert "-> 0.00 USD a month" in shown
    assert "nothing is left" in done


def _tokens_asked_for(served: Served) -> int:
    trusted = ssl.create_default_context(cafile=served.environment["SSL_CERT_FILE"])
    address = f"{served.environment['ORRERY_ARM_ENDPOINT']}/_simulator/requests"
    return int(httpx.get(address, verify=trusted).json()["tokens"])
