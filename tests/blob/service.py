"""The blob service's calls on containers and block blobs, by Microsoft's REST reference.

Learn: Blob service REST API, "Get Container Properties", "Create Container", "List Blobs",
"Put Blob", "Put Block", "Put Block List", "Get Blob", "Get Blob Properties", "Delete Blob".
Keys are not checked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Thread
from time import sleep
from xml.sax.saxutils import escape

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

ACCOUNT = "devstoreaccount1"
KEY = "c2VjcmV0LW9mLW5vYm9keQ=="
_DATES = {"last-modified": "Wed, 25 Nov 2026 12:00:00 GMT", "etag": '"0x1"'}


@dataclass
class BlobService:
    """Containers, and blobs by `container/name`; `staged` are blocks not committed yet.

    Where it `refuses`, whoever asks has no role on the account.
    """

    port: int = 0
    containers: set[str] = field(default_factory=set)
    blobs: dict[str, bytes] = field(default_factory=dict)
    staged: dict[tuple[str, str], bytes] = field(default_factory=dict)
    refuses: bool = False

    @property
    def connection_string(self) -> str:
        """Return what a client is given to reach it."""
        endpoint = f"http://127.0.0.1:{self.port}/{ACCOUNT}"
        return f"AccountName={ACCOUNT};AccountKey={KEY};BlobEndpoint={endpoint};"

    async def answer(self, request: Request) -> Response:
        """Answer one call."""
        if self.refuses:
            return _error(403, "AuthorizationPermissionMismatch")
        container, _, name = request.path_params["path"].partition("/")
        if not name:
            return self._container(request, container)
        if container not in self.containers:
            return _error(404, "ContainerNotFound")
        body = await request.body()
        return self._blob(request, f"{container}/{name}", body)

    def _blob(self, request: Request, path: str, body: bytes) -> Response:
        if request.method == "PUT":
            return self._put(request, path, body)
        if path not in self.blobs:
            return _error(404, "BlobNotFound")
        if request.method == "DELETE":
            del self.blobs[path]
            return Response(status_code=202)
        return self._get(request, self.blobs[path])

    def _container(self, request: Request, container: str) -> Response:
        if request.method == "PUT":
            self.containers.add(container)
            return Response(status_code=201, headers=_DATES)
        if container not in self.containers:
            return _error(404, "ContainerNotFound")
        if request.query_params.get("comp") == "list":
            return self._list(container, request.query_params.get("prefix", ""))
        return Response(headers=_DATES)

    def _list(self, container: str, prefix: str) -> Response:
        below = f"{container}/{prefix}"
        found = {key: value for key, value in self.blobs.items() if key.startswith(below)}
        items = "".join(
            f"<Blob><Name>{escape(key.partition('/')[2])}</Name><Properties>"
            f"<Last-Modified>{_DATES['last-modified']}</Last-Modified><Etag>0x1</Etag>"
            f"<Content-Length>{len(value)}</Content-Length><BlobType>BlockBlob</BlobType>"
            "</Properties></Blob>"
            for key, value in sorted(found.items())
        )
        text = f"<EnumerationResults><Blobs>{items}</Blobs><NextMarker/></EnumerationResults>"
        return Response(text, media_type="application/xml")

    def _put(self, request: Request, path: str, body: bytes) -> Response:
        match request.query_params.get("comp"):
            case "block":
                self.staged[path, request.query_params["blockid"]] = body
            case "blocklist":
                ids = re.findall(r"<(?:Latest|Uncommitted)>([^<]+)</", body.decode())
                self.blobs[path] = b"".join(self.staged[path, block] for block in ids)
            case _:
                if request.headers.get("if-none-match") == "*" and path in self.blobs:
                    return _error(409, "BlobAlreadyExists")
                self.blobs[path] = body
        return Response(status_code=201, headers=_DATES)

    def _get(self, request: Request, content: bytes) -> Response:
        headers = {**_DATES, "x-ms-blob-type": "BlockBlob", "accept-ranges": "bytes"}
        if request.method == "HEAD":
            return Response(headers={**headers, "content-length": str(len(content))})
        asked = request.headers.get("x-ms-range") or request.headers.get("range") or ""
        if found := re.fullmatch(r"bytes=(\d+)-(\d*)", asked):
            start = int(found[1])
            end = min(int(found[2] or len(content) - 1), len(content) - 1)
            headers["content-range"] = f"bytes {start}-{end}/{len(content)}"
            return Response(content[start : end + 1], status_code=206, headers=headers)
        return Response(content, headers=headers)


def _error(status: int, code: str) -> Response:
    text = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>{code}</Message></Error>"
    headers = {"x-ms-error-code": code}
    return Response(text, status, headers, media_type="application/xml")


@contextmanager
def serving() -> Iterator[BlobService]:
    """Serve an empty account on a free port of the loopback address."""
    service = BlobService()
    path = f"/{ACCOUNT}/{{path:path}}"
    methods = ["GET", "HEAD", "PUT", "DELETE"]
    app = Starlette(routes=[Route(path, service.answer, methods=methods)])
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning"))
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        sleep(0.01)
    service.port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield service
    finally:
        server.should_exit = True
        thread.join()
