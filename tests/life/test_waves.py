"""Waves: none starts before the one before it is proved good, and what fails is told.

Below Prefect, on the simulator: rollout/ keeps the order for flows and for these lives.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from azure_api.client import Azure
from simulator.arm.world import World
from simulator.fault import Fault
from simulator.faults import Faults
from tests.azure_api.in_process import simulated_azure
from tests.builders import a_network
from tests.carry_out import apply_network, read_network
from tests.life import by_hand
from tests.life.fault_life import look
from tests.life.outsider import outsider
from tests.life.rolling_out import Report, roll_out, take_back_all
from topology.addressing import allocate
from topology.kind import same_id
from topology.network import Network
from topology.verification.verdict import findings_of, model_of

FIREWALLS, NETWORKS = "Microsoft.Network/azureFirewalls", "Microsoft.Network/virtualNetworks"
TABLES = "Microsoft.Network/routeTables"
GROUPS = "Microsoft.Network/firewallPolicies/ruleCollectionGroups"
CANARY = {"canary": "westus"}
FIREWALL_FAILS = Fault(
    method="PUT",
    type=FIREWALLS,
    region="westus",
    status=400,
    code="AzureFirewallSubnetNotFound",
    message="It fails for good.",
)
_MEANWHILE = 300.0  # seconds: the first wave is under way


@dataclass(frozen=True)
class Life:
    """What a rollout said, the paths that it wrote to, and what stands in which region."""

    report: Report
    written: list[str]
    subnets: dict[str, int]  # by name of the network
    opened: dict[str, list[str]]  # the names that rules open, by name of their group

    @property
    def said(self) -> tuple[str | None, str]:
        """Return the name of its end, and its message."""
        return self.report.ending.name, self.report.ending.message

    @property
    def regions(self) -> set[str]:
        """Return the regions in which networks stand."""
        return {name.rsplit("-", 1)[-1] for name in self.subnets}


async def _live(
    network: Network,
    *faults: Fault,
    before: Network | None = None,
    others: Mapping[str, Any] | None = None,
) -> Life:
    """Roll out; what `others` write, bodies by id, they write while the first wave goes on."""
    met = Faults()
    async with simulated_azure(faults=met) as (azure, world):
        if before is not None:
            assert await apply_network(azure, before) == {}
        seen = len(azure.transport.requests.log)
        met.extend(faults)
        async with asyncio.TaskGroup() as together:
            together.create_task(_write(azure, world, others or {}))
            report = await roll_out(azure, network)
        written = [entry.path for entry in azure.transport.requests.log[seen:]]
        subnets = Counter(item.id.root.name for item in world.store.of_type(f"{NETWORKS}/subnets"))
        groups = {item.name: str(item.properties) for item in world.store.of_type(GROUPS)}
    opened = {name: found for name, text in groups.items() if (found := _names_in(text))}
    return Life(report, written, subnets, opened)


def _names_in(rules: str) -> list[str]:
    """Return the names that rules open, as they are written in them."""
    return re.findall(r"\*\.example\.\w+", rules)


async def _write(azure: Azure, world: World, bodies: Mapping[str, Any]) -> None:
    await asyncio.sleep(_MEANWHILE)
    async with outsider(azure, world) as client:
        for resource_id, body in bodies.items():
            await by_hand.write(client, resource_id, body)


async def test_a_wave_follows_the_one_that_is_proved_good() -> None:
    """All of the first region's commits come before any write of the second."""
    life = await _live(a_network(rollout=CANARY | {"bake_minutes": 1}))

    commits = [number for number, path in enumerate(life.written) if path.endswith("/commit")]
    second = min(number for number, path in enumerate(life.written) if "-eastus/" in path)
    assert life.report.ending.is_well
    assert len([number for number in commits if number < second]) == 3


async def test_nothing_of_a_later_wave_is_written_when_the_canary_fails() -> None:
    """It is taken back; the simulator's log has no write of the other region."""
    life = await _live(a_network(rollout=CANARY), FIREWALL_FAILS)

    assert life.said == (
        "RolledBack",
        "westus rolled back; no other region in place; nothing after wave 1 (westus) has started",
    )
    assert [path for path in life.written if "-eastus" in path] == []
    assert [path for path in life.written if path.endswith("/commit")] == []  # these name no region


