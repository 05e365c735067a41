"""The environment that leads the real clients to a simulator."""

import shlex
from pathlib import Path

from simulator.certificates import Certificates
from simulator.settings import Settings


def environment(settings: Settings, files: Certificates, port: int, speed: float) -> dict[str, str]:
    """Return the variables; sourcing them is all a client needs."""
    address = f"https://localhost:{port}"
    bundle = str(files.bundle.resolve())
    return {
        "AZURE_AUTHORITY_HOST": address,
        "AZURE_TENANT_ID": settings.tenant_id,
        "AZURE_CLIENT_ID": settings.client_id,
        "AZURE_CLIENT_SECRET": settings.client_secret,
        "AZURE_SUBSCRIPTION_ID": settings.subscription_ids[0],
        # Only the service principal above: nothing else to try, nothing to wait for.
        "AZURE_TOKEN_CREDENTIALS": "EnvironmentCredential",
        "ORRERY_ARM_ENDPOINT": address,
        "ORRERY_TIME_SCALE": f"{1 / speed:g}",
        "SSL_CERT_FILE": bundle,
        "REQUESTS_CA_BUNDLE": bundle,
        "CURL_CA_BUNDLE": bundle,  # curl prefers SSL_CERT_DIR to SSL_CERT_FILE, where it is set
    }


def write_environment(path: Path, variables: dict[str, str]) -> None:
    """Write a shell file of exports, whole or not at all."""
    lines = [f"export {name}={shlex.quote(value)}" for name, value in variables.items()]
    draft = path.with_suffix(".tmp")
    draft.write_text("\n".join(lines) + "\n")
    draft.replace(path)
