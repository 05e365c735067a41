"""A certificate authority of our own, so that clients speak TLS with the simulator unchanged."""

from dataclasses import dataclass
from pathlib import Path

import certifi
import trustme

_NAMES = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class Certificates:
    """Where the files are: the server's key and chain, and what clients must trust."""

    key: Path
    chain: Path
    bundle: Path


def certificates(folder: Path) -> Certificates:
    """Return the certificates kept in a folder, made when they are not there yet.

    The bundle holds the public roots too: a client that trusts it can still reach others.
    """
    found = Certificates(folder / "server.key", folder / "server.pem", folder / "ca-bundle.pem")
    if not all(path.exists() for path in (found.key, found.chain, found.bundle)):
        _make(found)
    return found


def _make(files: Certificates) -> None:
    files.key.parent.mkdir(parents=True, exist_ok=True)
    authority = trustme.CA(organization_name="Orrery simulator")
    server = authority.issue_cert(*_NAMES)
    files.key.touch(mode=0o600)
    files.key.write_bytes(server.private_key_pem.bytes())
    files.chain.write_bytes(b"".join(blob.bytes() for blob in server.cert_chain_pems))
    roots = Path(certifi.where()).read_bytes()
    files.bundle.write_bytes(roots + b"\n" + authority.cert_pem.bytes())
