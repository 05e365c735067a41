"""Flows run in this process, on whatever Prefect API is configured."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

import prefect.settings
from prefect import get_client
from prefect.client.schemas.objects import State

from azure_api.settings import AzureSettings
from deployments.following import table_rows
from deployments.local_stack import SERVER_SETTINGS
from orrery import printing
from tasks.read_topology import load
from tasks.save_plan import read_plan
from topology.network import Network
from topology.planning.destroy import refusal


def source_of(what: Path) -> tuple[Path, Path | None]:
    """Return the topology file, and the saved plan if that is what was given."""
    if what.suffix != ".json":
        return what, None
    source = read_plan(str(what)).source
    if not source:
        raise ValueError(f"{what} does not say which topology it is of; plan again with --out")
    return Path(source), what


def require_server() -> None:
    """Raise ValueError where Azure itself would be written to and no Prefect API is configured.

    Who writes a topology is known to one server. A temporary one would not know of another
    command's, and both would write.
    """
    if AzureSettings.from_environment().is_azure and not prefect.settings.PREFECT_API_URL.value():
        raise ValueError(
            "no Prefect server is configured, so others who write this topology would not be "
            "seen: nothing was written; set PREFECT_API_URL to the server that all use "
            "(`prefect server start` starts one)"
        )


async def run_apply(topology: Path, plan: Path | None) -> State:
    """Run the flow `apply-topology`, show what happened where, and return its last state."""
    from flows.apply_topology import apply_topology  # noqa: PLC0415

    run = partial(apply_topology, str(topology), _named(plan))
    return await _run(_say_where(topology), run)


async def run_adopt(topology: Path, plan: Path | None, *, accept_differences: bool) -> State:
    """Run the flow `adopt-topology`, show what happened where, and return its last state."""
    from flows.adopt_topology import adopt_topology  # noqa: PLC0415

    run = partial(adopt_topology, str(topology), accept_differences, _named(plan))
    return await _run(_say_where(topology), run)


async def run_policy(topology: Path, plan: Path | None) -> State:
    """Run the flow `update-firewall-policy`, show what happened, and return its last state."""
    from flows.update_firewall_policy import update_firewall_policy  # noqa: PLC0415

    run = partial(update_firewall_policy, str(topology), _named(plan))
    return await _run(_say_where(topology), run)


async def run_destroy(
    topology: Path,
    name: str,
    region: str | None,
    plan: Path | None,
    *,
    keep_foreign: bool,
) -> State:
    """Run the flow `destroy-topology`, show what happened where, and return its last state.

    Raises ValueError for what is protected, and for a name that is not of what goes.
    """
    from flows.destroy_topology import destroy_topology  # noqa: PLC0415

    network = _say_where(topology)
    if refused := refusal(network, name, region):
        # The flow refuses this too; here it costs no start of a server.
        raise ValueError(f"{refused}: nothing was deleted")
    run = partial(destroy_topology, name, str(topology), region, keep_foreign, _named(plan))
    return await _run(network, run)


async def run_roll_back(topology: Path, run: str, region: str | None, plan: Path | None) -> State:
    """Run the flow `roll-back-run`, show what happened where, and return its last state."""
    from flows.roll_back_run import roll_back_run  # noqa: PLC0415

    back = partial(roll_back_run, run, region, str(topology), _named(plan))
    return await _run(_say_where(topology), back)


async def run_remediate(topology: Path, kinds: list[str] | None, plan: Path | None) -> State:
    """Run the flow `remediate-drift`, show what happened where, and return its last state."""
    from flows.remediate_drift import remediate_drift  # noqa: PLC0415

    return await _run(
        _say_where(topology), partial(remediate_drift, str(topology), kinds, _named(plan))
    )


async def _run(network: Network, flow: Callable[..., Awaitable[State]]) -> State:
    """Run a flow on the Prefect API that is configured, or on a temporary server."""
    with _temporary_server():
        state = await flow(return_state=True)
        await _show_result(state, network.topology.topology)
    return state


def _named(plan: Path | None) -> str | None:
    """Return a path as flows take it, of the plan that was shown."""
    return None if plan is None else str(plan)


def _temporary_server() -> AbstractContextManager[object]:
    """Have a server that Prefect starts for this run alone keep up with it.

    A server that runs already has settings of its own.
    """
    return prefect.settings.temporary_settings(
        {getattr(prefect.settings, name): value for name, value in SERVER_SETTINGS.items()}
    )


async def _show_result(state: State, topology: str) -> None:
    """Print the table that the run published, if it came so far."""
    if (run := state.state_details.flow_run_id) is not None:
        async with get_client() as client:
            printing.show_rows(await table_rows(client, run, f"{topology}-result"))


def _say_where(path: Path) -> Network:
    """Print which Azure this goes to; return the network."""
    network, _ = load(path)
    line = AzureSettings.from_environment().describe(network.subscriptions)
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
    return network
