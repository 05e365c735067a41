"""Who may sign in: service principals, their secrets and whom they trust instead of one."""

from dataclasses import dataclass

from pydantic import ConfigDict


@dataclass(frozen=True)
class FederatedCredential:
    """A trust in tokens of another issuer, which take the place of a secret.

    Entra compares issuer, subject and audience by case (its notice of breaking changes,
    August 2024).
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    issuer: str
    subject: str
    audience: str = "api://AzureADTokenExchange"


@dataclass(frozen=True)
class Principal:
    """An application of the tenant, and its service principal.

    `name` is what Azure calls it in refusals and in `createdBy`, the client id where it is
    left empty. `role` is the built-in role that it has at the root of the tenant from the
    start, and so everywhere; a principal without one may sign in and do nothing.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    client_id: str
    object_id: str
    secret: str = ""
    name: str = ""
    role: str | None = None
    federated: tuple[FederatedCredential, ...] = ()

    @property
    def shown_name(self) -> str:
        """Return what Azure calls this principal."""
        return self.name or self.client_id


# A pipeline's own identity, which the operator's principal trusts from the start.
PIPELINE = FederatedCredential(
    "https://token.actions.githubusercontent.com", "repo:example/network:ref:refs/heads/main"
)
