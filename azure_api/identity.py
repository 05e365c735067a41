"""Under which names Azure knows whoever runs this: what `systemData` says of us."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

from azure_api.client import SCOPE, Azure

# "Access token claims reference" (Microsoft Learn): a person has a upn or a unique_name, an
# application its id; both have an object id. Which of them `systemData` shows of an application
# no source says, so each of them counts.
_CLAIMS = ("appid", "azp", "oid", "preferred_username", "unique_name", "upn")


async def names_of_us(azure: Azure) -> frozenset[str]:
    """Return all names in our token, in lower case; none where it cannot be read."""
    token = await azure.credential.get_token(SCOPE)
    claims = _claims(token.token)
    return frozenset(str(claims[name]).lower() for name in _CLAIMS if claims.get(name))


def _claims(token: str) -> dict[str, Any]:
    try:
        _, content, _ = token.split(".")
        found = json.loads(base64.urlsafe_b64decode(content + "=" * (-len(content) % 4)))
    except (ValueError, binascii.Error):
        return {}
    return found if isinstance(found, dict) else {}
