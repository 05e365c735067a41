"""Which Azure we talk to, and how fast time passes there."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

MICROSOFT_ENDPOINT = "https://management.azure.com"


@dataclass(frozen=True)
class AzureSettings:
    """The endpoint of Azure Resource Manager, the tenant and the pace of time.

    `time_scale` multiplies every wait of our own: 1 on Azure, 1/speed on a simulator
    that runs faster. A Retry-After is never scaled: who sends it knows the pace.
    `deployment_limit` is how long a commit may take to be deployed, in Azure's seconds:
    old documents speak of 15 to 20 minutes, nobody measured it (facts.md section 2).
    `membership_limit` is how long Azure Policy may take to put networks into a group: a few
    minutes below 1,000 subscriptions, up to a day above (facts.md section 1).
    """

    endpoint: str = MICROSOFT_ENDPOINT
    time_scale: float = 1.0
    tenant: str | None = None
    deployment_limit: float = 7200.0
    membership_limit: float = 3600.0

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> AzureSettings:
        """Read ORRERY_ARM_ENDPOINT, ORRERY_TIME_SCALE, the limits and AZURE_TENANT_ID.

        The limits are ORRERY_DEPLOYMENT_LIMIT and ORRERY_MEMBERSHIP_LIMIT.
        Raises ValueError for an endpoint without TLS or a number that is not positive.
        """
        values = os.environ if environment is None else environment
        endpoint = values.get("ORRERY_ARM_ENDPOINT") or MICROSOFT_ENDPOINT
        if not endpoint.startswith("https://"):
            # The SDK sends no token over plain HTTP (azure-core, BearerTokenCredentialPolicy).
            raise ValueError(f"ORRERY_ARM_ENDPOINT is {endpoint}; give an address with https://")
        return cls(
            endpoint=endpoint.rstrip("/"),
            time_scale=_positive(values, "ORRERY_TIME_SCALE", cls.time_scale),
            tenant=values.get("AZURE_TENANT_ID") or None,
            deployment_limit=_positive(values, "ORRERY_DEPLOYMENT_LIMIT", cls.deployment_limit),
            membership_limit=_positive(values, "ORRERY_MEMBERSHIP_LIMIT", cls.membership_limit),
        )

    @property
    def is_azure(self) -> bool:
        """Say whether this is Microsoft's own public cloud."""
        return self.endpoint == MICROSOFT_ENDPOINT

    def describe(self, subscriptions: Iterable[str]) -> str:
        """Return one line on where we are going: endpoint, tenant, subscriptions."""
        name = "Azure" if self.is_azure else "not Azure"
        tenant = self.tenant or "as the credential says"
        named = ", ".join(subscriptions) or "none"
        return f"{name}: {self.endpoint}, tenant {tenant}, subscriptions {named}"


def _positive(values: Mapping[str, str], name: str, default: float) -> float:
    text = values.get(name)
    if not text:
        return default
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not number > 0 or number == float("inf"):
        raise ValueError(f"{name} is {text}; give a number above 0 (by default {default:g})")
    return number
