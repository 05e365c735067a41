"""The layout is what it says it is: imports point one way, and facts stand in one place."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from azure.mgmt.network.aio import NetworkManagementClient
from azure.mgmt.privatedns.aio import PrivateDnsManagementClient
from azure.mgmt.resource.policy.aio import PolicyClient
from azure.mgmt.resource.resources.aio import ResourceManagementClient

from topology.kind import Kind, Listing
from topology.resources import KINDS, READ

ROOT = Path(__file__).parents[1]
LINTER: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"][
    "importlinter"
]
PACKAGES: list[str] = LINTER["root_packages"]
CLIENTS = {
    "network": NetworkManagementClient,
    "policy": PolicyClient,
    "privatedns": PrivateDnsManagementClient,
    "resource": ResourceManagementClient,
}


def _contracts(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run import-linter over a folder that holds the project."""
    return subprocess.run(  # noqa: S603  our own tool
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"],
        cwd=folder,
        check=False,
        capture_output=True,
        text=True,
    )


def _sources(*packages: str) -> list[Path]:
    return sorted(path for package in packages for path in (ROOT / package).rglob("*.py"))


def _texts(path: Path) -> Iterator[str]:
    """Yield the strings of a module that are no docstrings."""
    tree = ast.parse(path.read_text())
    documents = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
        if is_text and id(node) not in documents:
            yield str(node.value)  # type: ignore[attr-defined]


# -- imports -----------------------------------------------------------------------------


def test_contracts_hold() -> None:
    """`lint-imports` says so."""
    result = _contracts(ROOT)

    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("topology/spec.py", "import azure_api", "Dependencies point one way"),
        ("topology/graph.py", "import prefect", "The topology knows neither Prefect"),
        ("topology/kind.py", "import topology.planning.plan", "Inside the topology"),
        ("topology/resources/peering.py", "import topology.resources.firewall", "Kinds of"),
        ("tasks/apply_step.py", "import simulator", "The product and the simulator"),
        ("simulator/clock.py", "import topology", "The simulator shares no code"),
        ("flows/run_plan.py", "import azure.core", "Only azure_api talks to Azure"),
        ("azure_api/ids.py", "import prefect", "What talks to Azure does not know Prefect"),
        ("rollout/__init__.py", "import prefect", "What talks to Azure does not know Prefect"),
    ],
)
def test_contract_bites(tmp_path: Path, module: str, line: str, contract: str) -> None:
    """A contract that can never break protects nothing."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package)
    broken = tmp_path / module
    broken.write_text(f"{broken.read_text()}\n{line}\n")

    result = _contracts(tmp_path)

    kept = re.sub(r"\s+", " ", result.stdout)
    assert result.returncode == 1
    assert re.search(rf"{re.escape(contract)}[^.]*? BROKEN", kept), kept


def test_every_package_stands_in_a_contract() -> None:
    """A package that is new must say what it may import."""
    here = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests"}
    named = {
        package.split(".")[0]
        for contract in LINTER["contracts"]
        for key in ("layers", "source_modules", "modules")
        for package in contract.get(key, ())
    }

    assert (here - set(PACKAGES), here - named) == (set(), set())


@pytest.mark.parametrize("package", ["flows", "tasks"])
def test_no_module_of_prefect_has_the_name_of_a_package(package: str) -> None:
    """Prefect puts a flow's folder on the path, and the module would hide the package."""
    names = {path.stem for path in (ROOT / package).glob("*.py")}

    assert names & {*PACKAGES, "azure", "prefect", "networkx"} == set()


# -- facts in one place ------------------------------------------------------------------


@pytest.mark.parametrize("package", ["rollout", "flows", "tasks", "deployments", "orrery"])
def test_no_type_of_azure_is_named_above_the_client(package: str) -> None:
    """What depends on the type of a resource is a fact of its kind."""
    found = [
        (path.name, text)
        for path in _sources(package)
        for text in _texts(path)
        if re.search(r"Microsoft\.[A-Z]\w+", text)
    ]

    assert found == []


@pytest.mark.parametrize("package", ["flows", "tasks", "rollout", "azure_api"])
def test_nobody_lists_the_types_of_azure(package: str) -> None:
    """To add a kind, a file in topology/resources is enough."""
    types = {kind.arm_type.lower() for kind in KINDS} - {"microsoft.resources/resourcegroups"}

    found = [
        (path.name, text)
        for path in _sources(package)
        for text in _texts(path)
        if text.lower() in types
    ]

    # The quota of addresses is asked for by their type, whatever kinds there are.
    assert found in ([], [("preflight.py", "microsoft.network/publicipaddresses")])


@pytest.mark.parametrize("package", ["flows", "tasks", "rollout", "azure_api", "topology/planning"])
def test_nobody_lists_the_names_of_kinds(package: str) -> None:
    """No module asks which kind it has before it."""
    names = {kind.name for kind in KINDS} - {"commit", "firewall", "peering"}

    found = [
        (path.name, text) for path in _sources(package) for text in _texts(path) if text in names
    ]

    assert found == []


def test_every_file_of_a_kind_is_listed() -> None:
    """A kind whose file is forgotten would never be planned."""
    files = {path.stem for path in (ROOT / "topology/resources").glob("*.py")}
    files -= {"__init__", "neighbours"}  # the kinds of others share a file

    assert files == {kind.name.replace("-", "_") for kind in KINDS}


@pytest.mark.parametrize("kind", READ, ids=lambda kind: str(kind.name))
async def test_sdk_has_the_operations_of_every_kind(kind: Kind) -> None:
    """A wrong name would be found by the first apply."""
    client = CLIENTS[kind.client](credential=object(), subscription_id="s")  # type: ignore[arg-type]

    method = kind.list_method if kind.listing in {Listing.SUBSCRIPTION, Listing.PARENT} else None
    assert hasattr(client, kind.operations)
    assert method is None or hasattr(getattr(client, kind.operations), method)


def test_topology_does_no_input_or_output() -> None:
    """Everything in it can be known without asking anyone; its schema alone may be printed."""
    words = re.compile(r"\bopen\(|\.read_text\(|\.write_text\(|\bprint\(|\bos\.|\bpathlib\b")

    found = [path.name for path in _sources("topology") if words.search(path.read_text())]

    assert found == ["schema.py"]
