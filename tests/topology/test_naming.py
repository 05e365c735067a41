"""Every name is one that Azure takes.

Lengths and characters: "Naming rules and restrictions for Azure resources"
(Microsoft Learn).
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.builders import a_network
from tests.strategies import LONGEST
from topology.kind import Resource
from topology.naming import Names
from topology.network import Network
from topology.reading import read
from topology.regions import AZURE_REGIONS
from topology.resources import KINDS, wanted

ROOT = Path(__file__).parents[2]

# Letters, digits, dots, underscores and dashes; a letter or digit first, no dot or dash last.
_USUAL = re.compile(r"[a-zA-Z0-9]([a-zA-Z0-9._-]*[a-zA-Z0-9_])?")

_LONGEST_NAMES = {
    "commit": 260,  # no resource of Azure's: an id in the graph only
    "connectivity-configuration": 64,
    "firewall": 56,
    "firewall-policy": 80,
    "network-group": 64,
    "network-manager": 64,
    "network-security-group": 80,
    "peering": 80,
    "policy-assignment": 64,
    "policy-definition": 64,
    "private-dns-link": 80,
    "private-dns-zone": 253,
    "public-ip": 80,
    "remote-routes": 80,
    "resource-group": 90,
    "route-table": 80,
    "routing-collection": 64,
    "routing-configuration": 64,
    "routing-rule": 64,
    "rule-collection-group": 80,
    "security-admin-collection": 64,
    "security-admin-configuration": 64,
    "security-admin-rule": 64,
    "static-member": 64,
    "virtual-network": 64,
}


def _longest() -> Network:
    """Return the network whose every name is as long as a topology file may make it."""
    region = max(AZURE_REGIONS, key=len)
    other = "a" * 19
    return a_network(
        region,
        "eastus",
        topology=LONGEST,
        environments=[LONGEST, other],
        spokes={LONGEST: {"subnets": {LONGEST: {}}}, other: {}},
        egress=[{"name": LONGEST, "fqdns": ["*.example.com"]}],
        groups={"membership": "dynamic"},
    ).with_policies({f"{LONGEST}-{region}": 99, f"joined-{region}": 99})


def _example(name: str) -> Network:
    return read((ROOT / f"examples/{name}.yaml").read_text(), name, None)[0]


NETWORKS = {
    "globojava": _example("globojava"),
    "branch": _example("branch"),
    "landing-zones": _example("landing-zones"),
    "shared": _example("shared"),
    "longest": _longest(),
    "shortest": a_network(topology="ab", environments=["ab"]),
}
networks = pytest.mark.parametrize("network", list(NETWORKS.values()), ids=list(NETWORKS))


def _name(resource: Resource) -> str:
    return resource.name.split("#")[0]


def test_every_kind_has_a_longest_name() -> None:
    """A kind that is new must say here what Azure takes."""
    assert set(_LONGEST_NAMES) == {kind.name for kind in KINDS}


@networks
def test_no_name_is_longer_than_azure_takes(network: Network) -> None:
    """Azure refuses a longer one after minutes, when half of a region stands."""
    too_long = [
        (item.kind, item.name)
        for item in wanted(network)
        if len(_name(item)) > _LONGEST_NAMES[item.kind]
    ]

    assert too_long == []


@networks
def test_every_name_has_only_characters_that_azure_takes(network: Network) -> None:
    """The strictest of the rules holds for all kinds."""
    wrong = [item.name for item in wanted(network) if not _USUAL.fullmatch(_name(item))]

    assert wrong == []


@networks
def test_every_subnet_has_a_name_that_azure_takes(network: Network) -> None:
    """Subnets stand in the bodies of networks; Azure takes 80 characters."""
    names = [
        subnet["name"]
        for item in wanted(network)
        if item.kind == "virtual-network"
        for subnet in item.body["properties"]["subnets"]
    ]

    assert [name for name in names if len(name) > 80 or not _USUAL.fullmatch(name)] == []


@networks
def test_no_two_resources_share_a_name_in_their_parent(network: Network) -> None:
    """Ids are compared without case, as Azure compares them."""
    ids = [item.id.lower() for item in wanted(network)]

    assert sorted(set(ids)) == sorted(ids)


def test_names_of_globojava_are_the_cloud_adoption_frameworks() -> None:
    """The abbreviation comes first, the region last."""
    names = Names("globojava", "s")

    assert [
        names.group_name("westeurope"),
        names.group_name(None),
        names.vnet_name("westeurope", "prod"),
        names.firewall_name("westeurope"),
        names.public_ip_name("westeurope"),
        names.route_table_name("westeurope"),
        names.nsg_name("westeurope", "prod"),
        names.peering_name("westeurope", "hub", "prod"),
        names.policy_name,
        names.region_policy_name("eastus"),
        names.manager_name,
    ] == [
        "rg-globojava-westeurope",
        "rg-globojava-global",
        "vnet-globojava-prod-westeurope",
        "afw-globojava-westeurope",
        "pip-globojava-afw-westeurope",
        "rt-globojava-afw-westeurope",
        "nsg-globojava-prod-westeurope",
        "peer-globojava-hub-to-prod",
        "afwp-globojava",
        "afwp-globojava-eastus",
        "vnm-globojava",
    ]


def test_unknown_kind_of_configuration_is_an_error() -> None:
    """A manager has one configuration of each of three kinds."""
    with pytest.raises(KeyError):
        Names("globojava", "s").configuration_id("verifierWorkspaces")
