"""How long writes take, as a client sees it that waits as long as it is asked to."""

import random
from statistics import median

import pytest

from simulator.arm.operations import Operation
from simulator.providers import PROVIDERS
from simulator.settings import Settings

_SETTINGS = Settings()
_SAMPLES = 401
_NET = "Microsoft.Network/"

# type, operation, recorded median (seconds to the first poll that says done) and maximum:
# recordings.md section 9. Rows whose median is the period of the recording client's polls
# are left out: they say only "done before the first useful poll".
_RECORDED = [
    ("virtualNetworks", "create", 8, 14),
    ("virtualNetworks", "update", 1, 5),
    ("virtualNetworks", "delete", 6, 11),
    ("virtualNetworks/subnets", "create", 2, 17),
    ("virtualNetworks/subnets", "update", 1, 12),
    ("virtualNetworks/subnets", "delete", 6, 11),
    ("virtualNetworks/virtualNetworkPeerings", "create", 3, 11),
    ("virtualNetworks/virtualNetworkPeerings", "update", 2, 12),
    ("networkSecurityGroups", "create", 3, 4),
    ("networkSecurityGroups", "delete", 2, 10),
    ("networkSecurityGroups/securityRules", "create", 2, 11),
    ("routeTables", "create", 3, 4),
    ("routeTables", "update", 1, 1.5),
    ("routeTables", "delete", 3, 3),
    ("routeTables/routes", "create", 2, 4),
    ("routeTables/routes", "update", 1, 2),
    ("routeTables/routes", "delete", 2, 3),
    ("publicIPAddresses", "create", 2, 23),
    ("publicIPAddresses", "update", 2, 5),
    ("azureFirewalls", "create", 378, 514),
    ("azureFirewalls", "update", 174, 215),
    ("azureFirewalls", "delete", 480, 986),
    ("firewallPolicies/ruleCollectionGroups", "attached", 222, 250),
]


def _polls(kind: str, operation: str) -> list[float]:
    """Return the moments at which such a client asks."""
    verb = "delete" if operation == "delete" else "put"
    first = _SETTINGS.retry_after(kind, verb)
    family = next(item.family for item in PROVIDERS if item.type == kind)
    running = Operation("g", "n", "t", "l", "v", first, family, frozenset(), 0)
    running.constant_polls = family.constant_polls
    moments = [first]
    while moments[-1] < 1000:
        moments.append(moments[-1] + running.next_poll())
    return moments


@pytest.mark.parametrize(("kind", "operation", "recorded", "longest"), _RECORDED)
def test_a_patient_client_sees_the_recorded_median(
    kind: str, operation: str, recorded: float, longest: float
) -> None:
    """The client polls at moments of its own: one such moment is as near as it can get."""
    low, high = _SETTINGS.duration(_NET + kind, operation)
    chance = random.Random(1)  # noqa: S311 - chance, not secrecy
    polls = _polls(_NET + kind, operation)
    drawn = [chance.uniform(low, high) for _ in range(_SAMPLES)]
    seen = median(next(moment for moment in polls if moment >= real) for real in drawn)
    place = polls.index(seen)
    before = polls[place - 1] if place else 0.0
    assert before <= recorded <= polls[place + 1]
    assert high <= longest
