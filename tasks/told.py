"""Errors that a person can act on: they are told in their own words, without a traceback."""

from __future__ import annotations

import httpx

from azure_api.errors import AzureError
from tasks.hold_topology import RolloutInProgressError
from topology.graph import CycleError
from topology.planning.planner import InTheWayError
from topology.reading import TopologyError
from topology.verification.question import NobodyError

_KNOWN = (
    AzureError,
    ConnectionError,
    CycleError,
    FileNotFoundError,
    InTheWayError,
    NobodyError,
    RolloutInProgressError,
    TopologyError,
)


def told(error: Exception) -> str | None:
    """Return the one message of an error that a person can act on; None for a defect of ours."""
    if isinstance(error, OSError) and error.filename is not None:  # a full disk, no right to it
        return f"{error.filename}: {error.strerror}"
    if isinstance(error, httpx.HTTPError):  # Azure's are AzureError: this is Prefect's client
        return f"Prefect does not answer: {str(error) or type(error).__name__}"
    if isinstance(error, _KNOWN) or type(error) is ValueError:
        return str(error)
    return None
