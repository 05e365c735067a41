"""Every error that a write was seen to meet can be made to happen, in Azure's own form.

The table is ours, written from the errors of recorded traffic (recordings.md section 8)
and from the throttling that users quote; ids are shortened to words.
"""

from typing import Any

import pytest

from simulator.faults import Faults
from tests.simulator.azure import Azure, a_network

NETWORKS = "Microsoft.Network/virtualNetworks"

_DETAIL = {
    "code": "RetryableErrorDueToAnotherOperation",
    "message": "Operation PutSubnetOperation (guid) is updating resource v. The call can be "
    "retried in 11 seconds.",
}
_NOT_READY = {"code": "ReferencedResourceNotProvisioned", "message": "s is not in Succeeded state."}
_GATEWAY = {"x-ms-failure-cause": "gateway"}


def _retryable(detail: dict[str, str], wait: float | None) -> dict[str, Any]:
    fault: dict[str, Any] = {
        "status": 429,
        "code": "RetryableError",
        "message": "A retryable error occurred.",
        "details": [detail],
    }
    return fault if wait is None else {**fault, "retry_after": wait}


# The provider's errors, which carry an empty list of details.
_PROVIDERS = {
    400: (
        "ApplicationGatewayFeatureCannotBeEnabledForSelectedSku",
        "GlobalPublicIPAddressNotSupportedForBasicPublicIpAddress",
        "InUseDdosProtectionPlanCannotBeDeleted",
        "InUseNetworkSecurityGroupCannotBeDeleted",
        "InUseSubnetCannotBeDeleted",
        "InvalidAddressPrefixFormat",
        "InvalidResourceReference",
        "MustSpecifyBothEncryptionIntentAndEnforcementPolicy",
        "NicInUse",
        "ParentResourceIsInFailedState",
        "PublicIPAddressCannotBeDeleted",
        "ReferencedResourceNotProvisioned",
        "RemotePeeringIsDisconnected",
        "VnetAddressSpaceOverlapsWithAlreadyPeeredVnet",
    ),
    404: ("NotFound",),
    409: ("AnotherOperationInProgress",),
}
# The gateway's own, which say so in a header and have no details.
_GATEWAYS = {
    400: ("LocationNotAvailableForResourceGroup",),
    401: ("ExpiredAuthenticationToken", "InvalidAuthenticationToken"),
    403: ("AuthorizationFailed",),
    404: (
        "InvalidResourceType",
        "ParentResourceNotFound",
        "ResourceGroupNotFound",
        "ResourceNotFound",
    ),
    409: ("CannotDeleteResource", "ResourceGroupBeingDeleted"),
    429: ("SubscriptionRequestsThrottled",),
    503: ("ServiceUnavailable",),
}

_CASES: list[tuple[dict[str, Any], Any, dict[str, str]]] = [
    *(
        (
            {"status": status, "code": code, "message": "Why.", "details": []},
            {"error": {"code": code, "message": "Why.", "details": []}},
            {},
        )
        for status, codes in _PROVIDERS.items()
        for code in codes
    ),
    *(
        (
            {"status": status, "code": code, "message": "Why.", "gateway": True},
            {"error": {"code": code, "message": "Why."}},
            _GATEWAY,
        )
        for status, codes in _GATEWAYS.items()
        for code in codes
    ),
    (
        _retryable(_DETAIL, 11),
        {
            "error": {
                "code": "RetryableError",
                "message": "A retryable error occurred.",
                "details": [_DETAIL],
            }
        },
        {"retry-after": "11"},
    ),
    (
        _retryable(_NOT_READY, None),
        {
            "error": {
                "code": "RetryableError",
                "message": "A retryable error occurred.",
                "details": [_NOT_READY],
            }
        },
        {},
    ),
    # Another network service's throttling, without details.
    (
        {"status": 429, "code": "TooManyRequests", "message": "Later.", "retry_after": 60},
        {"error": {"code": "TooManyRequests", "message": "Later."}},
        {"retry-after": "60"},
    ),
    # Virtual Network Manager puts the message first.
    (
        {"status": 400, "body": {"error": {"message": "Not registered.", "code": "BadRequest"}}},
        {"error": {"message": "Not registered.", "code": "BadRequest"}},
        {},
    ),
    # Record sets have no envelope.
    (
        {"status": 412, "body": {"code": "PreconditionFailed", "message": "etag mismatch"}},
        {"code": "PreconditionFailed", "message": "etag mismatch"},
        {},
    ),
    # Something in between answered, which does not speak as Azure does.
    ({"status": 502, "body": {}}, {}, {}),
]


@pytest.mark.parametrize(
    ("fault", "body", "headers"),
    _CASES,
    ids=[f"{n}-{case[0].get('code', case[0]['status'])}" for n, case in enumerate(_CASES)],
)
async def test_a_write_can_meet_it(
    azure: Azure, faults: Faults, fault: dict[str, Any], body: Any, headers: dict[str, str]
) -> None:
    """Status, headers, envelope and the order of its keys."""
    faults.add(method="PUT", type=NETWORKS, **fault)
    answer = await azure.put("virtualNetworks/v", a_network())
    assert answer.status_code == fault["status"]
    told = answer.json()
    assert (told, list(told)) == (body, list(body))
    for name in ("retry-after", "x-ms-failure-cause"):
        assert answer.headers.get(name) == headers.get(name)
