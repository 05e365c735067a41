"""What a person must act on ends a run in words: Prefect would log a traceback of it."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import wraps
from inspect import signature
from typing import Any, ParamSpec

from prefect.client.schemas.objects import State
from prefect.states import Failed

from tasks.told import told

P = ParamSpec("P")


def in_words(
    run: Callable[P, Coroutine[Any, Any, State]],
) -> Callable[P, Coroutine[Any, Any, State]]:
    """Have a flow end Failed, with its message, for an error that a person can act on.

    It stands between `@flow` and the function. Defects of ours are raised as ever.
    """

    @wraps(run)
    async def ends_in_words(*args: P.args, **kwargs: P.kwargs) -> State:
        try:
            return await run(*args, **kwargs)
        except Exception as error:
            if (text := told(error)) is None:
                raise
            return Failed(message=text)

    # Types that only the function's own module knows: Prefect would look for them in this one.
    ends_in_words.__signature__ = signature(run, eval_str=True)  # type: ignore[attr-defined]
    return ends_in_words
