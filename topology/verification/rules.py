"""Rules: who may talk to whom, by addresses, protocol and port; the first that matches decides.

Security groups, AVNM's admin rules and firewall policies are read into the same shape.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from topology.kind import Body
from topology.verification.addresses import EVERYTHING, address, is_in, tagged, unlisted, written

PROTOCOLS = ("tcp", "udp", "icmp", "other")
_ALL_PROTOCOLS = frozenset(PROTOCOLS)
ASKER = 50000  # an ephemeral port, such as askers send from unless they choose another
WEB_PORTS = (80, 443)
NO_NAME = "?"  # a pattern that no name has
_ALL_PORTS = (range(65536),)
_AROUND = "virtualnetwork"  # the service tag


@dataclass(frozen=True, slots=True)
class Traffic:
    """What is asked about: a protocol of PROTOCOLS, the port at the target, and perhaps a name.

    `name` is the one that an asker has in its TLS or HTTP request, `source_port` the one that it
    sends from.
    """

    protocol: str = "tcp"
    port: int = 443
    name: str = ""
    source_port: int = ASKER

    @property
    def is_web(self) -> bool:
        """Say whether it is what application rules, and built-in ones, are asked about."""
        return self.protocol == "tcp" and self.port in WEB_PORTS

    def __str__(self) -> str:
        has_ports = self.protocol in {"tcp", "udp"}
        port = f" {self.port}" if has_ports else ""
        chosen = f" from port {self.source_port}" if self.source_port != ASKER and has_ports else ""
        return f"{self.protocol}{port}{chosen}" + (f" to {self.name}" if self.name else "")


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule; `access` is Allow, AlwaysAllow or Deny, `names` those that it is about, if any.

    `unread` names whom it is about, too, and whose addresses nobody tells.
    """

    id: str
    access: str
    protocols: frozenset[str]
    sources: tuple[range, ...]
    targets: tuple[range, ...]
    inbound: bool = False
    priority: int = 0
    source_ports: tuple[range, ...] = _ALL_PORTS
    target_ports: tuple[range, ...] = _ALL_PORTS
    names: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()

    def is_about(self, traffic: Traffic) -> bool:
        """Say whether it is about such traffic, whoever talks to whom."""
        return self.has_ports(traffic) and (not self.names or has_name(self.names, traffic.name))

    def has_ports(self, traffic: Traffic) -> bool:
        """Say whether it is about such traffic, as far as protocol and ports go."""
        if traffic.protocol not in self.protocols:
            return False
        if traffic.protocol not in {"tcp", "udp"}:
            return True
        ports, source_ports = self.target_ports, self.source_ports
        return is_in(traffic.port, ports) and is_in(traffic.source_port, source_ports)

    def matches(self, source: int, target: int, traffic: Traffic) -> bool:
        """Say whether it decides about a packet."""
        return (
            is_in(source, self.sources) and is_in(target, self.targets) and self.is_about(traffic)
        )


@dataclass(frozen=True, slots=True)
class Translation:
    """A DNAT rule of a firewall: what its rule is about goes on `to` an address, or to a name."""

    rule: Rule
    to: str
    port: str

    def __str__(self) -> str:
        """Return the rule in words: who sends what to whom, and to whom it goes on."""
        about = self.rule
        what = "/".join(name for name in PROTOCOLS if name in about.protocols)
        if about.target_ports != _ALL_PORTS:
            what += f" {', '.join(map(_ports_told, about.target_ports))}"
        senders = [*_addresses_told(about.sources), *about.unread]
        targets = [*_addresses_told(about.targets)]
        on = f"{self.to}:{self.port}" if self.port else self.to
        return f"{what} from {', '.join(senders)} to {', '.join(targets)} goes on to {on}"


def _ports_told(ports: range) -> str:
    return str(ports.start) if len(ports) == 1 else f"{ports.start}-{ports.stop - 1}"


def _addresses_told(ranges: Iterable[range]) -> Iterator[str]:
    for item in ranges:
        one = address(item.start) if len(item) == 1 else written(item)
        yield "anybody" if item == EVERYTHING else one


