"""Writes anew what is generated here: `python -m tests.contract.swagger`."""

from __future__ import annotations

import sys

from tests.contract.swagger import constraints, verdict

if __name__ == "__main__":
    constraints.TABLE.write_text(constraints.text(verdict.judged().specs))
    verdict.write_newer()
    for line in verdict.unexplained(verdict.findings()):
        sys.stdout.write(f"{line}\n")
