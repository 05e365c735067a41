"""A hub and a spoke with all that belongs to them: built, shown and taken down with az."""

from typing import Any

from tests.contract.az.client import Az

_FIREWALL = "2024-10-01"
_MANAGER = "2024-05-01"


def _path(az: Az, kind: str, name: str = "") -> str:
    """Return the path of a resource of the group `rg`."""
    subscription = az.environment["AZURE_SUBSCRIPTION_ID"]
    base = f"/subscriptions/{subscription}/resourceGroups/rg/providers/Microsoft.Network/{kind}"
    return f"{base}/{name}" if name else base


def build_networks(az: Az) -> None:
    """Make two networks and peer them, from both sides."""
    group = az("group create --name rg --location westeurope --tags owner=az")
    az.check("the group", group["properties"]["provisioningState"], "Succeeded")
    az.check("the group exists", az("group exists --name rg"), wanted=True)
    az(
        "network vnet create --resource-group rg --name hub --address-prefixes 10.0.0.0/16 "
        "--subnet-name AzureFirewallSubnet --subnet-prefixes 10.0.0.0/26"
    )
    # Without --location az asks the group where it is.
    made = az(
        "network vnet create -g rg -n spoke --address-prefixes 10.1.0.0/16 "
        "--subnet-name work --subnet-prefixes 10.1.0.0/24"
    )
    az.check("the spoke's state", made["newVNet"]["provisioningState"], "Succeeded")
    az.check("the spoke's region", made["newVNet"]["location"], "westeurope")
    for here, there in (("hub", "spoke"), ("spoke", "hub")):
        az(
            f"network vnet peering create -g rg -n to-{there} --vnet-name {here} "
            f"--remote-vnet {there} --allow-vnet-access --allow-forwarded-traffic"
        )
    states = [
        az(f"network vnet peering show -g rg -n {name} --vnet-name {network}")["peeringState"]
        for name, network in (("to-spoke", "hub"), ("to-hub", "spoke"))
    ]
    az.check("both sides of the peering", states, ["Connected", "Connected"])


def guard_the_spoke(az: Az) -> None:
    """Give the spoke's subnet a security group and a route table."""
    az("network nsg create -g rg -n guard")
    az(
        "network nsg rule create -g rg --nsg-name guard -n ssh --priority 300 --protocol Tcp "
        "--destination-port-ranges 22 --source-address-prefixes 10.0.0.0/8 --access Allow"
    )
    rules = az("network nsg rule list -g rg --nsg-name guard --include-default")
    az.check("the rules with Azure's own", len(rules), 7)
    az("network route-table create -g rg -n out")
    az(
        "network route-table route create -g rg --route-table-name out -n default "
        "--address-prefix 0.0.0.0/0 --next-hop-type VirtualAppliance "
        "--next-hop-ip-address 10.0.0.4"
    )
    subnet = az(
        "network vnet subnet update -g rg --vnet-name spoke -n work "
        "--network-security-group guard --route-table out"
    )
    ends = [subnet[key]["id"].rsplit("/", 1)[-1] for key in ("networkSecurityGroup", "routeTable")]
    az.check("what guards the subnet", ends, ["guard", "out"])
    az.refused("network nsg delete -g rg -n guard", "InUseNetworkSecurityGroupCannotBeDeleted")


def build_the_firewall(az: Az) -> None:
    """Make the firewall with its address and policy, and wait until it has deployed."""
    az("network public-ip create -g rg -n door --sku Standard --allocation-method Static")
    az.rest(
        "put",
        _path(az, "firewallPolicies", "rules"),
        _FIREWALL,
        {"location": "westeurope", "properties": {"sku": {"tier": "Standard"}}},
    )
    az("resource wait --created --ids " + _path(az, "firewallPolicies", "rules"))
    subnet = _path(az, "virtualNetworks", "hub") + "/subnets/AzureFirewallSubnet"
    properties = {
        "sku": {"name": "AZFW_VNet", "tier": "Standard"},
        "firewallPolicy": {"id": _path(az, "firewallPolicies", "rules")},
        "ipConfigurations": [
            {
                "name": "ipconfig",
                "properties": {
                    "subnet": {"id": subnet},
                    "publicIPAddress": {"id": _path(az, "publicIPAddresses", "door")},
                },
            }
        ],
    }
    path = _path(az, "azureFirewalls", "wall")
    made = az.rest("put", path, _FIREWALL, {"location": "westeurope", "properties": properties})
    az.check("the firewall at first", made["properties"]["provisioningState"], "Updating")
    az(f"resource wait --created --ids {path}")
    wall = az(f"resource show --ids {path}")["properties"]
    az.check("the firewall's address", _address(wall), "10.0.0.4")


