"""Two models of one state lead packets the same ways, or they do not."""

from __future__ import annotations

import pytest

from tests.topology.verification.written import written
from topology.verification.model import Model
from topology.verify_spec import Assumptions

FREED = Assumptions(internet_route_frees_private=True)


@pytest.mark.parametrize(
    ("routes", "alike"),
    [
        ({"0.0.0.0/0": "internet"}, True),
        ({"0.0.0.0/0": "internet", "8.0.0.0/6": "10.0.0.4"}, False),
        ({"0.0.0.0/0": "10.0.0.4"}, True),
    ],
    ids=["the internet drops them too", "a summary takes them", "they are freed in any case"],
)
def test_what_drops_private_addresses_counts_where_something_else_would_take_them(
    *, routes: dict[str, str], alike: bool
) -> None:
    """By the assumption that a route to the internet frees them."""
    subnets = {
        "AzureFirewallSubnet": "10.0.0.0/26",
        "web": {"prefix": "10.0.1.0/24", "routes": routes},
    }
    hub = {"space": "10.0.0.0/16", "subnets": subnets, "firewall": "10.0.0.4"}
    model = Model.of(written({"networks": {"hub": hub}}))

    assert model.assuming(FREED).ways_as(model) is alike