def has_name(patterns: Iterable[str], name: str) -> bool:
    """Say whether one of these patterns has a name: `*`, `*.example.com`, `www.example.com`."""
    return any(
        pattern == "*"
        or name.lower() == pattern.lower()
        or (pattern.startswith("*") and name.lower().endswith(pattern[1:].lower()))
        for pattern in patterns
    )


def first(rules: Iterable[Rule], source: int, target: int, traffic: Traffic) -> Rule | None:
    """Return the rule that decides about a packet."""
    return next((rule for rule in rules if rule.matches(source, target, traffic)), None)


def ports(texts: Iterable[Any] | None) -> tuple[range, ...]:
    """Return port ranges, all ports where none are given: `*`, `443`, `1000-2000`."""
    found = [str(text) for text in texts or ()]
    if not found or "*" in found:
        return _ALL_PORTS
    spans = [text.split("-") for text in found]
    return tuple(range(int(span[0]), int(span[-1]) + 1) for span in spans)


def protocols(*names: Any) -> frozenset[str]:
    """Return protocols by their names in Azure: Any and * are all, Esp and Ah are others."""
    found: set[str] = set()
    for name in names:
        word = str(name or "*").lower()
        found |= (
            _ALL_PROTOCOLS if word in {"*", "any"} else {word if word in PROTOCOLS else "other"}
        )
    return frozenset(found)


# -- security groups ---------------------------------------------------------------------


def security_rules(group: Body, group_id: str, around: tuple[range, ...]) -> tuple[Rule, ...]:
    """Return the rules of a security group on a subnet, in their order, defaults last.

    `around` is what the tag VirtualNetwork means there. A rule about an application security
    group matches nobody: who is in one is not read.
    """
    own = [
        _security_rule(item, group_id, around)
        for item in (group.get("properties") or {}).get("securityRules") or ()
    ]
    return (*sorted(own, key=lambda rule: rule.priority), *_defaults(group_id, around))


def _security_rule(item: Body, group_id: str, around: tuple[range, ...]) -> Rule:
    properties = item.get("properties") or {}

    def several(name: str, plural: str) -> list[str]:
        one = properties.get(name)
        return [str(one)] if one else [str(text) for text in properties.get(plural) or ()]

    def texts(end: str) -> list[str]:
        return several(f"{end}AddressPrefix", f"{end}AddressPrefixes")

    def ranges(end: str) -> tuple[range, ...]:
        return tuple(found for text in texts(end) for found in _tagged(text, around))

    def unread(end: str) -> tuple[str, ...]:
        groups = properties.get(f"{end}ApplicationSecurityGroups") or ()
        names = (str(item.get("id")).rsplit("/", 1)[-1] for item in groups)
        tags = unlisted(text for text in texts(end) if text.lower() != _AROUND)
        return (*tags, *names)

    return Rule(
        id=f"{group_id}/securityRules/{item.get('name')}",
        access=str(properties.get("access")),
        inbound=properties.get("direction") == "Inbound",
        priority=int(properties.get("priority", 0)),
        protocols=protocols(properties.get("protocol")),
        sources=ranges("source"),
        targets=ranges("destination"),
        source_ports=ports(several("sourcePortRange", "sourcePortRanges")),
        target_ports=ports(several("destinationPortRange", "destinationPortRanges")),
        unread=(*unread("source"), *unread("destination")),
    )


def _tagged(text: str, around: tuple[range, ...]) -> tuple[range, ...]:
    return around if text.lower() == _AROUND else tagged(text)


def _defaults(group_id: str, around: tuple[range, ...]) -> Iterator[Rule]:
    """Yield the rules that every security group ends with (its defaultSecurityRules)."""
    everyone, internet = (EVERYTHING,), tagged("Internet")
    for name, access, inbound, priority, sources, targets in (
        ("AllowVnetInBound", "Allow", True, 65000, around, around),
        ("DenyAllInBound", "Deny", True, 65500, everyone, everyone),
        ("AllowVnetOutBound", "Allow", False, 65000, around, around),
        ("AllowInternetOutBound", "Allow", False, 65001, everyone, internet),
        ("DenyAllOutBound", "Deny", False, 65500, everyone, everyone),
    ):
        whole = f"{group_id}/defaultSecurityRules/{name}"
        yield Rule(whole, access, _ALL_PROTOCOLS, sources, targets, inbound, priority)
