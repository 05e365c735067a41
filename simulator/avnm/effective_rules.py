"""Which security admin rules work on a network (facts.md section 3)."""

from collections.abc import Iterator
from typing import Any

from simulator.arm.store import Resource
from simulator.arm.world import World
from simulator.avnm.deployments import Deployment, deployments_in_order
from simulator.avnm.membership import counts_in
from simulator.avnm.snapshots import Part
from simulator.avnm.types import SUBNET

# Configuration, collection, rule.
Found = tuple[Part, Part, Part]

# What lives in subnets delegated to these keeps admin rules off the whole network, unless
# the configuration says otherwise.
_INTENT_POLICY_SERVICES = frozenset(
    {"microsoft.sql/managedinstances", "microsoft.databricks/workspaces"}
)


def admin_rules_of(world: World, network: Resource) -> Iterator[Found]:
    """Yield the admin rules on a network in the order in which they are applied.

    Those of a manager with a higher scope come before all of a lower one (conflicts are
    resolved in its favour, also about services with network intent policies, if it reaches
    the network at all), and of one manager the lowest number comes first.
    """
    has_services = _has_intent_policy_services(world, network)
    option: str | None = None
    for deployment in on_network(world, network, "SecurityAdmin"):
        found = list(_reaching(world, deployment, network))
        if option is None and found:
            option = _service_option(deployment)
        for item in sorted(found, key=_priority):
            if not has_services or _is_applied(item[2], option or "None"):
                yield item


def on_network(world: World, network: Resource, kind: str) -> Iterator[Deployment]:
    """Yield what is in effect in a network's region, that of the winning manager first."""
    for deployments in deployments_in_order(world):
        found = deployments.in_effect(network.location or "", kind)
        if found is not None:
            yield found


def rules_of(deployment: Deployment) -> Iterator[Found]:
    """Yield all rules of a deployment."""
    for configuration in deployment.parts:
        for collection in configuration.parts:
            for rule in collection.parts:
                yield configuration, collection, rule


def is_in(world: World, part: Part, network: Resource) -> bool:
    """Tell whether a part applies to a network."""
    return any(counts_in(world, group, network) for group in part.groups)


def addresses(found: Found, side: str) -> list[str]:
    """Return a rule's sources or destinations, groups as the prefixes of the commit."""
    rule = found[2]
    return [
        prefix
        for item in rule.properties[side]
        for prefix in rule.addresses.get(item["addressPrefix"].lower(), [item["addressPrefix"]])
    ]


def _reaching(world: World, deployment: Deployment, network: Resource) -> Iterator[Found]:
    for configuration in deployment.parts:
        for collection in configuration.parts:
            if is_in(world, collection, network):
                yield from ((configuration, collection, rule) for rule in collection.parts)


def _priority(found: Found) -> int:
    return int(found[2].properties["priority"])


def _service_option(deployment: Deployment) -> str:
    """Return None, All or AllowRulesOnly: what the configuration says of such services."""
    for configuration in deployment.parts:
        given: list[str] = configuration.properties["applyOnNetworkIntentPolicyBasedServices"]
        if given:
            return given[0]
    return "None"


def _is_applied(rule: Part, option: str) -> bool:
    if option == "AllowRulesOnly":
        return bool(rule.properties["access"] == "Allow")
    return option == "All"


def _has_intent_policy_services(world: World, network: Resource) -> bool:
    return any(
        _service(item) in _INTENT_POLICY_SERVICES
        for subnet in world.store.children(network.key, SUBNET)
        for item in subnet.properties.get("delegations") or []
    )


def _service(delegation: dict[str, Any]) -> str:
    return str((delegation.get("properties") or {}).get("serviceName") or "").lower()
