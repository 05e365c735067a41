"""Signing in, and giving a second principal a right and taking it away."""

import base64
import json
import time

from tests.contract.az.client import GUEST, GUEST_OBJECT, GUEST_SECRET, Az


def sign_in(az: Az) -> None:
    """Sign the operator in, after a wrong secret and a wrong application."""
    identity, secret = az.environment["AZURE_CLIENT_ID"], az.environment["AZURE_CLIENT_SECRET"]
    az.refused(az.login(identity, "guess"), "AADSTS7000215")
    az.refused(az.login("00000000-0000-4000-8000-00000000ffff", secret), "AADSTS700016")
    subscriptions = az(az.login(identity, secret))
    wanted = az.environment["AZURE_SUBSCRIPTION_ID"]
    az.check("the subscription", [item["id"] for item in subscriptions], [wanted])


def sign_in_as_a_pipeline(az: Az) -> None:
    """Sign in with the token of an issuer that the operator trusts, and with one it does not."""
    tenant, identity = az.environment["AZURE_TENANT_ID"], az.environment["AZURE_CLIENT_ID"]
    login = f"login --service-principal --username {identity} --tenant {tenant} --federated-token"
    az.refused(f"{login} {_token('repo:example/other:ref:refs/heads/main')}", "AADSTS700213")
    az(f"{login} {_token('repo:example/network:ref:refs/heads/main')}")
    az.check("who it is", az("account show")["user"]["name"], identity)
    az("logout")


def _token(subject: str) -> str:
    """Return what a pipeline's issuer would sign."""
    claims = {
        "iss": "https://token.actions.githubusercontent.com",
        "sub": subject,
        "aud": "api://AzureADTokenExchange",
        "exp": time.time() + 300,
    }
    content = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"e30.{content}.signature"


def share_with_a_reader(az: Az, guest: Az) -> None:
    """Let the guest read the group, and see that this is all it can."""
    guest.refused(guest.login(GUEST, GUEST_SECRET), "No subscriptions found")
    scope = f"/subscriptions/{az.environment['AZURE_SUBSCRIPTION_ID']}/resourceGroups/rg"
    made = az(
        f"role assignment create --role Reader --scope {scope} "
        f"--assignee-object-id {GUEST_OBJECT} --assignee-principal-type ServicePrincipal"
    )
    az.check("who was given it", made["principalId"], GUEST_OBJECT)
    listed = az(f"role assignment list --scope {scope} --fill-principal-name false")
    az.check("the assignments", [item["roleDefinitionName"] for item in listed], ["Reader"])
    guest(guest.login(GUEST, GUEST_SECRET))
    guest.check("what it sees", len(guest("network vnet list")), 2)
    guest.refused("network vnet delete -g rg -n spoke", "AuthorizationFailed")
    guest.refused("network nsg create -g rg -n more", "AuthorizationFailed")
    az(f"role assignment delete --ids {made['id']}")
    guest.refused("network vnet show -g rg -n hub", "AuthorizationFailed")
