"""A Prefect server that answers every call with an error, but for what version it is of."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import prefect
from prefect.settings import PREFECT_API_URL, temporary_settings


@dataclass
class FailingPrefect:
    """Where it is, and the paths that it was asked for."""

    url: str
    asked: list[str] = field(default_factory=list)


@contextmanager
def failing() -> Iterator[FailingPrefect]:
    """Serve it within the block."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Fails) as server:
        served = FailingPrefect(f"http://127.0.0.1:{server.server_port}/api")
        server.asked = served.asked  # type: ignore[attr-defined]
        thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield served
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def failing_prefect() -> Iterator[list[str]]:
    """Have Prefect's client ask it within the block; the paths that were asked for are given."""
    with failing() as served, temporary_settings({PREFECT_API_URL: served.url}):
        yield served.asked


class _Fails(BaseHTTPRequestHandler):
    """One call. What Prefect's client reads of the answer is its status."""

    def _answer(self) -> None:
        is_version = self.path.endswith("/admin/version")
        body = json.dumps(prefect.__version__ if is_version else "it is broken").encode()
        self.rfile.read(int(self.headers.get("content-length") or 0))
        if not is_version:
            self.server.asked.append(self.path)  # type: ignore[attr-defined]
        self.send_response(200 if is_version else 500)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PATCH = _answer  # noqa: N815  names that http.server looks for

    def log_message(self, *_args: object) -> None:
        """Nobody reads it."""
