"""A simulator in a process of its own, as an operator starts it."""

import shlex
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from simulator.identity import bearer_token
from simulator.settings import Settings

ROOT = Path(__file__).parents[2]
_LONGEST_START = 20


class Served:
    """A process that serves, and the environment it gives to its clients."""

    def __init__(self, process: subprocess.Popen[bytes], exports: Path) -> None:
        self.process = process
        lines = [line.removeprefix("export ") for line in exports.read_text().splitlines()]
        pairs = [line.partition("=") for line in lines]
        self.environment = {name: shlex.split(value)[0] for name, _, value in pairs}

    def client(self) -> httpx.Client:
        """Return a client that is signed in, trusts the server and sends an api-version."""
        return httpx.Client(
            base_url=self.environment["ORRERY_ARM_ENDPOINT"],
            headers={"Authorization": f"Bearer {bearer_token(Settings())}"},
            params={"api-version": "2026-03-01"},
            verify=ssl.create_default_context(cafile=self.environment["SSL_CERT_FILE"]),
        )


@contextmanager
def serving(folder: Path, *words: str) -> Iterator[Served]:
    """Serve until the block ends, or is killed in it."""
    command = [sys.executable, "-m", "simulator", "--dir", str(folder), *words]
    exports = folder / "env.sh"
    exports.unlink(missing_ok=True)
    with subprocess.Popen(  # noqa: S603 - our own interpreter and module
        command, cwd=ROOT, stdout=subprocess.DEVNULL
    ) as process:
        try:
            until = time.monotonic() + _LONGEST_START
            while not exports.exists():
                assert time.monotonic() < until
                assert process.poll() is None
                time.sleep(0.05)
            yield Served(process, exports)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=10)
