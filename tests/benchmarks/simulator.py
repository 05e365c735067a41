"""`make bench`: how fast the simulator answers, how much memory it takes, how soon it is there.

The server runs on one core and the client on another, over TLS with connections kept
alive; the client writes bytes that it made before, so that it is not what is measured.
Beside that the same requests without a network, and a bare server that answers nothing
but "{}": the floor of Python's TLS and HTTP under the same client.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from rich.console import Console
from rich.table import Table

from simulator.app import create_app
from simulator.clock import ManualClock
from simulator.identity import bearer_token
from simulator.regions import REGIONS
from simulator.settings import Settings

_GROUP = f"/subscriptions/{Settings().subscription_ids[0]}/resourceGroups/rg"
_NETWORKS = f"{_GROUP}/providers/Microsoft.Network/virtualNetworks"
_CONNECTIONS = 8
_GETS, _PUTS, _LISTS, _MANY = 4000, 2000, 400, 10_000
_ON_A_LIST = 100
_REGIONS = tuple(REGIONS)
_SIMULATOR = (sys.executable, "-m", "simulator", "--throttling", "0")
_VERSION = "?api-version=2026-03-01"
_BARE = """
async def app(scope, receive, send):
    await send({"type": "http.response.start", "status": 200,
                "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"{}"})
"""


@dataclass(frozen=True)
class Asked:
    """One request: its method, path and body."""

    method: str
    path: str
    body: bytes = b""


Send = Callable[[list[Asked]], Awaitable[None]]


def main() -> None:
    """Print the figures."""
    table = Table("", "GET/s", "PUT/s", "lists of 100/s", "start-up s", "MB with 10,000")
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {cores[-1]})
    with _server(cores[0]) as (process, ready, folder):
        figures = asyncio.run(_over_tls(process, folder))
        table.add_row("over TLS", *figures[:3], f"{ready:.2f}", figures[3])
        with _bare_server(cores[0], folder) as port:
            rate = asyncio.run(_floor(port, folder))
        table.add_row("a bare server over TLS", f"{rate:,.0f}", "", "", "", "")
    table.add_row("in process", *asyncio.run(_in_process()), "", "")
    Console().print(table)


def _network(number: int, place: str = "rg") -> Asked:
    octets = f"10.{number // 256 % 256}.{number % 256}"
    properties = {
        "addressSpace": {"addressPrefixes": [f"{octets}.0/24"]},
        "subnets": [{"name": "default", "properties": {"addressPrefix": f"{octets}.0/25"}}],
    }
    # A region takes a thousand networks of a subscription.
    region = _REGIONS[number // 500 % len(_REGIONS)]
    body = json.dumps({"location": region, "properties": properties}).encode()
    return Asked("PUT", f"{_NETWORKS}/v{number}".replace("/rg/", f"/{place}/"), body)


async def _rates(send: Send, *, many: int = 0) -> tuple[str, str, str]:
    """Measure writes, reads and lists, in this order."""
    group = json.dumps({"location": "westeurope"}).encode()
    await send([Asked("PUT", _GROUP, group), Asked("PUT", f"{_GROUP}-more", group)])
    await send([_network(n) for n in range(_ON_A_LIST)])
    lists = await _timed(send, [Asked("GET", _NETWORKS)] * _LISTS)
    puts = await _timed(send, [_network(n, "rg-more") for n in range(_PUTS)])
    gets = await _timed(
        send, [Asked("GET", f"{_NETWORKS}/v{n % _ON_A_LIST}") for n in range(_GETS)]
    )
    # A network with a subnet is two resources.
    await send([_network(n, "rg-more") for n in range(_PUTS, many // 2)])
    return f"{gets:,.0f}", f"{puts:,.0f}", f"{lists:,.0f}"


async def _timed(send: Send, asked: list[Asked]) -> float:
    started = time.perf_counter()
    await send(asked)
    return len(asked) / (time.perf_counter() - started)


async def _in_process() -> tuple[str, str, str]:
    transport = httpx.ASGITransport(create_app(ManualClock(), settings=_unthrottled()))
    headers = {"Authorization": f"Bearer {bearer_token(Settings())}"}

    async def send(asked: list[Asked]) -> None:
        async with httpx.AsyncClient(
            transport=transport, base_url="https://localhost", headers=headers
        ) as client:
            for item in asked:
                answer = await client.request(
                    item.method, item.path + _VERSION, content=item.body or None
                )
                _require_success(answer.status_code, item)

    return await _rates(send)


async def _over_tls(process: subprocess.Popen[bytes], folder: Path) -> tuple[str, ...]:
    text = (folder / "env.sh").read_text()
    port = int(text.partition("https://localhost:")[2].split()[0].strip("'"))

    async def send(asked: list[Asked]) -> None:
        await _send_all(port, folder, asked)

    rates = await _rates(send, many=_MANY)
    return (*rates, f"{_megabytes(process.pid):,.0f}")


async def _floor(port: int, folder: Path) -> float:
    async def send(asked: list[Asked]) -> None:
        await _send_all(port, folder, asked)

    return await _timed(send, [Asked("GET", "/")] * _GETS)


async def _send_all(port: int, folder: Path, asked: list[Asked]) -> None:
    """Send requests over some connections, each as soon as the one before is answered."""
    context = ssl.create_default_context(cafile=str(folder / "ca-bundle.pem"))
    headers = f"Host: localhost:{port}\r\nAuthorization: Bearer {bearer_token(Settings())}\r\n"
    todo = iter(asked)
    await asyncio.gather(*(_talk(port, context, headers, todo) for _ in range(_CONNECTIONS)))


async def _talk(port: int, context: ssl.SSLContext, headers: str, todo: Iterator[Asked]) -> None:
    reader, writer = await asyncio.open_connection("localhost", port, ssl=context)
    for item in todo:
        head = f"{item.method} {item.path}{_VERSION} HTTP/1.1\r\n{headers}"
        writer.write(f"{head}Content-Length: {len(item.body)}\r\n\r\n".encode() + item.body)
        answer = await reader.readuntil(b"\r\n\r\n")
        length = answer.lower().partition(b"content-length: ")[2].split(b"\r\n")[0]
        await reader.readexactly(int(length or 0))
        _require_success(int(answer.split(b" ")[1]), item)
    writer.close()


def _require_success(status: int, item: Asked) -> None:
    if status >= 400:
        raise RuntimeError(f"{item.method} {item.path} was answered {status}")


def _megabytes(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


@contextmanager
def _server(core: int) -> Iterator[tuple[subprocess.Popen[bytes], float, Path]]:
    """Yield a simulator on one core, the seconds until it accepted, and its folder."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        started = time.perf_counter()
        process = _pinned(core, [*_SIMULATOR, "--dir", name])
        while not (folder / "env.sh").exists():
            time.sleep(0.005)
        try:
            yield process, time.perf_counter() - started, folder
        finally:
            process.terminate()
            process.wait()


@contextmanager
def _bare_server(core: int, folder: Path) -> Iterator[int]:
    """Yield the port of a server that does nothing, with the simulator's certificate."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    options = {"ssl_keyfile": f"{folder}/server.key", "ssl_certfile": f"{folder}/server.pem"}
    serve = f"import uvicorn\nuvicorn.run(app, port={port}, log_level='error', **{options})"
    process = _pinned(core, [sys.executable, "-c", _BARE + serve])
    while True:
        with socket.socket() as attempt:
            if attempt.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.01)
    try:
        yield port
    finally:
        process.terminate()
        process.wait()


def _pinned(core: int, command: list[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 - our own server
        command,
        stdout=subprocess.DEVNULL,
        preexec_fn=lambda: os.sched_setaffinity(0, {core}),  # noqa: PLW1509 - one thread here
    )


def _unthrottled() -> Settings:
    return Settings(throttling=0)


if __name__ == "__main__":
    main()
