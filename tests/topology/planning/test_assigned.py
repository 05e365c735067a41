"""What Azure assigns anew is followed by all who name it, and told."""

from __future__ import annotations

import pytest

from tests.builders import a_network
from tests.topology.azure_model import AzureModel
from tests.topology.planning.networks import deployed
from topology.addressing import allocate
from topology.kind import address_in, strings
from topology.planning.actual import Actual
from topology.planning.assigned import reassigned
from topology.planning.plan import Plan
from topology.planning.planner import make_plan
from topology.planning.roll_back.outcome import TakenBack, left_of
from topology.planning.roll_back.planner import plan_roll_back
from topology.planning.schedule import Schedule

BEFORE = a_network(spokes={"prod": {}})
# A region whose firewall is made anew: zones cannot be set in place.
ZONES = a_network(
    lock=allocate(BEFORE.topology),
    spokes={"prod": {}},
    regions={"eastus": {"zones": ["1"]}, "westus": {}},
)
FIREWALL = BEFORE.names.firewall_id("eastus").lower()
WHO = {"rt-sample-afw-westus", "vnet-sample-prod-eastus", "default-to-firewall"}


def _replaced() -> tuple[AzureModel, Plan]:
    model = deployed(BEFORE)
    model.moves_firewalls = True
    plan = make_plan(ZONES, model.actual)
    model.apply_all(plan.steps)
    return model, plan


def _address(actual: Actual) -> str:
    return str(address_in(actual.resources[FIREWALL].body))


def _naming(model: AzureModel, address: str) -> set[str]:
    return {
        item.id.rsplit("/", 1)[-1]
        for key, item in model.actual.resources.items()
        if key != FIREWALL and address in strings(item.body)
    }


@pytest.mark.parametrize("region", ["eastus", None])
def test_who_names_a_firewall_follows_it_through_a_roll_back(region: str | None) -> None:
    """Of its own region and of others: none leads to where it was, before or meanwhile."""
    model, plan = _replaced()
    before, meanwhile = _address(plan.found), _address(model.actual)

    model.apply_all(plan_roll_back(plan, region, model.actual).steps)

    now = _address(model.actual)
    assert len({before, meanwhile, now}) == 3
    assert _naming(model, now) >= WHO
    assert _naming(model, before) == _naming(model, meanwhile) == set()


def test_the_report_names_what_moved_and_who_follows() -> None:
    """Old value, new value, and all that lead there."""
    model, plan = _replaced()
    before, now = _address(plan.found), _address(model.actual)

    [moved] = [item for item in reassigned(plan.found, model.actual) if item.was == before]

    assert (moved.region, moved.owner, moved.now) == ("eastus", "firewall afw-sample-eastus", now)
    assert "route-table rt-sample-afw-westus" in moved.follow
    assert moved.behind == ()
    assert f"firewall afw-sample-eastus has {now} instead of {before}, which " in str(moved)


def test_who_still_leads_to_the_old_address_is_told() -> None:
    """As when a write of theirs failed."""
    model, plan = _replaced()
    table = BEFORE.names.route_table_id("westus").lower()
    model.found[table] = plan.found.resources[table]

    [moved] = reassigned(plan.found, model.actual)

    assert moved.behind == ("route-table rt-sample-afw-westus",)


def test_what_is_as_before_is_not_told() -> None:
    """An address that Azure gave again is no news."""
    model = deployed(BEFORE)

    assert reassigned(model.actual, model.actual) == ()


def test_what_a_roll_back_left_is_named_with_its_reason() -> None:
    """Its own error, or that of what it needed."""
    plan = make_plan(a_network("eastus", lock=allocate(BEFORE.topology)), deployed(BEFORE).actual)
    schedule, errors = Schedule(plan), dict[str, str]()
    while (step := schedule.take(lambda _step: True)) is not None:
        if step.resource.id == BEFORE.names.firewall_id("westus"):
            errors[step.resource.id.lower()] = "it is locked"
            schedule.fail(step)
        else:
            schedule.done(step)

    left = dict(left_of(plan, schedule, errors))

    assert left["westus: delete firewall afw-sample-westus"] == "it is locked"
    assert left["westus: delete resource group rg-sample-westus"] == "it is locked"
    told = str(TakenBack(3, tuple(left.items())))
    assert "westus: delete firewall afw-sample-westus (it is locked)" in told
