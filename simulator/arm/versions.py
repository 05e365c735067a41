"""api-versions: any well-formed one will do, on any object, as clients mix them."""

import re
from collections.abc import Mapping

from simulator.arm.errors import ArmError

_FORM = re.compile(r"\d{4}-\d{2}-\d{2}(-preview)?")


def require_api_version(query: Mapping[str, str], path: str) -> None:
    """Raise the gateway's 400 when the version is missing or malformed."""
    version = query.get("api-version")
    if not version:
        raise ArmError(
            400,
            "MissingApiVersionParameter",
            "The api-version query parameter (?api-version=) is required for all requests.",
            gateway=True,
        )
    if _FORM.fullmatch(version.lower()) is None:
        raise ArmError(
            400,
            "InvalidApiVersionParameter",
            f"The api-version '{version}' is invalid for '{path}'. The supported versions are "
            "'2026-03-01,2025-03-01,2024-06-01,2024-03-01'.",
            gateway=True,
        )
