"""Refusals of assignments and definitions, in the words users quote in issues."""

import re

from simulator.arm.errors import ArmError

_GUID = re.compile(r"[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)


def require_guid(name: str, what: str, code: str) -> None:
    """Raise the 400 of a name that is no GUID."""
    if _GUID.fullmatch(name) is None:
        message = f"The {what} ID '{name}' is not valid. The {what} ID must be a GUID."
        raise ArmError(400, code, message)


def no_assignment(name: str) -> ArmError:
    """Return the 404 of an assignment."""
    return ArmError(404, "RoleAssignmentNotFound", f"The role assignment '{name}' is not found.")


def no_definition(name: str, status: int = 404) -> ArmError:
    """Return the 404 of a definition, the 400 of one that is assigned."""
    plain = name.replace("-", "")
    message = f"The specified role definition with ID '{plain}' does not exist."
    return ArmError(status, "RoleDefinitionDoesNotExist", message)


def already_assigned(name: str) -> ArmError:
    """Return the 409 of the same role for the same principal at the same scope."""
    message = "The role assignment already exists."
    if name:
        message += f" The ID of the existing role assignment is {name.replace('-', '')}."
    return ArmError(409, "RoleAssignmentExists", message)


def not_updatable() -> ArmError:
    """Return the 400 of an assignment that would become another."""
    return ArmError(
        400,
        "RoleAssignmentUpdateNotPermitted",
        "Tenant ID, application ID, principal ID, and scope are not allowed to be updated.",
    )


def no_principal(object_id: str, tenant: str) -> ArmError:
    """Return the 400 of a principal that the tenant does not know (yet)."""
    return ArmError(
        400,
        "PrincipalNotFound",
        f"Principal {object_id.replace('-', '')} does not exist in the directory {tenant}. Check "
        "that you have the correct principal ID. If you are creating this principal and then "
        "immediately assigning a role, this error might be related to a replication delay. In this "
        "case, set the role assignment principalType property to a value, such as "
        "ServicePrincipal, User, or Group.  See https://aka.ms/docs-principaltype",
    )


def missing(name: str) -> ArmError:
    """Return the 400 of a body that lacks a property; its words are `assumed`."""
    return ArmError(400, "BadRequestFormat", f"The property '{name}' is required.")


def in_use(name: str) -> ArmError:
    """Return the 400 of a definition that is assigned."""
    return ArmError(
        400,
        "RoleDefinitionHasAssignments",
        f"There are existing role assignments referencing role (code: {name}).",
    )
