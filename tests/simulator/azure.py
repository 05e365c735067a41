"""A short way to speak Resource Manager's language in a test."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

import httpx
from starlette.applications import Starlette

from simulator.clock import ManualClock
from simulator.identity import bearer_token
from simulator.management_groups import ManagementGroup
from simulator.settings import Settings

SUBSCRIPTION = f"/subscriptions/{Settings().subscription_ids[0]}"
GROUP = f"{SUBSCRIPTION}/resourceGroups/rg"
NETWORK = f"{GROUP}/providers/Microsoft.Network"
A_WHILE = 3600

# The root group's only child, which holds the subscription.
MANAGEMENT_GROUP = "/providers/Microsoft.Management/managementGroups/mg"
WITH_GROUP = Settings(
    management_groups=(ManagementGroup("mg", subscriptions=Settings().subscription_ids),)
)


@dataclass
class Azure:
    """The simulator in process; paths that do not start with a slash lie in the group `rg`."""

    client: httpx.AsyncClient
    clock: ManualClock

    async def ask(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> httpx.Response:
        """Send one request."""
        where, _, query = path.partition("?")
        if not where.startswith(("/", "https://")):
            where = f"{NETWORK}/{where}"
        params = dict(parse_qsl(query))
        return await self.client.request(method, where, json=body, headers=headers, params=params)

    async def get(self, path: str) -> Any:
        """Return the body of a GET that succeeds."""
        response = await self.ask("GET", path)
        assert response.status_code == 200, response.text
        return response.json()

    async def put(self, path: str, body: Any, **headers: str) -> httpx.Response:
        """Send a PUT."""
        names = {key.replace("_", "-"): value for key, value in headers.items()}
        return await self.ask("PUT", path, body, names)

    async def delete(self, path: str) -> httpx.Response:
        """Send a DELETE."""
        return await self.ask("DELETE", path)

    async def made(self, path: str, body: Any) -> Any:
        """Put a resource, let its operation end, and return what a GET then shows."""
        response = await self.put(path, body)
        assert response.status_code in (200, 201, 202), response.text
        self.clock.advance(A_WHILE)
        return await self.get(path)

    async def gone(self, path: str) -> None:
        """Delete a resource and let its operation end."""
        response = await self.delete(path)
        assert response.status_code in (200, 202), response.text
        self.clock.advance(A_WHILE)

    async def poll(self, response: httpx.Response) -> httpx.Response:
        """Ask how the operation of a write stands."""
        return await self.client.request("GET", response.headers["azure-asyncoperation"])


def signed_in(
    app: Starlette, token: str | None = None, version: str = "2026-03-01"
) -> httpx.AsyncClient:
    """Return a client of a simulator in process that sends an api-version, and a token.

    It is the operator's unless another is given.
    """
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app),
        base_url="https://localhost",
        headers={"Authorization": f"Bearer {token or bearer_token(Settings())}"},
        params={"api-version": version},
    )


def code_of(response: httpx.Response) -> str:
    """Return the code of an error."""
    return str(response.json()["error"]["code"])


def a_network(prefix: str = "10.0.0.0/16", **subnets: str) -> dict[str, Any]:
    """Return the body of a virtual network with subnets given as name="prefix"."""
    return {
        "location": "westeurope",
        "properties": {
            "addressSpace": {"addressPrefixes": [prefix]},
            "subnets": [
                {"name": name, "properties": {"addressPrefix": value}}
                for name, value in subnets.items()
            ],
        },
    }


def a_peering(remote: str) -> dict[str, Any]:
    """Return the body of a peering with a network of the group."""
    return {"properties": {"remoteVirtualNetwork": {"id": f"{NETWORK}/virtualNetworks/{remote}"}}}


def a_nic(network: str, subnet: str = "a", **changes: Any) -> dict[str, Any]:
    """Return the body of a network interface; `changes` are of its one ipConfiguration."""
    where = {"subnet": {"id": f"{NETWORK}/virtualNetworks/{network}/subnets/{subnet}"}}
    return {
        "location": "westeurope",
        "properties": {"ipConfigurations": [{"name": "ip", "properties": {**where, **changes}}]},
    }


def a_table(*routes: tuple[str, str]) -> dict[str, Any]:
    """Return the body of a route table with routes given as (prefix, next hop type)."""
    return {
        "location": "westeurope",
        "properties": {
            "routes": [
                {"name": f"r{n}", "properties": {"addressPrefix": prefix, "nextHopType": hop}}
                for n, (prefix, hop) in enumerate(routes)
            ]
        },
    }


def an_address(**changes: Any) -> dict[str, Any]:
    """Return the body of a public address fit for a firewall."""
    return {
        "location": "westeurope",
        "sku": {"name": "Standard"},
        "properties": {"publicIPAllocationMethod": "Static"},
        **changes,
    }


def a_policy(tier: str = "Premium", **properties: Any) -> dict[str, Any]:
    """Return the body of a firewall policy."""
    return {"location": "westeurope", "properties": {"sku": {"tier": tier}, **properties}}


def a_rule_group(priority: int = 200) -> dict[str, Any]:
    """Return the body of a rule collection group with one network rule."""
    rule = {
        "ruleType": "NetworkRule",
        "name": "any",
        "ipProtocols": ["Any"],
        "sourceAddresses": ["10.0.0.0/8"],
        "destinationAddresses": ["10.0.0.0/8"],
        "destinationPorts": ["*"],
    }
    collection = {
        "name": "allow",
        "priority": 100,
        "ruleCollectionType": "FirewallPolicyFilterRuleCollection",
        "action": {"type": "Allow"},
        "rules": [rule],
    }
    return {"properties": {"priority": priority, "ruleCollections": [collection]}}


def a_firewall(network: str = "hub", address: str = "pip", tier: str = "Premium") -> dict[str, Any]:
    """Return the body of a firewall under the policy `policy`."""
    subnet = f"{NETWORK}/virtualNetworks/{network}/subnets/AzureFirewallSubnet"
    properties = {
        "subnet": {"id": subnet},
        "publicIPAddress": {"id": f"{NETWORK}/publicIPAddresses/{address}"},
    }
    return {
        "location": "westeurope",
        "properties": {
            "sku": {"name": "AZFW_VNet", "tier": tier},
            "firewallPolicy": {"id": f"{NETWORK}/firewallPolicies/policy"},
            "ipConfigurations": [{"name": "ipconfig", "properties": properties}],
        },
    }
