"""Commands that ask nobody: what they print, how they end, what they do not import."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings

from orrery.main import main
from tests.orrery.conftest import ROOT

BRANCH = ROOT / "examples" / "branch.yaml"
GLOBOJAVA = ROOT / "examples" / "globojava.yaml"

COMMANDS = (
    "plan",
    "apply",
    "policy",
    "check",
    "remediate",
    "verify",
    "destroy",
    "rollback",
    "lock",
    "schema",
    "simulator",
)


@pytest.fixture(autouse=True)
def _azure_is_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have nobody reach Azure itself."""
    monkeypatch.setenv("ORRERY_ARM_ENDPOINT", "https://127.0.0.1:9")


def run(*words: str) -> int:
    """Run a command in this process and return its exit code."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["orrery", *words])
        with pytest.raises(SystemExit) as ended:
            main()
    assert isinstance(ended.value.code, int)
    return ended.value.code


def test_help_imports_neither_prefect_nor_the_sdk_nor_the_topology() -> None:
    """Help is there in a blink; each of these costs a second or more."""
    code = (
        "import sys; from orrery.main import app; app(['--help'], result_action='return_value'); "
        "print([name for name in ('prefect', 'azure', 'networkx', 'pydantic', 'starlette') "
        "if name in sys.modules])"
    )
    done = subprocess.run(  # noqa: S603  our own interpreter
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("name", COMMANDS)
def test_help_names_every_command_and_tells_each(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """No command hides, and each says what it does."""
    assert run("--help") == 0
    assert f" {name} " in capsys.readouterr().out
    assert run(name, "--help") == 0
    assert f"Usage: orrery {name}" in capsys.readouterr().out


def test_a_topology_that_cannot_be_used_is_one_message_with_its_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The message stands where an editor can jump to it, and no traceback is around it."""
    path = tmp_path / "bad.yaml"
    path.write_text(BRANCH.read_text().replace("\nregions:", "\nreigons:"))
    line = path.read_text().splitlines().index("reigons:") + 1
    assert run("plan", str(path)) == 1
    told = capsys.readouterr()
    assert f"{path}:{line}: reigons:" in told.err
    assert "Traceback" not in told.err
    assert told.out == ""