def _address(firewall: dict[str, Any]) -> Any:
    return firewall["ipConfigurations"][0]["properties"]["privateIPAddress"]


def mesh_the_networks(az: Az) -> None:
    """Make a network manager, put both networks into a group, and commit a mesh of it."""
    subscription = az.environment["AZURE_SUBSCRIPTION_ID"]
    manager = _path(az, "networkManagers", "manager")
    scopes = {"subscriptions": [f"/subscriptions/{subscription}"]}
    properties: dict[str, Any] = {"networkManagerScopes": scopes}
    properties["networkManagerScopeAccesses"] = ["Connectivity"]
    az.rest("put", manager, _MANAGER, {"location": "westeurope", "properties": properties})
    group = f"{manager}/networkGroups/all"
    az.rest("put", group, _MANAGER, {"properties": {"description": "every network"}})
    for name in ("hub", "spoke"):
        member = {"properties": {"resourceId": _path(az, "virtualNetworks", name)}}
        az.rest("put", f"{group}/staticMembers/{name}", _MANAGER, member)
    mesh = f"{manager}/connectivityConfigurations/mesh"
    shape: dict[str, Any] = {"connectivityTopology": "Mesh", "appliesToGroups": []}
    shape["appliesToGroups"].append({"networkGroupId": group, "groupConnectivity": "None"})
    az.rest("put", mesh, _MANAGER, {"properties": shape})
    goal: dict[str, Any] = {"targetLocations": ["westeurope"], "commitType": "Connectivity"}
    az.rest("post", f"{manager}/commit", _MANAGER, {**goal, "configurationIds": [mesh]})
    az.check("what was committed", _deployed(az, manager), [mesh])
    effective = az.rest(
        "post",
        _path(az, "virtualNetworks", "spoke") + "/listNetworkManagerEffectiveConnectivity"
        "Configurations",
        _MANAGER,
        {},
    )
    az.check("what acts on the spoke", [item["id"] for item in effective["value"]], [mesh])


def _deployed(az: Az, manager: str) -> list[str]:
    """Return the configurations of the region once their deployment has ended."""
    asked = {"regions": ["westeurope"], "deploymentTypes": ["Connectivity"]}
    for _ in range(30):
        found = az.rest("post", f"{manager}/listDeploymentStatus", _MANAGER, asked)["value"]
        if found and found[0]["deploymentStatus"] == "Deployed":
            deployed: list[str] = found[0]["configurationIds"]
            return deployed
    return []


def show_everything(az: Az) -> None:
    """List what there is, in the ways that az has for it."""
    names = {item["name"] for item in az("resource list --resource-group rg")}
    wanted = {"hub", "spoke", "guard", "out", "door", "rules", "wall", "manager"}
    az.check("the resources", names, wanted)
    az.check("the networks", len(az("network vnet list -g rg")), 2)
    az.check("the subnets", len(az("network vnet subnet list -g rg --vnet-name hub")), 1)
    address = az("network public-ip show -g rg -n door")
    az.check("the address", bool(address["ipAddress"]), wanted=True)
    az.refused("network vnet show -g rg -n nothing", "ResourceNotFound")
    az.refused("network vnet create -g rg -n bad --address-prefixes 10.0.0.0/33", "10.0.0.0/33")
    usages = {item["name"]["value"]: item for item in az("network list-usages -l westeurope")}
    az.check("networks in use", int(usages["VirtualNetworks"]["currentValue"]), 2)
    provider = az("provider show --namespace Microsoft.Network")
    az.check("the provider", provider["registrationState"], "Registered")


def take_down(az: Az) -> None:
    """Undo it all: one by one what az has words for, the rest with the group."""
    manager = _path(az, "networkManagers", "manager")
    az.rest(
        "post",
        f"{manager}/commit",
        _MANAGER,
        {"targetLocations": ["westeurope"], "commitType": "Connectivity", "configurationIds": []},
    )
    az.rest("delete", f"{manager}?force=true", _MANAGER)
    az(f"resource delete --ids {_path(az, 'azureFirewalls', 'wall')}")
    az(f"resource delete --ids {_path(az, 'firewallPolicies', 'rules')}")
    az("network vnet peering delete -g rg -n to-spoke --vnet-name hub")
    left = az("network vnet peering show -g rg -n to-hub --vnet-name spoke")
    az.check("the other side", left["peeringState"], "Disconnected")
    az("network public-ip delete -g rg -n door")
    az("network vnet subnet update -g rg --vnet-name spoke -n work --remove routeTable")
    az("network route-table delete -g rg -n out")
    az("network vnet delete -g rg -n spoke")
    az("network vnet delete -g rg -n hub")
    az("network nsg delete -g rg -n guard")
    az("group delete --name rg --yes")
    az.check("the group exists", az("group exists --name rg"), wanted=False)
