"""Whatever is done to a world, in whatever order, and however often it is restarted.

Random writes, deletes, commits, faults, waits and restarts, against a model that knows
only what must be there and what must be refused.
"""

import asyncio
import os
import shutil
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from simulator.app import create_app
from simulator.arm.world import World
from simulator.clock import ManualClock
from simulator.faults import ConnectionDroppedError
from simulator.journal import Journal
from simulator.settings import Settings
from tests.simulator.azure import A_WHILE, GROUP, NETWORK
from tests.simulator.direct import Told, asked
from tests.simulator.manager import A_MANAGER, MANAGER, a_mesh
from tests.simulator.plain import IN_USE, Plain, peering_path
from tests.simulator.worlds import differences, facts

_NETWORKS = "abc"
_PAIRS = [(one, two) for one in _NETWORKS for two in _NETWORKS if one != two]
_SUBNETS = [f"virtualNetworks/{network}/subnets/s{n}" for network in _NETWORKS for n in range(3)]
_USED = ["routeTables/t", "routeTables/u", "networkSecurityGroups/n"]
_GROUPS = [f"{MANAGER}/networkGroups/{name}" for name in "gh"]
_MEMBERS = [f"{group}/staticMembers/{name}" for group in _GROUPS for name in _NETWORKS]
_MESHES = [f"{MANAGER}/connectivityConfigurations/{name}" for name in "mk"]
_ADDRESSES = ["publicIPAddresses/p"]
_REGIONS = ["westeurope", "northeurope"]
_PATHS = [
    *(f"virtualNetworks/{name}" for name in _NETWORKS),
    *_SUBNETS,
    *_USED,
    *_ADDRESSES,
    *map(peering_path, _PAIRS),
    *_GROUPS,
    *_MEMBERS,
    *_MESHES,
]
# What may be answered while something is under way, whatever is asked.
_BUSY = {"RetryableError", "AnotherOperationInProgress", "ReferencedResourceNotProvisioned"}
_STEPS = 30


def _prefix(path: str) -> str:
    """Return an address block that no other network or subnet has."""
    _, network, *rest = path.split("/")
    number = _NETWORKS.index(network)
    return f"10.{number}.{rest[1][1:]}.0/24" if rest else f"10.{number}.0.0/16"


def _reference(path: str) -> dict[str, str]:
    return {"id": f"{NETWORK}/{path}"}


