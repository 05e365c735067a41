"""The simulator as a process, over TLS, with the real clients."""

import os
import shutil
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from simulator.certificates import certificates
from simulator.identity import bearer_token
from simulator.settings import Settings
from tests.simulator.azure import GROUP
from tests.simulator.serving import ROOT, serving


@pytest.fixture
def server(tmp_path: Path) -> Iterator[dict[str, str]]:
    """Start a server as an operator does, and yield its environment."""
    with serving(tmp_path, "--speed", "600") as found:
        yield found.environment
    assert found.process.returncode == 0
    assert not (tmp_path / "env.sh").exists()


@pytest.mark.slow
def test_the_real_clients_need_nothing_but_the_environment(server: dict[str, str]) -> None:
    """`source env.sh` and DefaultAzureCredential() are enough."""
    context = ssl.create_default_context(cafile=server["SSL_CERT_FILE"])
    headers = {"Authorization": f"Bearer {bearer_token(Settings())}"}
    group = f"{server['ORRERY_ARM_ENDPOINT']}{GROUP}?api-version=2025-04-01"
    httpx.put(group, json={"location": "westeurope"}, headers=headers, verify=context)
    run = subprocess.run(
        [sys.executable, "-m", "tests.simulator.real_client"],
        cwd=ROOT,
        env={**os.environ, **server},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (run.stdout, run.returncode) == ("ProvisioningState.SUCCEEDED ['a']", 0), run.stderr


@pytest.mark.slow
def test_a_dropped_connection_is_really_cut(server: dict[str, str]) -> None:
    """The client sees no answer at all."""
    context = ssl.create_default_context(cafile=server["SSL_CERT_FILE"])
    headers = {"Authorization": f"Bearer {bearer_token(Settings())}"}
    address = server["ORRERY_ARM_ENDPOINT"]
    fault = [{"method": "PUT", "drop": "after"}]
    group = f"{address}{GROUP}?api-version=2025-04-01"
    with httpx.Client(headers=headers, verify=context) as client:
        client.post(f"{address}/_simulator/faults", json=fault)
        with pytest.raises(httpx.TransportError):
            client.put(group, json={"location": "westeurope"})
        assert client.get(group).status_code == 200


@pytest.mark.slow
def test_a_connection_that_hangs_is_ended_by_the_client(server: dict[str, str]) -> None:
    """It stays open and silent, and the server serves the next one."""
    context = ssl.create_default_context(cafile=server["SSL_CERT_FILE"])
    headers = {"Authorization": f"Bearer {bearer_token(Settings())}"}
    address = server["ORRERY_ARM_ENDPOINT"]
    group = f"{address}{GROUP}?api-version=2025-04-01"
    with httpx.Client(headers=headers, verify=context) as client:
        client.post(f"{address}/_simulator/faults", json={"method": "PUT", "hang": "after"})
        with pytest.raises(httpx.ReadTimeout):
            client.put(group, json={"location": "westeurope"}, timeout=0.3)
        assert client.get(group).status_code == 200


def test_a_file_of_faults_that_makes_no_sense_is_told_before_anything_starts(
    tmp_path: Path,
) -> None:
    """With its line, by both commands."""
    file = tmp_path / "faults.yaml"
    file.write_text("- region: atlantis\n")
    for command in (
        ["-m", "simulator"],
        ["-c", "from orrery.main import main; main()", "simulator"],
    ):
        run = subprocess.run(  # noqa: S603 - our own interpreter and module
            [sys.executable, *command, "--faults", str(file), "--dir", str(tmp_path)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        told = f'{file}:1: faults[0].region: there is no region "atlantis"\n'
        assert (run.returncode, run.stderr) == (1, told)


def test_certificates_are_made_once(tmp_path: Path) -> None:
    """A restarted server keeps its clients' trust."""
    first = certificates(tmp_path).bundle.read_bytes()
    assert certificates(tmp_path).bundle.read_bytes() == first


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_curl_verifies_with_the_environment_sourced(server: dict[str, str]) -> None:
    """Also where another folder of certificates is set, which curl prefers to a file."""
    command = ["curl", "--silent", "--fail", f"{server['ORRERY_ARM_ENDPOINT']}/_simulator/requests"]
    environment = {**os.environ, "SSL_CERT_DIR": "/nowhere", **server}
    done = subprocess.run(  # noqa: S603 - a fixed command
        command, env=environment, capture_output=True, text=True, check=True
    )
    assert "writes" in done.stdout
