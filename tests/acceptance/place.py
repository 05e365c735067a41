"""Where operators' days are tried: a real Prefect server, a real worker, and an Azure."""

from __future__ import annotations

import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deployments.local_stack import Environment, Part, local_stack
from simulator.settings import subscriptions
from tests.acceptance.over_http import AzureOverHttp, PrefectOverHttp

SPEED = 120.0  # simulated seconds in a real one

# A subscription a topology: Azure takes one network manager a scope.
_TOPOLOGIES = ("twin", "asked", "cut", "hand", "goes", "back", "taken", "dead", "found")
SUBSCRIPTIONS = dict(zip(_TOPOLOGIES, subscriptions(len(_TOPOLOGIES)), strict=True))

APPLY = "apply-topology/globojava"
ADOPT = "adopt-topology/globojava"
CHECK = "check-compliance/globojava"
DESTROY = "destroy-topology/globojava"
ROLL_BACK = "roll-back-run/globojava"


@dataclass(frozen=True)
class Place:
    """A stack with its worker, a folder for topologies, and what looks at both over HTTP."""

    folder: Path
    worker: Part
    prefect: PrefectOverHttp
    azure: AzureOverHttp
    environment: Environment

    def topology(self, name: str, *regions: str, more: str = "") -> str:
        """Write a topology file and return its path."""
        path = self.folder / f"{name}.yaml"
        lines = [f"topology: {name}", f"subscription: {SUBSCRIPTIONS[name]}", f"home: {regions[0]}"]
        lines += [f"dns_zone: {name}.internal", "regions:", *(f"  {name}:" for name in regions)]
        path.write_text("\n".join([*lines, more]) + "\n")
        return str(path)

    def orrery(self, *words: str) -> subprocess.Popen[str]:
        """Start a command in a process of its own, on the stack's Prefect."""
        return subprocess.Popen(  # noqa: S603  our own command
            [sys.executable, "-m", "orrery", *words],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def until_written(self, topology: str, word: str, method: str = "PUT", after: int = 0) -> None:
        """Wait until a write has been sent in whose path the word stands, after so many others."""
        deadline = time.monotonic() + 120
        while not any(
            entry["method"] == method and word in entry["path"]
            for entry in self.azure.written(topology)[after:]
        ):
            if time.monotonic() > deadline:
                raise TimeoutError(f"no {method} of {topology} was sent with {word} in its path")
            time.sleep(0.2)

    def changing(self, topology: str) -> list[str]:
        """Return what is in the midst of an operation."""
        types = ("virtualNetworks", "azureFirewalls", "publicIPAddresses", "routeTables")
        return [
            item["name"]
            for arm_type in types
            for item in self._all(topology, arm_type)
            if item["properties"]["provisioningState"] not in {"Succeeded", "Failed"}
        ]

    def networks(self, topology: str) -> list[str]:
        """Return the virtual networks that stand."""
        return [item["name"] for item in self._all(topology, "virtualNetworks")]

    def _all(self, topology: str, arm_type: str) -> list[dict[str, Any]]:
        path = f"/subscriptions/{SUBSCRIPTIONS[topology]}/providers/Microsoft.Network/{arm_type}"
        found: list[dict[str, Any]] = self.azure.get(path)["value"]
        return found

    def made_twice(self, topology: str) -> list[str]:
        """Return the paths at which something was made more than once."""
        made = Counter(
            entry["path"].lower()
            for entry in self.azure.written(topology)
            if entry["method"] == "PUT" and entry["status"] == 201
        )
        return [path for path, times in made.items() if times > 1]

    def deleted(self, topology: str) -> list[str]:
        """Return what somebody has asked to delete."""
        log = self.azure.written(topology)
        return [entry["path"] for entry in log if entry["method"] == "DELETE"]


@contextmanager
def place_below(folder: Path) -> Iterator[Place]:
    """Start the stack of the demo, with a subscription for each topology."""
    with local_stack(
        folder / "stack", speed=SPEED, subscriptions=len(SUBSCRIPTIONS), tell=lambda _text: None
    ) as stack:
        environment = {**stack.client_environment, **stack.azure_environment, "COLUMNS": "200"}
        prefect = PrefectOverHttp(stack.client_environment["PREFECT_API_URL"])
        prefect.start_no_proofs()
        azure = AzureOverHttp(stack.azure_environment)
        yield Place(folder, stack.parts["worker"], prefect, azure, environment)
