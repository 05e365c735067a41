"""The simulator as a server: TLS on the loopback address, and nothing else."""

import asyncio
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from simulator.app import create_app
from simulator.certificates import Certificates, certificates
from simulator.clock import RealClock
from simulator.environment import environment, write_environment
from simulator.fault_input import known_types, load_faults
from simulator.faults import Faults
from simulator.journal import Journal
from simulator.providers import PROVIDERS
from simulator.settings import Settings

_HOST = "127.0.0.1"
_STOPS = (signal.SIGTERM, signal.SIGINT)


@dataclass(frozen=True)
class Listening:
    """A server that accepts connections: where, and with which environment."""

    port: int
    env_file: Path
    environment: dict[str, str]


def serve(  # noqa: PLR0913 - what an operator may choose
    port: int = 0,
    *,
    folder: Path,
    state: Path | None = None,
    speed: float = 60.0,
    seed: int = 1,
    settings: Settings | None = None,
    faults: Faults | None = None,
    when_listening: Callable[[Listening], None] | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT; port 0 picks a free one.

    `env.sh` in the folder appears only when the server accepts connections, so that a
    script may wait for it, and goes with the server. `speed` is how many simulated
    seconds pass in a real one. With a folder for `state` the world is the one that is
    kept there, else a new one that is gone with the server.
    """
    chosen = replace(settings or Settings(), seed=seed)
    files = certificates(folder)
    with _kept(state, seed) as journal, _bound(port) as bound:
        clock = journal.clock(speed) if journal is not None else RealClock(speed)
        app = create_app(clock, settings=chosen, faults=faults, journal=journal)
        number = int(bound.getsockname()[1])
        variables = environment(chosen, files, number, speed)
        ready = Listening(number, folder / "env.sh", variables)
        server = _Server(_config(app, files), ready, when_listening)
        ready.env_file.unlink(missing_ok=True)
        try:
            asyncio.run(server.serve(sockets=[bound]))
        finally:
            ready.env_file.unlink(missing_ok=True)


def faults_of(file: Path | None) -> Faults:
    """Return the faults of a YAML file, in force from the start; none without a file."""
    return Faults(load_faults(file, known_types(PROVIDERS)) if file is not None else ())


def _kept(state: Path | None, seed: int) -> AbstractContextManager[Journal | None]:
    return closing(Journal(state, seed)) if state is not None else nullcontext()


def _bound(port: int) -> socket.socket:
    # asyncio sends small answers at once (TCP_NODELAY) only where the protocol is named:
    # without it each waits 40 ms for an acknowledgement.
    found = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    found.bind((_HOST, port))
    return found


def _config(app: ASGIApp, files: Certificates) -> uvicorn.Config:
    return uvicorn.Config(
        _Droppable(app),
        ssl_keyfile=str(files.key),
        ssl_certfile=str(files.chain),
        log_level="warning",
        access_log=False,
        lifespan="off",
        server_header=False,
        date_header=False,  # the app tells simulated time
        # Longer than a client keeps a connection that nobody uses: who of both closes at the same
        # moment as the other sends loses the request.
        timeout_keep_alive=120,
        timeout_graceful_shutdown=2,
    )


class _Server(uvicorn.Server):
    """A server that tells when it accepts connections and ends without a signal of its own."""

    def __init__(
        self,
        config: uvicorn.Config,
        ready: Listening,
        when_listening: Callable[[Listening], None] | None,
    ) -> None:
        super().__init__(config)
        self._ready = ready
        self._when_listening = when_listening

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop on SIGTERM and SIGINT without raising them again.

        uvicorn raises a captured signal once more after its shutdown, which would end
        the process before the caller of `serve` could tidy up.
        """
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self.handle_exit) for number in _STOPS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            write_environment(self._ready.env_file, self._ready.environment)
            if self._when_listening is not None:
                self._when_listening(self._ready)


class _Droppable:
    """Gives the application a way to cut the connection, which ASGI has not."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        cycle: Any = getattr(send, "__self__", None)
        transport = getattr(cycle, "transport", None)
        if transport is not None:
            extensions = {**scope.get("extensions", {}), "simulator.drop": transport.abort}
            scope = {**scope, "extensions": extensions}
        await self._app(scope, receive, send)
