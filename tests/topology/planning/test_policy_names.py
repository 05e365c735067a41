"""The name of a policy definition is used once, whoever deleted what had it."""

from __future__ import annotations

from collections.abc import Iterable

from tests.builders import SUBSCRIPTION, a_network, a_topology
from tests.topology.azure_model import AzureModel
from topology.addressing import AddressLock, allocate, resolve
from topology.network import Network
from topology.planning.plan import Create, Delete, Plan, Step
from topology.planning.planner import make_plan, plan_removal_of_all
from topology.planning.policy_names import used_by
from topology.planning.roll_back.planner import plan_roll_back
from topology.planning.waves import beyond

DYNAMIC = {"membership": "dynamic"}
TOPOLOGY = a_topology("eastus", environments=["prod"], isolation="none", groups=DYNAMIC)
STATIC = a_topology("eastus", environments=["prod"], isolation="none")
NAMES = ["sample-joined-eastus", "sample-prod-eastus"]


def _network(lock: AddressLock) -> Network:
    return resolve(TOPOLOGY, lock)


def _definitions(steps: Iterable[Step], sort: type[Step] = Create) -> list[str]:
    named = (step.resource for step in steps if isinstance(step, sort))
    return sorted(item.name for item in named if item.kind == "policy-definition")


def _applied(model: AzureModel, lock: AddressLock) -> tuple[Plan, AddressLock]:
    """Apply, as a run does: names are kept first."""
    plan = make_plan(_network(lock), model.actual)
    model.apply_all(plan.steps)
    return plan, lock.having_used(used_by(plan))


def _at(generation: int) -> list[str]:
    return [f"{name}-g{generation}" for name in NAMES]


def test_apply_destroy_apply_takes_new_names() -> None:
    """The model of Azure refuses the old ones."""
    model, lock = AzureModel(), allocate(TOPOLOGY)
    first, lock = _applied(model, lock)
    model.apply_all(plan_removal_of_all(_network(lock), model.actual).steps)
    second, _ = _applied(model, lock)

    assert (_definitions(first.steps), _definitions(second.steps)) == (_at(1), _at(2))


def test_lock_that_was_lost_keeps_the_names_that_azure_holds() -> None:
    """Nothing is made anew for a file."""
    model, lock = AzureModel(), allocate(TOPOLOGY)
    _applied(model, lock.having_used({f"{SUBSCRIPTION}/prod-eastus": 6}))

    assert make_plan(_network(lock), model.actual).is_empty


def test_lock_that_was_lost_learns_the_names_that_are_used_up() -> None:
    """What goes was found, and the next rollout must not give it the same name."""
    model, lock = AzureModel(), allocate(TOPOLOGY)
    _applied(model, lock)
    removal = plan_removal_of_all(_network(lock), model.actual)
    model.apply_all(removal.steps)

    again, _ = _applied(model, lock.having_used(used_by(removal)))

    assert _definitions(again.steps) == _at(2)


def test_definition_that_somebody_deleted_comes_back_with_a_new_name() -> None:
    """The lock knows that the name was used, whoever burnt it."""
    model, lock = AzureModel(), allocate(TOPOLOGY)
    _, lock = _applied(model, lock)
    for key in [key for key in model.found if "sample-prod-eastus-g1" in key]:
        del model.found[key]

    plan = make_plan(_network(lock), model.actual)

    assert _definitions(plan.steps) == ["sample-prod-eastus-g2"]


def test_run_that_was_cut_before_it_made_one_wastes_a_name_and_nothing_else() -> None:
    """The lock has the name before Azure has: what was never made is not tried again."""
    model, lock = AzureModel(), allocate(TOPOLOGY)
    cut = make_plan(_network(lock), model.actual)
    _, lock = _applied(model, lock.having_used(used_by(cut)))

    assert lock.policies == {
        f"{SUBSCRIPTION}/{name}": 2 for name in ("joined-eastus", "prod-eastus")
    }


def test_definition_is_never_replaced_under_its_name() -> None:
    """A manager that moves takes its groups along, and so the definitions that name them."""
    model, lock = AzureModel(), allocate(TOPOLOGY)
    _, lock = _applied(model, lock)
    moved = resolve(TOPOLOGY.model_copy(update={"home": "westus"}), lock)

    plan = make_plan(moved, model.actual)
    model.apply_all(plan.steps)

    assert (_definitions(plan.steps), _definitions(plan.steps, Delete)) == (_at(2), _at(1))
    assert make_plan(resolve(moved.topology, lock), model.actual).is_empty


def test_what_a_rollout_deleted_comes_back_with_a_new_name() -> None:
    """And its assignment with it."""
    model, lock = AzureModel(), allocate(TOPOLOGY)
    _, lock = _applied(model, lock)
    network = resolve(STATIC, lock)
    off = make_plan(network, model.actual)
    model.apply_all(off.steps)

    back = plan_roll_back(off, None, model.actual, network.policies)
    model.apply_all(back.steps)

    assert _definitions(back.steps) == _at(2)
    assert make_plan(_network(lock.having_used(used_by(back))), model.actual).is_empty


def test_names_of_other_subscriptions_are_counted_apart() -> None:
    """A definition stands in each, and one may have been deleted in one of them."""
    other = "00000000-0000-4000-8000-000000000002"
    network = a_network("eastus", groups={**DYNAMIC, "subscriptions": [other]})
    used = used_by(make_plan(network, AzureModel().actual))

    assert {f"{SUBSCRIPTION}/prod-eastus", f"{other}/prod-eastus"} <= set(used)


def test_new_name_is_the_same_step_to_those_who_have_seen_the_plan() -> None:
    """A region that was taken back is tried again by the next wave, under another name."""
    lock = allocate(TOPOLOGY)
    whole = make_plan(_network(lock), AzureModel().actual)
    again = make_plan(_network(lock.having_used(used_by(whole))), AzureModel().actual)

    assert _definitions(whole.steps) != _definitions(again.steps)
    assert beyond(again, whole) == []
