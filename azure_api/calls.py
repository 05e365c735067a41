"""Single calls of the SDK, by kind and id; bodies are JSON as Azure sent it.

The SDKs model answers differently: one renames fields, two drop or add some.
So no model is ever read: what counts is what stood in the answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from azure_api.client import Azure
from azure_api.errors import AzureError, Final, from_sdk, out_of_sight
from azure_api.ids import parse, whole_id
from azure_api.pacing import Turn
from azure_api.waiting import LONGEST
from topology.kind import Kind

Json = dict[str, Any]


async def get(azure: Azure, kind: Kind, resource_id: str) -> Json | None:
    """Return what stands at an id, or None where nothing does.

    Raises Passing or Final.
    """
    operations = _operations(azure, kind, resource_id)
    try:
        body = await operations.get(*path_of(kind, resource_id), cls=raw)
    except Exception as error:
        if is_absent(error):
            return None
        raise from_sdk(error, resource_id) from error
    return dict(body)


async def send_put(
    azure: Azure, kind: Kind, resource_id: str, body: Mapping[str, Any], turn: Turn
) -> Json:
    """Write once, in its turn, and wait until Azure has ended; return the body as it then stands.

    AVNM and Azure Policy answer a PUT at once, all others begin an operation (facts.md
    section 1, recordings.md section 4).
    Raises Passing or Final.
    """
    operations = _operations(azure, kind, resource_id)
    arguments = (*path_of(kind, resource_id), dict(body))
    as_ours: Callable[..., AzureError] = from_sdk
    try:
        async with _time_limit(azure):
            if hasattr(operations, "begin_create_or_update"):
                poller = await operations.begin_create_or_update(*arguments, cls=raw, turn=turn)
                as_ours = out_of_sight
                return dict(await poller.result())
            method = getattr(operations, "create_or_update", None) or operations.create
            return dict(await method(*arguments, cls=raw, turn=turn))
    except TimeoutError as error:
        raise _endless(resource_id) from error
    except Exception as error:
        raise as_ours(error, resource_id) from error


async def send_tags(
    azure: Azure, kind: Kind, resource_id: str, body: Mapping[str, Any], turn: Turn
) -> Json:
    """Change the tags of a resource to those of `body`, and nothing else; return it.

    A PATCH answers at once, where a PUT of a firewall takes minutes (recordings.md section 4).
    Raises Passing or Final.
    """
    method = getattr(_operations(azure, kind, resource_id), kind.tags_method or "")
    arguments = (*path_of(kind, resource_id), {"tags": body["tags"]})
    as_ours: Callable[..., AzureError] = from_sdk
    try:
        async with _time_limit(azure):
            answer = await method(*arguments, cls=raw, turn=turn)
            if not hasattr(answer, "result"):
                return dict(answer)
            as_ours = out_of_sight
            return dict(await answer.result())
    except TimeoutError as error:
        raise _endless(resource_id) from error
    except Exception as error:
        raise as_ours(error, resource_id) from error


async def send_delete(azure: Azure, kind: Kind, resource_id: str, turn: Turn) -> None:
    """Delete once, in its turn, and wait until Azure has ended; what is absent is deleted.

    A manager's delete may end in a 404 of its own (recordings.md section 7). Raises
    Passing or Final.
    """
    operations = _operations(azure, kind, resource_id)
    arguments = path_of(kind, resource_id)
    options = {**kind.delete_arguments, "turn": turn}
    as_ours: Callable[..., AzureError] = from_sdk
    try:
        async with _time_limit(azure):
            if hasattr(operations, "begin_delete"):
                poller = await operations.begin_delete(*arguments, **options)
                as_ours = out_of_sight
                await poller.result()
            else:
                await operations.delete(*arguments, **options)
    except TimeoutError as error:
        raise _endless(resource_id) from error
    except Exception as error:
        if not is_absent(error):
            raise as_ours(error, resource_id, deleting=True) from error


async def list_all(method: Any, *arguments: Any, about: str, **options: Any) -> list[Json]:
    """Return the items of all pages of a list; a parent that is gone has none.

    `about` is the id that errors name. Raises Passing or Final.
    """
    items: list[Json] = []

    def keep(response: Any) -> None:
        answer = response.http_response
        if answer.status_code == 200:  # noqa: PLR2004
            page = answer.json()
            items.extend(page.get("value") or [])
            page["value"] = []  # else the SDK makes models of them, for nobody

    try:
        async for _ in method(*arguments, raw_response_hook=keep, **options):
            pass
    except Exception as error:
        if is_absent(error):
            return []
        raise from_sdk(error, about) from error
    return items


async def ask(
    azure: Azure, subscription: str, path: str, version: str, body: Json | None = None
) -> Json:
    """Return the answer to a question that the SDK has no method for: a GET, or a POST of a body.

    The client of a subscription asks it, whatever the path. Raises Passing or Final.
    """
    from azure.core.rest import HttpRequest  # noqa: PLC0415  the SDK costs seconds to import

    method = "GET" if body is None else "POST"
    # The address is the endpoint's own: the client fills in what stands in braces.
    url, params = f"{{endpoint}}{path}", {"api-version": version}
    try:
        request = HttpRequest(method, url, params=params, json=body)
        response = await azure.client("resource", subscription).send_request(request)
        response.raise_for_status()
    except Exception as error:
        raise from_sdk(error, path) from error
    return dict(response.json())


def is_absent(error: Exception) -> bool:
    """Say whether an error tells that what was asked for does not exist.

    A missing subscription is told by a 404 too, and is an error. Where the provider was
    never registered nothing can be, and Azure says so with a 409 (azure-mgmt-core,
    `policies/_base_async.py`).
    """
    code = getattr(getattr(error, "error", None), "code", "")
    status = getattr(error, "status_code", None)
    if status == 409:  # noqa: PLR2004
        return bool(code == "MissingSubscriptionRegistration")
    return status == 404 and code not in _NOT_ABSENT  # noqa: PLR2004


_NOT_ABSENT = {"SubscriptionNotFound", "InvalidResourceType", "InvalidResourceNamespace"}


def _time_limit(azure: Azure) -> asyncio.Timeout:
    return asyncio.timeout(LONGEST * azure.settings.time_scale)


def _endless(resource_id: str) -> Final:
    text = f"Azure has not ended the operation within {LONGEST:.0f} s"
    step = "look at the activity log of the resource, run again"
    return Final(resource_id, None, "OperationTimedOut", text, "", step)


def path_of(kind: Kind, resource_id: str) -> tuple[str, ...]:
    """Return what the SDK's methods take by position to find a resource."""
    parsed = parse(resource_id)
    return (parsed.scope, *parsed.names) if kind.takes_scope else parsed.path_arguments


def _operations(azure: Azure, kind: Kind, resource_id: str) -> Any:
    return getattr(azure.client_of(kind.client, whole_id(resource_id)), kind.operations)


def raw(response: Any, _model: Any, _headers: Any) -> Any:
    """Return the JSON of an answer, as `cls` of an SDK's method."""
    return response.http_response.json()
