"""Whatever is altered in a network is found, weighs something, and can be taken back alone."""

from __future__ import annotations

from datetime import date

import pytest

from tests.builders import a_network
from tests.topology.azure_model import AzureModel
from tests.topology.planning.networks import deployed
from tests.topology.verification.spoils import Spoil, spoils
from topology.compliance.drift import drift
from topology.compliance.last_state import LastState
from topology.compliance.owners import Witnesses
from topology.compliance.remedy import Asked, remedy
from topology.kind import Severity

NETWORK = a_network("eastus", "westus")
LEFT = deployed(NETWORK).actual
WITNESSES = Witnesses(last=LastState(LEFT))
SPOILS = [spoil for spoil in spoils(LEFT) if "westus" not in spoil.id]


@pytest.mark.parametrize("spoil", SPOILS, ids=str)
def test_it_is_found_as_anothers_and_taken_back(spoil: Spoil) -> None:
    """By the kinds that the findings name, and by nothing else."""
    altered = spoil.apply(LEFT)
    found = drift(NETWORK, altered, WITNESSES)
    assert found
    assert {finding.owner for finding in found} == {"someone else"}
    assert all(finding.severity is not Severity.LOW for finding in found)

    kinds = frozenset(finding.kind for finding in found)
    made = remedy(NETWORK, altered, WITNESSES, Asked(kinds, by_policy=True, today=date.max))
    azure = AzureModel(altered)
    azure.time = 10_000  # after all that was written
    azure.moves_firewalls = spoil.how == "no"  # one that is made again has another address
    azure.apply_all(made.plan.work)
    assert drift(NETWORK, azure.actual, WITNESSES) == ()
