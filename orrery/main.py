"""`orrery`: the command line, from plan and forecast to destroy."""

from __future__ import annotations

import os
import sys

from cyclopts import App, CycloptsError

from orrery.commands.beside import lock, schema, simulator
from orrery.commands.changing import adopt, apply, destroy, policy, remediate, rollback
from orrery.commands.looking import check, forecast, plan, verify

app = App(
    name="orrery",
    help="Planet-scale network orchestration on Azure: one topology file, rolled out by Prefect.",
    version_flags=["--version"],
)
for command in (
    *(plan, forecast, verify, apply, check, remediate),
    *(adopt, policy, rollback, destroy, lock, schema, simulator),
):
    app.command(command)

# Prefect's own 20 s for a temporary server to start are too few on a busy machine (seen).
_PREFECT_PATIENCE = ("PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS", "120")
# As prefect.yaml has it: a run that dies is found by the heartbeat that does not come.
_HEARTBEAT = ("PREFECT_FLOWS_HEARTBEAT_FREQUENCY", "30")


def main() -> None:
    """Run a command; an error that a person can act on is one message and exit code 1."""
    for setting in (_PREFECT_PATIENCE, _HEARTBEAT):
        os.environ.setdefault(*setting)
    try:
        code = app(sys.argv[1:], result_action="return_value", exit_on_error=False)
    except CycloptsError:
        code = 1  # it is printed; cyclopts' own 2 says here that something is found
    except KeyboardInterrupt:
        code = 130
    except Exception as error:
        from orrery.printing import told  # noqa: PLC0415

        text = told(error)
        if text is None:
            raise
        sys.stderr.write(f"{text}\n")
        code = 1
    sys.exit(code if isinstance(code, int) else 0)
