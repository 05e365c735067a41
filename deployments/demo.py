"""`make demo`: GloboJava's network built on a simulated Azure, watched in Prefect's UI.

Prefect reads its settings when it is imported, so the stack is started first and what
follows the run is imported after.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType

from azure_api.settings import AzureSettings
from deployments.local_stack import AlreadyRunningError, Stack, StackError, local_stack

TOPOLOGY = Path("examples/globojava.yaml")
FOLDER = Path(".orrery")
SPEED = 60.0  # a minute of Azure a second
UI_PORT = 4200  # Prefect's own


def main() -> int:
    """Start all, roll out, plan again; stay up on a terminal until Ctrl-C."""
    signal.signal(signal.SIGTERM, _stop)
    try:
        with local_stack(FOLDER, speed=SPEED, port=UI_PORT, tell=_say) as stack:
            code = _show(stack)
            if code == 0 and sys.stdin.isatty():
                _say(f"Prefect's UI stays at {stack.ui} until Ctrl-C")
                with contextlib.suppress(KeyboardInterrupt):
                    signal.pause()
            return code
    except AlreadyRunningError as running:
        _say(str(running))
        return 0
    except StackError as broken:
        sys.stderr.write(f"{broken}\n")
        return 1
    except KeyboardInterrupt:
        return 130  # stopped before it had an end


def _show(stack: Stack) -> int:
    os.environ.update(stack.client_environment)
    from deployments.following import follow  # noqa: PLC0415  Prefect's settings are set now

    target = AzureSettings.from_environment(stack.azure_environment)
    _say(target.describe([stack.azure_environment["AZURE_SUBSCRIPTION_ID"]]))
    _say(f"Prefect's UI: {stack.ui}, a minute of Azure takes {60 / SPEED:g} s")
    started = time.monotonic()
    good = follow("apply-topology/globojava", TOPOLOGY, SPEED)
    _say(f"rolled out in {time.monotonic() - started:.0f} s")
    return 0 if good and _second_plan_is_empty(stack) else 1


def _second_plan_is_empty(stack: Stack) -> bool:
    """Plan again, as a person would, and say whether anything is left to do."""
    command = [sys.executable, "-m", "orrery", "plan", "--detailed-exitcode", str(TOPOLOGY)]
    environment = {**stack.client_environment, **stack.azure_environment}
    done = subprocess.run(  # noqa: S603  our own command
        command, env=environment, capture_output=True, text=True, check=False
    )
    empty = done.returncode == 0
    _say("second plan: no changes" if empty else f"second plan: {done.stdout}{done.stderr}")
    _say(f"Prefect's UI: {stack.ui}")
    return empty


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