@pytest.mark.parametrize("name", ["plan", "apply", "adopt", "policy", "check", "verify", "lock"])
def test_a_topology_that_is_not_there_is_told(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every command that takes a file says which one is missing."""
    path = str(tmp_path / "absent.yaml")
    words = [name, path, *(["--yes"] if name in {"apply", "policy"} else [])]
    assert run(*words) == 1
    assert f"{path}: there is no topology file here" in capsys.readouterr().err


def test_what_is_no_plan_is_not_applied(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Any other JSON is refused by its path."""
    path = tmp_path / "plan.json"
    path.write_text("{}")
    assert run("apply", str(path), "--yes") == 1
    assert f"{path} is no plan that can be carried out" in capsys.readouterr().err


def test_without_a_terminal_nothing_is_applied_or_destroyed_unasked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where nobody can be asked, the answer is no, and the message says what to give."""
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    assert run("apply", str(BRANCH)) == 1
    assert "give --yes" in capsys.readouterr().err
    assert run("destroy", str(BRANCH)) == 1
    assert "give --yes" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [
        ("apply", str(BRANCH)),
        ("adopt", str(BRANCH)),
        ("policy", str(BRANCH)),
        ("remediate", str(BRANCH), "peering"),
        ("destroy", str(BRANCH), "--yes", "branch"),
        ("rollback", str(BRANCH), "0"),
    ],
)
def test_azure_itself_is_not_written_to_without_a_prefect_server(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each command would have a server of its own, and none would see the other."""
    monkeypatch.delenv("ORRERY_ARM_ENDPOINT")
    with temporary_settings(restore_defaults={PREFECT_API_URL}):
        assert run(*words) == 1
    assert "set PREFECT_API_URL to the server that all use" in capsys.readouterr().err


def test_a_destroy_asks_for_the_name_of_what_goes(capsys: pytest.CaptureFixture[str]) -> None:
    """Another name is refused before a server is started or Azure asked."""
    assert run("destroy", str(BRANCH), "--yes", "other") == 1
    assert 'the topology is "branch", not "other"' in capsys.readouterr().err


def test_lock_gives_addresses_once_and_shows_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The first call writes the lock file, the second has nothing to write."""
    path = tmp_path / "branch.yaml"
    shutil.copy(BRANCH, path)
    assert run("lock", str(path)) == 0
    first, kept = capsys.readouterr().out, (tmp_path / "branch.lock.yaml").read_text()
    assert "branch.lock.yaml was written: commit it" in first
    assert "172.16." in first
    assert run("lock", str(path)) == 0
    assert "complete already" in capsys.readouterr().out
    assert (tmp_path / "branch.lock.yaml").read_text() == kept


def test_schema_prints_what_is_checked_in(capsys: pytest.CaptureFixture[str]) -> None:
    """The schema that editors read is the one that the command prints."""
    assert run("schema") == 0
    kept = json.loads((ROOT / "schemas" / "topology.schema.json").read_text())
    assert json.loads(capsys.readouterr().out) == kept


GLOBOJAVA = ROOT / "examples" / "globojava.yaml"


def test_verify_proves_a_file_without_asking_azure(capsys: pytest.CaptureFixture[str]) -> None:
    """It says who reaches whom, and on which assumption that stands."""
    assert run("verify", str(GLOBOJAVA)) == 0
    told = capsys.readouterr().out
    assert "globojava, as wanted: proved: " in told
    assert "mesh_forwards; otherwise" in told
    assert "30 of 30" in told


def test_verify_ends_with_2_where_an_assertion_is_not_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As text and as JSON."""
    path = tmp_path / "branch.yaml"
    item = "{name: tills, from: uksouth/stores, to: uksouth/cctv, expect: allowed}"
    path.write_text(f"{BRANCH.read_text()}\nverify: {{assertions: [{item}]}}\n")

    assert run("verify", str(path)) == 2
    assert "tills: is not reached, and must be" in capsys.readouterr().out
    assert run("verify", str(path), "--json") == 2
    [finding] = json.loads(capsys.readouterr().out)["findings"]
    assert finding["rule"] == "tills"


def test_what_the_file_exempts_fails_no_proof(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is told, with who answers for it, and the pipeline's report agrees."""
    path, junit = tmp_path / "branch.yaml", tmp_path / "proof.xml"
    item = "{name: tills, from: uksouth/stores, to: uksouth/cctv, expect: allowed}"
    known = "{rule: tills, owner: shops, reason: not opened yet, until: 9999-12-31}"
    path.write_text(
        f"{BRANCH.read_text()}\nverify: {{assertions: [{item}]}}\n"
        f"compliance: {{exemptions: [{known}]}}\n"
    )

    assert run("verify", str(path), "--junit", str(junit)) == 0
    told = capsys.readouterr().out
    assert "exempted until 9999-12-31, shops: not opened yet" in told
    assert "nothing is otherwise than it must be; 1 exempted" in told
    assert 'failures="0"' in junit.read_text().splitlines()[0]
    assert run("verify", str(path), "--json") == 0
    proved = json.loads(capsys.readouterr().out)
    assert (proved["findings"], len(proved["exempted"])) == ([], 1)


def test_verify_answers_a_question_both_ways(capsys: pytest.CaptureFixture[str]) -> None:
    """0 if it works, 2 if not, 1 for a question about nobody."""
    words = ("verify", str(GLOBOJAVA), "--ask")
    assert run(*words, "eastus/prod", "westus/nonprod") == 0
    assert "works, both ways, by afw-globojava-eastus, afw-globojava-westus" in (
        capsys.readouterr().out
    )
    assert run(*words, "eastus/nonprod", "westus/prod", "--json") == 2
    assert "deny-to-prod" in json.loads(capsys.readouterr().out)["reason"]
    assert run(*words, "nobody", "westus/prod") == 1
    assert "name a spoke as region/spoke" in capsys.readouterr().err


@pytest.mark.parametrize("option", ["--port", "--source-port"])
def test_a_question_about_no_port_is_refused(
    option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever the rules would say of it; 2 would say that it does not work."""
    words = ("verify", str(GLOBOJAVA), "--ask", "eastus/prod", "westus/prod")
    for wrong in ("70000", "-1"):
        assert run(*words, f"{option}={wrong}") == 1
        assert f'Invalid value "{wrong}" for {option}.' in capsys.readouterr().err


# -- files that open without a network -----------------------------------------------------


def test_verify_writes_pictures_and_reports(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each where it is asked for; what is printed stays as it is."""
    written = {
        name: tmp_path / f"proof.{name}" for name in ("html", "svg", "matrix", "junit", "sarif")
    }
    words = [word for name, path in written.items() for word in (f"--{name}", str(path))]
    assert run("verify", str(BRANCH), *words) == 0

    assert "proved: " in capsys.readouterr().out
    assert written["html"].read_text().startswith("<!doctype html>")
    assert written["svg"].read_text().startswith("<svg ")
    assert "who reaches whom" in written["matrix"].read_text()
    assert written["junit"].read_text().startswith("<testsuites ")
    assert json.loads(written["sarif"].read_text())["version"] == "2.1.0"


def test_a_file_that_cannot_be_written_is_one_message(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With its path and the reason."""
    path = tmp_path / "nowhere" / "map.svg"

    assert run("verify", str(BRANCH), "--svg", str(path)) == 1
    assert capsys.readouterr().err == f"{path} cannot be written: No such file or directory\n"


def test_a_question_has_a_picture_and_no_reports(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A pipeline asks for a proof."""
    way, report = tmp_path / "way.svg", tmp_path / "report.xml"
    ask = ("verify", str(GLOBOJAVA), "--ask", "eastus/prod", "westus/nonprod")

    assert run(*ask, "--svg", str(way)) == 0
    assert "afw-globojava-westus" in way.read_text()
    assert run(*ask, "--junit", str(report)) == 1
    assert "leave --ask out" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("globojava", ("--svg",)),
        ("matrix", ("--matrix",)),
        ("way", ("--ask", "eastus/prod", "westeurope/nonprod", "--svg")),
    ],
)
def test_pictures_of_the_docs_are_what_the_command_draws(
    tmp_path: Path, name: str, words: tuple[str, ...]
) -> None:
    """`make fix` draws them again."""
    drawn = tmp_path / "drawn.svg"

    assert run("verify", str(GLOBOJAVA), *words, str(drawn)) == 0
    assert drawn.read_text() == (ROOT / "docs" / "images" / f"{name}.svg").read_text()
