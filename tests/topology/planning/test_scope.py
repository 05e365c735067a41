"""Spokes move between subscriptions, and the manager's scope follows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import NONPROD, PROD, a_network, as_deployed
from tests.strategies import ENVIRONMENTS, successions
from tests.topology.planning.networks import deployed, networks_of
from topology.kind import at
from topology.planning.planner import SecondInScopeError, make_plan
from topology.spec import Topology

zones = st.dictionaries(st.sampled_from(ENVIRONMENTS), st.sampled_from([PROD, NONPROD]))


@given(successions(), zones, zones)
def test_scope_is_what_is_used_after_any_move(
    both: tuple[Topology, Topology], here: dict[str, str], there: dict[str, str]
) -> None:
    """Azure refuses no step on the way, and nothing is left to do."""
    first = both[0].model_copy(update={"subscriptions": here})
    second = both[1].model_copy(update={"subscriptions": there})
    before, after = networks_of(first, second)
    model = deployed(before)
    model.apply_all(make_plan(after, model.actual).steps)

    manager = model.actual.get(after.names.manager_id)
    assert manager is not None
    scope = at(manager.body, "properties.networkManagerScopes.subscriptions")
    assert {item.rsplit("/", 1)[-1] for item in scope} == set(after.used_subscriptions)
    assert make_plan(after, model.actual).is_empty


@pytest.mark.parametrize("renamed", ["manager", "global_group"])
def test_manager_of_another_name_is_refused(renamed: str) -> None:
    """Azure would refuse it beside the first, which all rules go with."""
    actual = as_deployed(a_network())

    with pytest.raises(SecondInScopeError, match="cannot be made beside vnm-sample"):
        make_plan(a_network(names={renamed: "another"}), actual)
