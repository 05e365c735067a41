"""Run in a process of its own by `test_server`: the real clients, led by the environment alone."""

import asyncio
import os
import sys

from azure.identity.aio import DefaultAzureCredential
from azure.mgmt.network import models
from azure.mgmt.network.aio import NetworkManagementClient


async def main() -> None:
    """Make a network in the group `rg` and tell what came of it."""
    endpoint = os.environ["ORRERY_ARM_ENDPOINT"]
    subscription = os.environ["AZURE_SUBSCRIPTION_ID"]
    scopes = ["https://management.azure.com/.default"]
    async with (
        DefaultAzureCredential() as credential,
        NetworkManagementClient(
            credential, subscription, base_url=endpoint, credential_scopes=scopes
        ) as network,
    ):
        body = models.VirtualNetwork(
            {
                "location": "westeurope",
                "properties": {
                    "addressSpace": {"addressPrefixes": ["10.0.0.0/16"]},
                    "subnets": [{"name": "a", "properties": {"addressPrefix": "10.0.0.0/24"}}],
                },
            }
        )
        poller = await network.virtual_networks.begin_create_or_update("rg", "hub", body)
        made = await poller.result()
        sys.stdout.write(f"{made.provisioning_state} {[item.name for item in made.subnets or []]}")


if __name__ == "__main__":
    asyncio.run(main())