class LifeOfAWorld(RuleBasedStateMachine):
    """One world in one folder, and what must be true of it."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = ManualClock()
        self.folder = Path(tempfile.mkdtemp())
        self.runner = asyncio.Runner()
        self.plain = Plain()
        self.leaving: dict[str, bool] = {}
        # What the next write with a method will meet.
        self.faults: dict[str, str] = {}
        self.is_settled = True
        self.is_patient = True
        # The state in which each write was to end.
        self.ended: dict[str, str] = {}
        self.content: dict[str, tuple[str, Any]] = {}
        self._serve()

    def _serve(self) -> None:
        self.serving = ExitStack()
        journal = Journal(self.folder)
        self.serving.callback(journal.close)
        app = create_app(self.clock, settings=Settings(throttling=0), journal=journal)
        self.world: World = app.state.world
        self.app = app

    def teardown(self) -> None:
        """Leave nothing behind."""
        self.serving.close()
        self.runner.close()
        shutil.rmtree(self.folder)

    def ask(self, method: str, path: str, body: Any = None) -> Told:
        """Send one request."""
        return self.runner.run(asked(self.app, method, path, body))

    @initialize()
    def begin(self) -> None:
        """Make the group and the manager that all happens in."""
        assert self.ask("PUT", GROUP, {"location": "westeurope"}).status == 201
        assert self.ask("PUT", MANAGER, A_MANAGER).status == 200
        self.plain.put(MANAGER)
        for path in _GROUPS:
            self.put_group_or_member(path)
        for name in _NETWORKS:
            self.put_network(name, {0, 1})
            self.put_group_or_member(f"{_GROUPS[0]}/staticMembers/{name}")
        for path in (*_USED, *_ADDRESSES):
            self.put_top(path, "x")
        for path in _SUBNETS[::3]:
            self.put_subnet(path, set(_USED[::2]))
        for pair in (("a", "b"), ("b", "a"), ("c", "a")):
            self.put_peering(pair, forwards=False)
        self.put_mesh(_MESHES[0], _GROUPS[0])
        self.settle()

    # --- what is done -----------------------------------------------------------------

    def ready(self, method: str) -> str:
        """Wait where one must or wants to, and return the fault that a write will meet."""
        fault = self.faults.pop(method, "")
        if fault or self.is_patient:
            self.settle()
        return fault

    def write(self, method: str, path: str, body: Any, fault: str, refused: frozenset[str]) -> bool:
        """Send a write, and tell whether it took effect; the answer must be as it must be."""
        try:
            response = self.ask(method, path, body)
        except ConnectionDroppedError:
            return fault == "after" and not refused
        if fault == "error":
            assert response.code == "InternalServerError"
            return False
        if fault:
            self.ask("DELETE", "/_simulator/faults")
        if response.status < 400:
            assert not refused, (method, path, response.status, refused)
            return True
        code = response.code
        if code in _BUSY and not self.is_settled:
            return False
        in_use = IN_USE in refused and response.status in (400, 409)
        assert in_use or code in refused, (method, path, response.raw, refused)
        return False

    def put(self, path: str, properties: Any, *references: str, **more: Any) -> bool:
        """Put a resource; the model has it then, with what it refers to."""
        used, fault = frozenset(references), self.ready("PUT")
        body = {"properties": properties, **more}
        if not self.write("PUT", path, body, fault, self.plain.why_no_put(path, used)):
            return False
        self.is_settled = False
        self.plain.put(path, used)
        self._ends(path, fault)
        return True

    def _ends(self, path: str, fault: str) -> None:
        """Note how a write must end; one that had nothing to do has ended well already."""
        if "networkManagers" not in path:
            fails = fault == "provisioning" and self._state(path) == "Updating"
            self.ended[path] = "Failed" if fails else "Succeeded"

    def _state(self, path: str) -> str:
        return str(self.ask("GET", path).body["properties"]["provisioningState"])

    @rule(name=st.sampled_from(_NETWORKS), kept=st.sets(st.integers(0, 2)))
    def put_network(self, name: str, kept: set[int]) -> None:
        """Put a network: subnets that its body does not list are gone."""
        path = f"virtualNetworks/{name}"
        listed = [f"{path}/subnets/s{n}" for n in sorted(kept)]
        subnets = [
            {"name": item[-2:], "properties": {"addressPrefix": _prefix(item)}} for item in listed
        ]
        properties = {"addressSpace": {"addressPrefixes": [_prefix(path)]}, "subnets": subnets}
        if self.put(path, properties, location="westeurope"):
            for item in list(self.plain.children(f"{path}/subnets")):
                self.plain.remove(item)
                self.ended.pop(item, None)
            for item in listed:
                self.plain.put(item)

    @rule(path=st.sampled_from(_SUBNETS), used=st.sets(st.sampled_from(_USED)))
    def put_subnet(self, path: str, used: set[str]) -> None:
        """Put a subnet; the table and the security group that it uses must be there."""
        properties: dict[str, Any] = {"addressPrefix": _prefix(path)}
        names = {"routeTables": "routeTable", "networkSecurityGroups": "networkSecurityGroup"}
        by_name = {names[item.split("/")[0]]: item for item in sorted(used)}
        properties |= {name: _reference(item) for name, item in by_name.items()}
        self.put(path, properties, *by_name.values())

    @rule(path=st.sampled_from([*_USED, *_ADDRESSES]), tag=st.sampled_from("xy"))
    def put_top(self, path: str, tag: str) -> None:
        """Make or tag a table, a security group or a public address."""
        standard = {"publicIPAllocationMethod": "Static"} if path in _ADDRESSES else {}
        sku = {"sku": {"name": "Standard"}} if path in _ADDRESSES else {}
        self.put(path, standard, location="westeurope", tags={"tag": tag}, **sku)

    @rule(pair=st.sampled_from(_PAIRS), forwards=st.booleans())
    def put_peering(self, pair: tuple[str, str], *, forwards: bool) -> None:
        """Make one side of a peering."""
        remote = _reference(f"virtualNetworks/{pair[1]}")
        body = {"properties": {"remoteVirtualNetwork": remote, "allowForwardedTraffic": forwards}}
        path, fault = peering_path(pair), self.ready("PUT")
        if self.write("PUT", path, body, fault, self.plain.why_no_peering(pair)):
            self.is_settled = False
            self.plain.peer(pair)
            self._ends(path, fault)

    @rule(data=st.data())
    @precondition(lambda self: self.plain.peerings)
    def peer_back(self, data: st.DataObject) -> None:
        """Make the other side of a peering."""
        pair = data.draw(st.sampled_from(sorted(self.plain.peerings)))
        self.put_peering(pair[::-1], forwards=False)

    @rule(data=st.data())
    @precondition(lambda self: self.plain.peerings)
    def delete_peering(self, data: st.DataObject) -> None:
        """Delete one side of a peering."""
        pair = data.draw(st.sampled_from(sorted(self.plain.peerings)))
        self.delete(peering_path(pair))

    @rule(path=st.sampled_from([*_GROUPS, *_MEMBERS]))
    def put_group_or_member(self, path: str) -> None:
        """Make a network group, or let a network be a member of one."""
        if path in _GROUPS:
            self.put(path, {"description": "a group"})
            return
        network = f"virtualNetworks/{path[-1]}"
        self.put(path, {"resourceId": f"{NETWORK}/{network}"}, network)

    @rule(path=st.sampled_from(_MESHES), group=st.sampled_from(_GROUPS))
    def put_mesh(self, path: str, group: str) -> None:
        """Make a mesh of a group."""
        self.put(path, a_mesh(group[-1])["properties"], group)

    @rule(meshes=st.sets(st.sampled_from(_MESHES)), region=st.sampled_from(_REGIONS))
    def commit(self, meshes: set[str], region: str) -> None:
        """Replace the goal state of a region."""
        chosen, fault = sorted(meshes), self.ready("POST")
        body = {
            "commitType": "Connectivity",
            "targetLocations": [region],
            "configurationIds": [f"{NETWORK}/{item}" for item in chosen],
        }
        missing = not set(chosen) <= set(self.plain.there)
        refused = frozenset({"InvalidResourceReference"} if missing else ())
        if self.write("POST", f"{MANAGER}/commit", body, fault, refused):
            self.is_settled = False
            self.plain.goals[region] = tuple(chosen)

    @rule(path=st.sampled_from(_USED))
    def delete_used(self, path: str) -> None:
        """Delete a table or a security group, which subnets may use."""
        self.delete(path)

    @precondition(lambda self: bool(set(self.plain.there) - {MANAGER}))
    @rule(data=st.data())
    def delete_one(self, data: st.DataObject) -> None:
        """Delete something that is there."""
        self.delete(data.draw(st.sampled_from(sorted(set(self.plain.there) - {MANAGER}))))

    @rule(path=st.sampled_from(_PATHS))
    def delete(self, path: str) -> None:
        """Delete something that is there, or was, or never was."""
        fault = self.ready("DELETE")
        fails = fault == "provisioning" and "networkManagers" not in path
        known = path in self.plain.there
        if self.write("DELETE", path, None, fault, self.plain.why_no_delete(path)) and known:
            self.is_settled = False
            self.leaving.setdefault(path, fails)
            self._learn()

    @rule(
        fault=st.sampled_from(["error", "before", "after", "provisioning"]),
        method=st.sampled_from(["PUT", "DELETE"]),
        data=st.data(),
    )
    @precondition(lambda self: not self.faults)
    def something_will_fail(self, fault: str, method: str, data: st.DataObject) -> None:
        """Let a write fail, get no answer or end badly."""
        self.ask("DELETE", "/_simulator/faults")
        given: dict[str, Any] = {"method": method}
        if fault in ("before", "after"):
            given["drop"] = fault
        elif fault == "provisioning":
            given["when"] = fault
        assert self.ask("POST", "/_simulator/faults", given).status == 200
        self.faults = {method: fault}
        if method == "DELETE":
            self.delete_one(data)
        else:
            path, used = data.draw(st.sampled_from(_SUBNETS)), st.sets(st.sampled_from(_USED))
            self.put_subnet(path, data.draw(used))

    # --- what passes ------------------------------------------------------------------

    @rule(patient=st.booleans())
    def change_patience(self, *, patient: bool) -> None:
        """Wait for the end of everything before each write, or for nothing."""
        self.is_patient = patient

    @rule(seconds=st.floats(0.1, 20))
    def wait(self, seconds: float) -> None:
        """Let a little time pass."""
        self.clock.advance(seconds)
        self._learn()

    @rule()
    def settle(self) -> None:
        """Let everything end that is under way: it does, and as it must."""
        self.clock.advance(A_WHILE)
        self.world.timeline.settle()
        self._learn()
        assert [path for path, fails in self.leaving.items() if not fails] == []
        self.ended |= dict.fromkeys(self.leaving, "Failed")
        self.leaving.clear()
        for path, state in self.ended.items():
            assert self._state(path) == state, path
        self.is_settled = True
        told = facts(self.world)
        assert (told["busy"], told["due"]) == ({}, [])
        assert {item["status"] for item in told["operations"].values()} <= {"Succeeded", "Failed"}
        self._compare_goals()

    def _learn(self) -> None:
        """Find out which deletes have ended; what that means the model knows."""
        for path in sorted(self.leaving):
            if self.ask("GET", path).status == 404:
                assert not self.leaving.pop(path), f"the delete of {path} was to fail"
                self.plain.remove(path)
                self.ended = {
                    item: self.ended[item] for item in self.ended if item in self.plain.there
                }

    def _compare_goals(self) -> None:
        told = self.ask("POST", f"{MANAGER}/listDeploymentStatus", {}).body["value"]
        wanted = {
            region: [f"{NETWORK}/{path}" for path in goal]
            for region, goal in self.plain.goals.items()
            if goal
        }
        assert {item["region"]: item["configurationIds"] for item in told} == wanted
        assert {item["deploymentStatus"] for item in told} <= {"Deployed"}

    @rule(torn=st.booleans())
    def restart(self, *, torn: bool) -> None:
        """Start again from the folder, perhaps after a kill in the middle of a write."""
        self.world.timeline.settle()
        before = facts(self.world)
        self.serving.close()
        if torn:
            with (self.folder / "journal.jsonl").open("a") as file:
                file.write('{"at": 3, "method": "DEL')
        self._serve()
        self.world.timeline.settle()
        assert differences(before, facts(self.world)) == []

    # --- what is always true ----------------------------------------------------------

    @invariant()
    def what_was_acknowledged_is_there(self) -> None:
        """No more and no less, each as its list says."""
        listed: dict[str, Any] = {}
        collections = {path.rpartition("/")[0] for path in _PATHS}
        for collection in sorted(collections):
            owner = collection.rpartition("/")[0]
            if owner and owner not in self.plain.there:
                continue
            for item in self.ask("GET", collection).body["value"]:
                listed[f"{collection}/{item['name']}"] = item
        assert set(listed) == set(self.plain.there) - {MANAGER}
        for path, item in listed.items():
            if "networkManagers" not in path:
                assert self.ask("GET", path).body == item

    @invariant()
    def peerings_mirror_each_other(self) -> None:
        """Both sides connected, or one that waits or has lost its partner."""
        for pair, state in self.plain.peerings.items():
            shown = self.ask("GET", peering_path(pair)).body["properties"]["peeringState"]
            assert shown == state, (pair, shown, state)

    @invariant()
    def nobody_is_without_a_parent_or_what_it_uses(self) -> None:
        """See that what is in use has not vanished."""
        for kind in self.world.providers:
            for item in self.world.store.of_type(kind):
                parent = item.id.parent
                assert parent is None or self.world.store.get(parent.key), item.key
                if kind.endswith("/subnets"):
                    assert all(self.world.store.get(key) for key in item.references), item.key

    @invariant()
    def another_content_has_another_etag(self) -> None:
        """So that a client that compares etags misses no change."""
        now = {}
        for provider in self.world.providers.values():
            for item in self.world.store.of_type(provider.type):
                shares = provider.is_child and provider.family.shares_etags
                owner = self.world.store.get(item.id.root.key) if shares else item
                etag = owner.etag if owner else ""
                now[item.key] = (etag, (item.properties, item.tags))
                before = self.content.get(item.key)
                if etag and before is not None and before[0] == etag:
                    assert before[1] == now[item.key][1], item.key
        self.content = now


TestLifeOfAWorld = LifeOfAWorld.TestCase
TestLifeOfAWorld.settings = settings(
    # A sample in every run; `make soak` asks for more.
    max_examples=int(os.environ.get("ORRERY_EXAMPLES", "10")),
    stateful_step_count=_STEPS,
    deadline=None,
    derandomize="ORRERY_EXAMPLES" not in os.environ,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)
