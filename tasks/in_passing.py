"""What a run shows or tidies in passing: a Prefect that is away for a moment ends no run by it."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from prefect import get_run_logger
from prefect.exceptions import MissingContextError, ObjectNotFound
from prefect.logging import get_logger

# What Prefect's client raises for a server that is away or answers with an error.
AWAY = (httpx.HTTPError, ObjectNotFound)


@asynccontextmanager
async def in_passing(what: str) -> AsyncIterator[None]:
    """Go on, with a warning that `what` was left out, where Prefect's API fails in the block.

    It decorates a function, too, which then returns None. Nothing belongs in it that a person
    decides by, or that is written to Azure. Defects of ours are raised as ever.
    """
    try:
        yield
    except AWAY as error:
        told = str(error) or type(error).__name__
        _logger().warning("%s is left out, for Prefect does not answer: %s", what, told)


def _logger() -> logging.Logger | logging.LoggerAdapter[Any]:
    """Return the log of the run; of no run where a hook acts for one that has ended."""
    try:
        return get_run_logger()
    except MissingContextError:
        return get_logger("orrery")