async def test_a_region_that_may_fail_is_not_tried_again_by_later_waves() -> None:
    """It stays taken back, and the run says so; the next wave is rolled out."""
    life = await _live(a_network(rollout=CANARY | {"failures_allowed": 1}), FIREWALL_FAILS)

    assert life.said == ("RolledBack", "westus rolled back; 1 other region in place")
    assert life.regions == {"eastus"}


async def test_a_region_that_a_later_wave_cannot_join_stands_as_it_was() -> None:
    """It is not called rolled back; its route to the later one is not there."""
    later = 1200.0  # the first wave is over
    refused = Fault(
        method="PUT",
        type=TABLES,
        name="rt-sample-afw-westus",
        after=later,
        status=400,
        code="BadRequest",
        message="Not this route.",
    )
    life = await _live(a_network(rollout=CANARY | {"failures_allowed": 1}), refused)

    assert life.said == ("RolledBack", "westus not joined; 1 other region in place")
    assert life.regions == {"eastus", "westus"}
    assert life.report.came is not None
    rows = {row["region"]: row for row in life.report.came.rows}
    assert rows["westus"]["state"] == "not joined"
    assert "Not this route." in rows["westus"]["error"]


async def test_a_wave_that_cannot_be_read_is_the_last_and_told() -> None:
    """It is done, and not proved; the run does not end with an error of reading alone."""
    refused = Fault(
        method="GET",
        type="Microsoft.Authorization/policyAssignments",
        after=_MEANWHILE,
        times=None,
        status=403,
        code="AuthorizationFailed",
        message="Not any more.",
    )
    life = await _live(a_network(rollout=CANARY), refused)

    assert life.said[0] == "Stopped"
    assert life.said[1].startswith("wave 1 (westus) is not proved good: ")
    assert "Not any more." in life.said[1]


async def test_a_wave_that_a_hook_finds_wrong_is_the_last_and_told() -> None:
    """It is run for the wave's regions alone; nothing of the next one is written."""
    check = ["deployment-status", {"run": "reachability-probe/prod"}]
    life = await _live(a_network(rollout=CANARY | {"check": check}))

    hook = "reachability-probe/prod could not be run for westus of wave 1 (westus)"
    assert life.said == ("Stopped", f"wave 1 (westus) is not proved good: {hook}")
    assert life.regions == {"westus"}


async def test_what_comes_in_the_way_between_waves_stops_them_and_is_told() -> None:
    """The table says what has not started."""
    network = a_network(rollout=CANARY)
    group = network.names.group_id("eastus")
    theirs = {"location": "eastus", "tags": {"owner": "another team"}}

    life = await _live(network, others={group: theirs})

    assert life.report.came is not None
    assert life.said[0] == "Stopped"
    assert life.said[1].startswith("nothing after wave 1 (westus) has started: ")
    assert group in life.said[1]
    rows = {row["region"]: row["state"] for row in life.report.came.rows}
    assert rows == {"global": "done", "westus": "done", "eastus": "not started"}


async def test_a_region_whose_deployment_fails_is_taken_back() -> None:
    """Without the mesh it gets no rules and no routes; nobody leads to it any more."""
    fails = Fault(
        when="deployment", type="Microsoft.Network/networkManagers/commits", region="westus"
    )
    life = await _live(a_network(), fails)

    assert life.said == ("RolledBack", "westus rolled back; 1 other region in place")
    assert life.regions == {"eastus"}


async def test_a_region_of_which_something_cannot_go_is_not_called_in_place() -> None:
    """What did not go is told; those that stay are counted, whatever was changed in them."""
    before = a_network("eastus", "westus", "northeurope")
    after = a_network("eastus", "northeurope", lock=allocate(before.topology))
    locked = Fault(
        method="DELETE",
        type=FIREWALLS,
        status=409,
        code="ScopeLocked",
        message="It is locked.",
        times=None,
    )

    life = await _live(after, locked, before=before)

    assert life.said[1].startswith("not all that goes is gone: ")
    assert life.said[1].endswith("; 2 regions in place")
    assert "It is locked." in life.said[1]


