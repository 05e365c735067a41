"""`$filter`, as the gateway's own lists understand it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from simulator.arm.errors import ArmError
from simulator.arm.store import Resource

_VALUE = r"'(?P<value>(?:[^']|'')*)'"
_FORMS = (
    re.compile(rf"(?P<name>[\w/]+)\s+(?P<word>eq|ne)\s+{_VALUE}", re.IGNORECASE),
    re.compile(rf"(?P<word>substringof)\(\s*{_VALUE}\s*,\s*(?P<name>\w+)\s*\)", re.IGNORECASE),
    re.compile(rf"(?P<word>startswith)\(\s*(?P<name>\w+)\s*,\s*{_VALUE}\s*\)", re.IGNORECASE),
)
_JOIN = re.compile(r"\s+(and|or)\s+", re.IGNORECASE)
_TESTS: Mapping[str, Callable[[str, str], bool]] = {
    "eq": lambda found, wanted: found == wanted,
    "ne": lambda found, wanted: found != wanted,
    "substringof": lambda found, wanted: wanted in found,
    "startswith": lambda found, wanted: found.startswith(wanted),
}
_PROPERTIES: Mapping[str, Callable[[Resource], str]] = {
    "name": lambda item: item.name,
    "resourcetype": lambda item: item.type,
    "location": lambda item: item.location or "global",
    "resourcegroup": lambda item: item.id.group or "",
}
_TAGS = ("tagname", "tagvalue")


@dataclass(frozen=True, slots=True)
class Term:
    """One comparison, in lower case: which property, how, and with what."""

    name: str
    word: str
    value: str

    def holds(self, text: str) -> bool:
        """Tell whether the text of the property is as wanted, whatever its case."""
        return _TESTS[self.word](text.lower(), self.value)


@dataclass(frozen=True, slots=True)
class Filter:
    """Alternatives, each of which is terms that hold together; none at all keeps everything."""

    alternatives: tuple[tuple[Term, ...], ...] = ()

    @property
    def names_tag_value(self) -> bool:
        """Tell whether it asks for the value of a tag: such lists show no tags."""
        return any(term.name == "tagvalue" for terms in self.alternatives for term in terms)

    def keeps(self, resource: Resource) -> bool:
        """Tell whether a resource belongs into the list."""
        if not self.alternatives:
            return True
        return any(_holds(terms, resource) for terms in self.alternatives)


def _holds(terms: tuple[Term, ...], resource: Resource) -> bool:
    plain = [term for term in terms if term.name not in _TAGS]
    if not all(term.holds(_PROPERTIES[term.name](resource)) for term in plain):
        return False
    about_tags = [term for term in terms if term.name in _TAGS]
    return not about_tags or any(
        all(term.holds(name if term.name == "tagname" else value) for term in about_tags)
        for name, value in (resource.tags or {}).items()
    )


def read_filter(text: str) -> Filter:
    """Return the filter a text means, or raise the gateway's refusal of one nobody knows.

    The operators and properties are those of the swagger (Microsoft.Resources 2024-07-01);
    others are refused, not ignored. `and` binds before `or`.
    """
    if not text.strip():
        return Filter()
    first, *rest = _JOIN.split(text.strip())
    alternatives = [[_term(first, text)]]
    for word, part in zip(rest[::2], rest[1::2], strict=True):
        if word.lower() == "or":
            alternatives.append([])
        alternatives[-1].append(_term(part, text))
    return Filter(tuple(tuple(terms) for terms in alternatives))


def _term(part: str, whole: str) -> Term:
    for form in _FORMS:
        found = form.fullmatch(part.strip())
        if found is not None and found["name"].lower() in (*_PROPERTIES, *_TAGS):
            value = found["value"].replace("''", "'")
            return Term(found["name"].lower(), found["word"].lower(), value.lower())
    raise ArmError(
        400,
        "InvalidFilterInQueryString",
        f"Invalid $filter '{whole}' specified in the query string.",
        gateway=True,
    )
