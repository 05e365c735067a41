"""The addresses and ports of a security rule: what Azure reads in them.

The forms are those of the swagger's descriptions; codes and words are `assumed`.
"""

from ipaddress import ip_network

from simulator.arm.draft import Draft
from simulator.arm.errors import ArmError, invalid_request

_SIDES = ("source", "destination")
_HIGHEST_PORT = 65535


def check(rule: Draft) -> None:
    """Refuse a rule whose addresses or ports say nothing, or nothing Azure understands."""
    for side in _SIDES:
        groups = rule.properties.get(f"{side}ApplicationSecurityGroups") or []
        prefixes = _values(rule, f"{side}AddressPrefix", f"{side}AddressPrefixes")
        ports = _values(rule, f"{side}PortRange", f"{side}PortRanges")
        if not (prefixes or groups) or not ports:
            what = f"{side} ports" if prefixes or groups else f"{side} addresses"
            raise _refused(rule, f"has no {what}", "SecurityRuleMissingRequiredProperty")
        for prefix in prefixes:
            if not _is_prefix(prefix):
                why = f"has invalid address prefix. Value provided: {prefix}"
                raise _refused(rule, why, "SecurityRuleInvalidAddressPrefix")
        for port in ports:
            if not _is_port_range(port):
                why = f"has invalid port range. Value provided: {port}"
                raise _refused(rule, why, "SecurityRuleInvalidPortRange")


def _values(rule: Draft, one: str, many: str) -> list[str]:
    single = rule.properties.get(one)
    return [str(item) for item in ([single] if single else rule.properties.get(many) or [])]


def _is_prefix(text: str) -> bool:
    """Tell whether a text is a star, a service tag, an address or a prefix.

    A number is an address in its oldest notation (recorded: "1234", test_network_nsg).
    """
    is_tag = text[:1].isalpha() and ":" not in text and "/" not in text
    if text == "*" or is_tag or text.isdigit():
        return True
    try:
        ip_network(text, strict=False)
    except ValueError:
        return False
    return True


def _is_port_range(text: str) -> bool:
    """Tell whether a text is a star, a port, or two ports that go up."""
    if text == "*":
        return True
    first, is_range, last = text.partition("-")
    ends = [first, last] if is_range else [first]
    if not all(end.isdigit() and int(end) <= _HIGHEST_PORT for end in ends):
        return False
    return int(ends[0]) <= int(ends[-1])


def _refused(rule: Draft, why: str, code: str) -> ArmError:
    return invalid_request(f"Security rule {rule.name} {why}.", code)