async def test_a_region_that_existed_before_is_restored_and_not_deleted() -> None:
    """What the failing rollout changed in the region has its old values again."""
    before = a_network()
    more: dict[str, Any] = {"workload": {}, "more": {}}
    after = a_network(
        lock=allocate(before.topology),
        spokes={"prod": {"subnets": more}, "nonprod": {"subnets": more}},
    )
    fails = Fault(
        method="PUT",
        type=NETWORKS,
        region="westus",
        name="vnet-sample-nonprod-westus",
        status=400,
        code="NetcfgInvalidSubnet",
        message="It fails for good.",
    )
    life = await _live(after, fails, before=before)

    subnets = {name: number for name, number in life.subnets.items() if "-hub-" not in name}
    assert life.said[0] == "RolledBack"
    assert subnets == {
        "vnet-sample-prod-eastus": 2,
        "vnet-sample-nonprod-eastus": 2,
        "vnet-sample-prod-westus": 1,
        "vnet-sample-nonprod-westus": 1,
    }


@pytest.mark.parametrize(
    "rollout", [{}, {"waves": [["westus"], ["eastus"]], "failures_allowed": 1}], ids=["one", "two"]
)
async def test_a_region_that_fails_early_is_denied_again_by_those_that_went_on(
    rollout: dict[str, Any],
) -> None:
    """They had the next rules, without its spoke that was to go, after it was taken back.

    In the same wave, or in one after it.
    """
    before, more = a_network(), dict[str, Any](workload={}, more={})
    westus = {"spokes": {"nonprod": {"environment": "nonprod", "subnets": more}}}
    regions, lock = {"eastus": {}, "westus": westus}, allocate(before.topology)
    after = a_network(regions=regions, lock=lock, rollout=rollout)
    fails = Fault(
        method="PUT",
        type=NETWORKS,
        name="vnet-sample-nonprod-westus",
        status=400,
        code="NetcfgInvalidSubnet",
        times=None,
    )
    met = Faults()
    async with simulated_azure(faults=met) as (azure, _):
        assert await apply_network(azure, before) == {}
        met.extend([fails])
        report = await roll_out(azure, after)
        model = model_of(before, await read_network(azure, before))

    assert report.ending.message == "westus rolled back; 1 other region in place"
    assert [finding.text for finding in findings_of(before, model)] == []


async def test_a_new_region_writes_only_what_the_plan_names() -> None:
    """Elsewhere it changes routes, rules and commits, and nothing else."""
    before, new = a_network(), "southafricanorth"
    after = a_network("eastus", "westus", new, lock=allocate(before.topology))

    life = await _live(after, before=before)

    assert life.report.whole is not None
    named = {same_id(step.resource.id.split("#")[0]) for step in life.report.whole.work}
    elsewhere = {same_id(path) for path in life.written if new not in path}
    assert life.report.ending.is_well
    assert {path for path in elsewhere - named if not path.endswith("/commit")} == set()


async def test_a_firewall_is_replaced_with_its_address_in_the_regions_own_run() -> None:
    """Other zones cannot be set in place: both are made anew."""
    before = a_network("eastus")
    after = a_network(regions={"eastus": {"zones": ["1"]}}, lock=allocate(before.topology))

    life = await _live(after, before=before)

    assert life.report.whole is not None
    assert life.report.ending.is_well
    assert life.report.whole.counts["replace"] == 2
    own = {step.resource.kind for step in life.report.whole.work if step.resource.region}
    assert life.report.parts[0].regions == ["eastus"]
    assert own >= {"firewall", "public-ip"}


# -- a region that leaves ------------------------------------------------------------------

STAND, ONE_BY_ONE = ("eastus", "westus", "uksouth"), {"at_a_time": 1}


def _leaves(*regions: str) -> tuple[Network, Network]:
    """Return a network of three regions, and one of these, in waves."""
    before = a_network(*STAND, rollout=ONE_BY_ONE)
    lock = allocate(before.topology)
    return before, a_network(*regions, rollout=ONE_BY_ONE, lock=lock)


async def test_a_region_that_leaves_is_as_it_was_when_a_wave_before_the_last_fails() -> None:
    """All that is its own, what holds for it, and the ways that lead to it."""
    before, after = _leaves("eastus", "northeurope", "uksouth")
    fails = FIREWALL_FAILS.model_copy(update={"region": "northeurope"})
    met = Faults()
    async with simulated_azure(faults=met) as (azure, world):
        assert await apply_network(azure, before) == {}
        was = await look(azure, world, before)
        met.extend([fails])
        report = await roll_out(azure, after)
        now = await look(azure, world, before)

    assert report.whole is not None
    assert report.ending.name == "RolledBack"
    assert [*now.not_as_before(was, "westus", report.whole.steps, whole=True)] == []
    assert report.came is not None
    rows = {row["region"]: row["state"] for row in report.came.rows}
    assert rows["westus"] == "not started"


