"""Entra's refusals, by AADSTS number.

The texts are those that users of Entra quote in issues (Azure/login, MSAL,
azure-workload-identity) and Microsoft's list of error codes; where a status or an OAuth
error is not quoted anywhere it is said to be `assumed`.
"""

import uuid
from dataclasses import dataclass

from simulator.arm.call import Reply
from simulator.arm.world import World
from simulator.incoming import Request


@dataclass(eq=False)
class EntraError(Exception):
    """What Entra says no with; handlers raise it, the endpoint sends it."""

    number: int
    error: str
    status: int
    text: str

    def reply(self, world: World, request: Request) -> Reply:
        """Return the answer; its ids depend on what was asked and when, not on chance."""
        now = f"{world.clock.watch():%Y-%m-%d %H:%M:%SZ}"
        trace = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{self.text} {now}"))
        correlation = request.headers.get("client-request-id", trace)
        description = (
            f"AADSTS{self.number}: {self.text} Trace ID: {trace} Correlation ID: {correlation} "
            f"Timestamp: {now}"
        )
        body = {
            "error": self.error,
            "error_description": description,
            "error_codes": [self.number],
            "timestamp": now,
            "trace_id": trace,
            "correlation_id": correlation,
            "error_uri": f"{request.base_url}/error?code={self.number}",
        }
        return Reply(self.status, body)


_FEDERATION = "https://learn.microsoft.com/entra/workload-id/workload-identity-federation"


def unknown_tenant(tenant: str, error: str = "invalid_request") -> EntraError:
    """Return the refusal of a tenant; discovery calls the error `invalid_tenant`."""
    return EntraError(
        90002,
        error,
        400,
        f"Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are "
        "signing into the correct cloud. Check with your subscription administrator, this may "
        "happen if there are no active subscriptions for the tenant.",
    )


def malformed_tenant(tenant: str, error: str = "invalid_request") -> EntraError:
    """Return the refusal of what is neither a GUID nor a domain."""
    return EntraError(
        900023,
        error,
        400,
        f"Specified tenant identifier '{tenant}' is neither a valid DNS name, nor a valid "
        "external domain.",
    )


def missing_parameter(name: str) -> EntraError:
    """Return the refusal of a form that lacks a field."""
    text = f"The request body must contain the following parameter: '{name}'."
    return EntraError(900144, "invalid_request", 400, text)


def unsupported_grant(grant: str) -> EntraError:
    """Return the refusal of any grant but that of client credentials."""
    text = f"The app requested an unsupported grant type '{grant}'."
    return EntraError(70003, "unsupported_grant_type", 400, text)


def unknown_application(client_id: str, tenant: str) -> EntraError:
    """Return the refusal of a client id that the tenant does not have."""
    return EntraError(
        700016,
        "unauthorized_client",
        400,
        f"Application with identifier '{client_id}' was not found in the directory '{tenant}'. "
        "This can happen if the application has not been installed by the administrator of the "
        "tenant or consented to by any user in the tenant. You may have sent your authentication "
        "request to the wrong tenant.",
    )


def no_credential() -> EntraError:
    """Return the refusal of a request with neither secret nor assertion."""
    return EntraError(
        7000216,
        "invalid_client",
        401,
        "'client_assertion', 'client_secret' or 'request' is required for the "
        "'client_credentials' grant type.",
    )


def wrong_secret(client_id: str) -> EntraError:
    """Return the refusal of a secret, which it does not repeat."""
    return EntraError(
        7000215,
        "invalid_client",
        401,
        "Invalid client secret provided. Ensure the secret being sent in the request is the "
        "client secret value, not the client secret ID, for a secret added to app "
        f"'{client_id}'.",
    )


def expired_secret(client_id: str) -> EntraError:
    """Return the refusal of a secret whose time is over."""
    return EntraError(
        7000222,
        "invalid_client",
        401,
        f"The provided client secret keys for app '{client_id}' are expired. Visit the Azure "
        "portal to create new keys for your app: https://aka.ms/NewClientSecret, or consider "
        "using certificate credentials for added security: https://aka.ms/certCreds.",
    )


def bad_scope(scope: str) -> EntraError:
    """Return the refusal of a scope that is not `.../.default`."""
    return EntraError(
        1002012,
        "invalid_scope",
        400,
        f"The provided value for scope {scope} is not valid. Client credential flows must have a "
        "scope value with /.default suffixed to the resource identifier (application ID URI).",
    )


def unknown_resource(resource: str, tenant: str) -> EntraError:
    """Return the refusal of an audience that the tenant does not know."""
    return EntraError(
        500011,
        "invalid_resource",
        400,
        f"The resource principal named {resource} was not found in the tenant named {tenant}. "
        "This can happen if the application has not been installed by the administrator of the "
        "tenant or consented to by any user in the tenant. You might have sent your "
        "authentication request to the wrong tenant.",
    )


def malformed_assertion() -> EntraError:
    """Return the refusal of an assertion that is no JSON web token."""
    return EntraError(50027, "invalid_request", 400, "JWT token is invalid or malformed.")


def no_federation(client_id: str) -> EntraError:
    """Return the refusal of an assertion for an application that trusts nobody."""
    return EntraError(
        70025,
        "invalid_client",
        401,
        f"The client '{client_id}' has no configured federated identity credentials.",
    )


def unknown_issuer(issuer: str) -> EntraError:
    """Return the refusal of an issuer nobody trusts."""
    return _no_match(700211, f"issuer '{issuer}'", "")


def unknown_subject(subject: str) -> EntraError:
    """Return the refusal of a subject the trust is not about."""
    return _no_match(700213, f"subject '{subject}'", "")


def miswritten_subject(subject: str) -> EntraError:
    """Return the refusal of a subject that differs by case alone."""
    hint = (
        " The subject matches with case-insensitive comparison, but not with case-sensitive "
        "comparison."
    )
    return _no_match(7002138, f"subject '{subject}'", hint)


def unknown_audience(audience: str) -> EntraError:
    """Return the refusal of an assertion that was made for somebody else."""
    return _no_match(700212, f"audience '{audience}'", "")


def _no_match(number: int, what: str, hint: str) -> EntraError:
    return EntraError(
        number,
        "invalid_client",
        401,
        f"No matching federated identity record found for presented assertion {what}.{hint} "
        "Check your federated identity credential Subject, Audience and Issuer against the "
        f"presented assertion. {_FEDERATION}",
    )


def out_of_time(now: str, begins: str, ends: str) -> EntraError:
    """Return the refusal of an assertion that is too old, or too new."""
    return EntraError(
        700024,
        "invalid_client",
        401,
        "Client assertion is not within its valid time range. Current time: "
        f"{now}, assertion valid from {begins}, expiry time of assertion {ends}. Review the "
        "documentation at https://learn.microsoft.com/entra/identity-platform/"
        "certificate-credentials .",
    )
