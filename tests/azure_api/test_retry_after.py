"""Azure says when to come back, in any form that HTTP has for it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from azure_api.client import Azure, connect
from azure_api.read import read_one
from azure_api.retry_after import retry_after
from azure_api.settings import AzureSettings
from tests.azure_api.bodies import VNET, put, vnet_body, vnet_id
from tests.azure_api.in_process import HOST, AsgiTransport
from tests.azure_api.scripted import Token

NOW = "Sun, 06 Nov 1994 08:49:37 GMT"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "11"}, 11.0),
        ({"retry-after": "0.3"}, 0.3),
        ({"Retry-After": "-1"}, 0.0),
        ({"retry-after-ms": "250"}, 0.25),
        ({"x-ms-retry-after-ms": "250"}, 0.25),
        ({"Retry-After": "Sun, 06 Nov 1994 08:50:37 GMT", "Date": NOW}, 60.0),
        ({"Retry-After": "Sunday, 06-Nov-94 08:50:37 GMT", "Date": NOW}, 60.0),
        ({"Retry-After": "Sun Nov  6 08:50:37 1994", "Date": NOW}, 60.0),
        ({"Retry-After": "Sun, 06 Nov 1994 08:48:37 GMT", "Date": NOW}, 0.0),
        ({"Retry-After": "soon", "Date": NOW}, None),
        ({"Date": NOW}, None),
    ],
)
def test_each_form_is_read_as_seconds(headers: dict[str, str], seconds: float | None) -> None:
    """A date is held against that of the answer: our clock may be another (RFC 9110)."""
    assert retry_after(headers) == seconds


def test_date_in_an_answer_without_one_is_held_against_our_clock() -> None:
    """There is nothing else."""
    until = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    assert retry_after({"Retry-After": until}) == pytest.approx(60, abs=5)


Answering = Callable[[Request, int], Response]


@asynccontextmanager
async def _answering(answer: Answering) -> AsyncIterator[Azure]:
    """Give a connection to what answers each request by its number."""
    count = 0

    async def endpoint(request: Request) -> Response:
        nonlocal count
        count += 1
        return answer(request, count)

    routes = [Route("/{path:path}", endpoint, methods=["GET", "PUT"])]
    transport = AsgiTransport(Starlette(routes=routes))
    settings = AzureSettings(endpoint=HOST)
    async with connect(settings, transport=transport, credential=Token()) as azure:
        yield azure


IN_A_MINUTE = {"Retry-After": "Sun, 06 Nov 1994 08:50:37 GMT", "Date": NOW}


async def test_read_that_is_refused_until_a_date_comes_back_then() -> None:
    """Neither sooner, for that is refused again, nor by a wait of our own."""

    def answer(_request: Request, number: int) -> Response:
        if number == 1:
            error = {"error": {"code": "TooManyRequests", "message": "Later."}}
            return JSONResponse(error, 429, headers=IN_A_MINUTE)
        return JSONResponse(vnet_body())

    async with _answering(answer) as azure:
        assert await read_one(azure, VNET, vnet_id()) == vnet_body()
        assert asyncio.get_running_loop().time() == pytest.approx(60)


async def test_operation_that_is_to_be_looked_at_after_a_date_is_looked_at_then() -> None:
    """The SDK takes whole seconds alone where it begins."""
    looks: list[float] = []

    def answer(request: Request, _number: int) -> Response:
        if request.method == "PUT":
            where = {"Azure-AsyncOperation": f"{HOST}/operations/1"}
            begun = vnet_body(provisioningState="Updating")
            return JSONResponse(begun, 201, headers={**IN_A_MINUTE, **where})
        if request.url.path != "/operations/1":
            return JSONResponse(vnet_body())
        looks.append(asyncio.get_running_loop().time())
        status = "InProgress" if len(looks) == 1 else "Succeeded"
        return JSONResponse({"status": status}, headers=IN_A_MINUTE)

    async with _answering(answer) as azure:
        await put(azure, VNET, vnet_id(), vnet_body())
    assert looks == [0.0, 60.0]
