"""Policy assignments: they put the definitions into effect, in each subscription."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from topology.kind import Kind, Ownership, Resource, Severity, Stage
from topology.limits import ASSIGNMENTS
from topology.naming import joined_group
from topology.network import Hub, Network
from topology.ownership import our_description
from topology.recorded import Seconds


def expand(network: Network) -> Iterable[Resource]:
    """Yield an assignment for each definition, of the same name.

    Without one a definition does nothing (facts.md section 1). Networks join a region's
    routes when they are in the groups of their environments, as our own spokes do.
    """
    if network.takes_in:
        for hub in network.hubs:
            for subscription in network.used_subscriptions:
                yield from _of_region(network, hub, subscription)


def _of_region(network: Network, hub: Hub, subscription: str) -> Iterator[Resource]:
    environments = [f"{name}-{hub.region}" for name in network.grouped]
    for serves in environments:
        yield _assignment(network, hub, (serves, subscription), Stage.SECURITY, ())
    joined = (joined_group(hub.region), subscription)
    yield _assignment(network, hub, joined, Stage.ROUTING, environments)


def _assignment(
    network: Network, hub: Hub, of: tuple[str, str], stage: Stage, after: Iterable[str]
) -> Resource:
    """Return the assignment of the definition that serves something in a subscription."""
    names, subscription = network.names, of[1]
    return Resource(
        kind=KIND.name,
        id=names.assignment_id(*of),
        region=hub.region,
        stage=stage,
        body={
            "properties": {
                "description": our_description(network.topology.topology, hub.region),
                "policyDefinitionId": names.definition_id(*of),
                # Networks are not added while it reads DoNotEnforce (facts.md section 1).
                "enforcementMode": "Default",
            }
        },
        needs=frozenset(names.assignment_id(other, subscription) for other in after),
    )


KIND = Kind(
    name="policy-assignment",
    arm_type="Microsoft.Authorization/policyAssignments",
    client="policy",
    operations="policy_assignments",
    # It holds those of the management groups above, and of what lies in the subscription too:
    # all that applies there ("Policy Assignments - List").
    list_method="list",
    owned_by=Ownership.DESCRIPTION,
    expand=expand,
    read_only=frozenset({"systemData", "instanceId", "scope"}),
    assigns="policy-definition",
    takes_scope=True,
    severity={"*": Severity.CRITICAL},
    # "A few minutes" until the networks are members (facts.md section 1).
    seconds=Seconds(create=180, delete=3, assumed=True),
    limits=(ASSIGNMENTS,),
)
