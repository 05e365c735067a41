"""Names in place of Orrery's own: templates at three levels, each giving what Azure takes."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from tests.builders import a_network, a_topology
from topology.reading import TopologyError, parse
from topology.resources import wanted

BY_HAND = {
    "global_group": "network",
    "resource_group": "network-{region}",
    "hub": "{region}-hub",
    "spoke": "{region}-{spoke}",
    "subnet": "{subnet}",
    "firewall": "fw.{region}",
    "firewall_ip_configuration": "configuration",
    "public_address": "fw.{region}_ip",
    "route_table": "fw.{region}_routes",
    "security_group": "{region}-{spoke}-rules",
    "peering_to_hub": "{spoke}_up",
    "peering_to_spoke": "{spoke}_down",
    "dns_link": "{network}",
    "policy": "firewalls",
    "region_policy": "firewalls.{region}",
    "manager": "manager",
}


def test_every_name_of_a_network_may_be_given() -> None:
    """Nothing that stands in Azure's lists keeps a name of Orrery's own but for AVNM's parts."""
    network = a_network(names=BY_HAND)

    own = [item for item in wanted(network) if "sample" in item.id.lower()]
    assert {item.kind for item in own} <= {
        "private-dns-zone",  # named by `dns_zone`
        "private-dns-link",  # below it
        "rule-collection-group",
        "static-member",
    }


def test_the_innermost_name_counts() -> None:
    """A spoke before its region, the region before the topology."""
    spokes: dict[str, Any] = {"prod": {"names": {"spoke": "legacy"}}, "nonprod": {}}
    regions = {"eastus": {"spokes": spokes}, "westus": {"names": {"spoke": "west-{spoke}"}}}
    names = a_network(names={"spoke": "{spoke}-{region}"}, regions=regions).names

    assert names.vnet_name("eastus", "prod") == "legacy"
    assert names.vnet_name("eastus", "nonprod") == "nonprod-eastus"
    assert names.vnet_name("westus", "prod") == "west-prod"


def test_a_spoke_may_stand_in_a_group_of_its_own() -> None:
    """And share it with other spokes of its region; the hub keeps that of the region."""
    mine = {"names": {"resource_group": "spokes-{region}"}}
    network = a_network("eastus", spokes={"prod": mine, "nonprod": mine})

    groups = [item.id for item in wanted(network) if item.kind == "resource-group"]
    assert [name.rsplit("/", 1)[-1] for name in groups] == [
        "rg-sample-global",
        "rg-sample-eastus",
        "spokes-eastus",
    ]
    assert network.names.vnet_id("eastus", "prod").startswith(groups[-1])


def test_a_subnet_may_have_a_name_of_its_own() -> None:
    """Where no template can say it."""
    subnets = {"workload": {"name": "WebTier"}, "more": {}}
    names = a_network(spokes={"prod": {"subnets": subnets}}).names

    assert names.subnet_name("eastus", "prod", "workload") == "WebTier"
    assert names.subnet_name("eastus", "prod", "more") == "snet-sample-more"


def test_subnets_without_a_name_of_ours_are_named_by_a_tag_of_their_network() -> None:
    """There is no state file: Azure itself says which of a network's subnets are ours."""
    spokes = {"prod": {"subnets": {"web": {"name": "web"}, "db": {"name": "data"}, "own": {}}}}
    network = a_network("eastus", spokes=spokes)
    spoke = network.names.vnet_id("eastus", "prod")

    (found,) = (item for item in wanted(network) if item.id == spoke)
    assert found.body["tags"]["orrery-subnets"] == "data web"


WRONG = {
    "no placeholder of ours": ({"names": {"hub": "hub-{place}"}}, r"\{place\}, which stands for"),
    "half a placeholder": ({"names": {"hub": "hub-{region"}}, "is no template"),
    "a character": ({"names": {"hub": "hub {region}"}}, "a character that Azure takes in no name"),
    "what there is not": ({"names": {"hub": "{spoke}-{region}"}}, "the hub of eastus has no spoke"),
    "one for all": ({"names": {"resource_group": "rg"}}, "would both be named"),
    "spoke as the hub": (
        {"names": {"hub": "net-{region}", "spoke": "NET-{region}"}},
        "the spoke of prod eastus and the hub of eastus would both be named",
    ),
    "too long": ({"names": {"firewall": "f" * 60 + "{region}"}}, "up to 56 letters"),
    "its end": ({"names": {"policy": "policy-"}}, "no dot or dash last"),
}


@pytest.mark.parametrize(("fields", "message"), list(WRONG.values()), ids=list(WRONG))
def test_a_name_that_azure_does_not_take_is_refused(fields: dict[str, Any], message: str) -> None:
    """Before anything is asked of Azure."""
    with pytest.raises(ValidationError, match=message):
        a_topology(**fields)


def test_the_error_names_the_line_of_the_template() -> None:
    """That of the region, where the region has it."""
    text = (
        "topology: sample\nsubscription: 00000000-0000-4000-8000-000000000001\nhome: eastus\n"
        "dns_zone: sample.internal\nregions:\n  eastus:\n    names:\n"
        "      hub: vnet-east\n      spoke: vnet-east\n"
    )
    told = r"net.yaml:9: regions\.eastus\.names\.spoke: .+ and the hub of eastus would both"
    with pytest.raises(TopologyError, match=told):
        parse(text, "net.yaml")