async def test_a_region_that_left_in_waves_is_led_to_again_when_it_alone_is_taken_back() -> None:
    """By all regions, though the run has saved a part for each wave."""
    before, after = _leaves("eastus", "uksouth")
    async with simulated_azure() as (azure, world):
        assert await apply_network(azure, before) == {}
        was = _ways(world)
        report = await roll_out(azure, after)
        between = _ways(world)
        back = await take_back_all(azure, before, report, "westus")
        now = _ways(world)

    assert len(report.parts) == 2
    assert [way for way in between if "westus" in way] == []
    assert back.left == ()
    assert now == was


def _ways(world: World) -> list[str]:
    """Return the ids of the routes from region to region."""
    routes = (item.id.text for item in world.store.of_type(f"{TABLES}/routes"))
    return sorted(name for name in routes if "/to-" in name)


async def test_what_later_regions_would_lose_before_their_turn_starts_no_wave() -> None:
    """Nothing is written, whoever lets such a plan begin."""
    before = a_network(rollout=CANARY)
    other = a_network(rollout=CANARY, firewall={"tier": "Standard"}, lock=allocate(before.topology))

    life = await _live(other, before=before)

    assert life.said[0] == "Stopped"
    assert life.said[1].startswith(
        "wave 1 (westus) did not start, for it would take away firewall afw-sample-eastus (eastus) "
    )
    assert life.written == []


# -- rules -------------------------------------------------------------------------------


def _with_rules(name: str, **rollout: Any) -> Network:
    """Return a network whose firewalls open a name."""
    egress = [{"name": "web", "fqdns": [name]}]
    return a_network(egress=egress, rollout=rollout)


def _fails_once(group: str) -> Fault:
    code = "FirewallPolicyRuleCollectionGroupInvalid"
    return Fault(method="PUT", type=GROUPS, name=group, status=400, code=code)


async def test_rules_that_fail_are_taken_back_and_no_wave_starts() -> None:
    """What was changed has its old values; nothing of a region was written."""
    before, after = _with_rules("*.example.com"), _with_rules("*.example.org")

    life = await _live(after, _fails_once("rcg-sample-egress"), before=before)

    assert life.said[0] == "RolledBack"
    assert life.said[1].startswith(
        "the change of the firewall policy is rolled back, no wave has started: "
    )
    assert [path for path in life.written if "firewallPolicies" not in path] == []
    assert life.opened == {"rcg-sample-egress": ["*.example.com"]}


async def test_rules_of_a_region_go_with_its_wave() -> None:
    """Those of a canary that fails are taken back, and no other region has been touched."""
    by_wave = CANARY | {"policy": "per-wave"}
    before, after = _with_rules("*.example.com", **by_wave), _with_rules("*.example.org", **by_wave)

    life = await _live(after, _fails_once("rcg-sample-westus-egress"), before=before)

    assert life.said[1].endswith("nothing after wave 1 (westus) has started")
    assert [path for path in life.written if "-eastus" in path] == []
    assert {*life.opened} == {"rcg-sample-westus-egress", "rcg-sample-eastus-egress"}
    assert [*life.opened.values()] == [["*.example.com"]] * 2


async def test_rules_of_regions_change_wave_by_wave() -> None:
    """Each region has its own, in a child of the policy that all share."""
    by_wave = CANARY | {"policy": "per-wave"}
    before, after = _with_rules("*.example.com", **by_wave), _with_rules("*.example.org", **by_wave)

    life = await _live(after, before=before)

    assert life.report.ending.is_well
    assert [path.rsplit("/", 1)[-1] for path in life.written if "afwp-" in path] == [
        "rcg-sample-westus-egress",
        "rcg-sample-eastus-egress",
    ]
    assert [*life.opened.values()] == [["*.example.org"]] * 2


async def test_rules_that_all_share_are_changed_before_the_first_wave() -> None:
    """What changes in regions comes after it."""
    before = _with_rules("*.example.com")
    more: dict[str, Any] = {"subnets": {"workload": {}, "more": {}}}
    after = a_network(
        lock=allocate(before.topology),
        egress=[{"name": "web", "fqdns": ["*.example.org"]}],
        rollout=CANARY,
        spokes={"prod": more, "nonprod": more},
    )

    life = await _live(after, before=before)

    assert life.report.ending.is_well
    assert life.written[0].endswith("rcg-sample-egress")
    assert len([path for path in life.written if "rcg-" in path]) == 1
    assert len(life.written) > 1
