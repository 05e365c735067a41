"""`python -m tests.contract.az`: all of it, and one line that says how it went."""

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.contract.az import access, network
from tests.contract.az.client import Az, UnavailableError, UnexpectedError, installed, registered
from tests.contract.az.client import simulator as simulated


def main() -> int:
    """Return 0 when every command did what it should, or when there is no az."""
    try:
        program = installed()
    except UnavailableError as error:
        return _told(f"az: skipped, azure-cli cannot be installed ({error})")
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as name, simulated(Path(name)) as exported:
        try:
            az = registered(program, exported, Path(name) / "operator")
            guest = registered(program, exported, Path(name) / "guest")
            _play(az, guest)
        except UnexpectedError as error:
            _told(f"az: FAILED, {error}")
            return 1
    commands, checks = az.commands + guest.commands, az.checks + guest.checks
    seconds = f"{time.monotonic() - began:.0f} s"
    return _told(f"az: {commands} commands, {checks} checks, {seconds}: all as in Azure")


def _play(az: Az, guest: Az) -> None:
    steps: dict[str, Callable[[], None]] = {
        "signed in": lambda: access.sign_in(az),
        "signed in without a secret": lambda: access.sign_in_as_a_pipeline(guest),
        "two networks, peered": lambda: network.build_networks(az),
        "a guarded subnet": lambda: network.guard_the_spoke(az),
        "a firewall": lambda: network.build_the_firewall(az),
        "a mesh, committed": lambda: network.mesh_the_networks(az),
        "all of it shown": lambda: network.show_everything(az),
        "a reader let in and out": lambda: access.share_with_a_reader(az, guest),
        "all of it gone": lambda: network.take_down(az),
    }
    for name, play in steps.items():
        play()
        _told(f"az: {name}")


def _told(line: str) -> int:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
