"""`python -m tests.contract.az`: all of it, and one line that says how it went."""

import sys
import tempfile
import time
from pathlib import Path

from tests.contract.az import network
from tests.contract.az.client import UnavailableError, UnexpectedError, installed, signed_in
from tests.contract.az.client import simulator as simulated

_STEPS = (
    network.build_networks,
    network.guard_the_spoke,
    network.build_the_firewall,
    network.mesh_the_networks,
    network.show_everything,
    network.take_down,
)


def main() -> int:
    """Return 0 when every command did what it should, or when there is no az."""
    try:
        program = installed()
    except UnavailableError as error:
        return _told(f"az: skipped, azure-cli cannot be installed ({error})")
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as name, simulated(Path(name)) as exported:
        try:
            az = signed_in(program, exported, Path(name))
            for step in _STEPS:
                step(az)
                _told(f"az: {step.__name__.replace('_', ' ')}")
        except UnexpectedError as error:
            _told(f"az: FAILED, {error}")
            return 1
    seconds = time.monotonic() - began
    return _told(
        f"az: {az.commands} commands, {az.checks} checks, {seconds:.0f} s: all as in Azure"
    )


def _told(line: str) -> int:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
