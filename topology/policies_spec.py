"""The team's own rules for its network: what a topology may not be, whoever edits it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from ipaddress import IPv4Network
from typing import Annotated

from pydantic import AfterValidator, Field

from topology.field_types import PlacedError, RegionName, Spec
from topology.limits import LIMITS

# "Use tags to organize your Azure resources" (Microsoft Learn): what a name may hold, and how
# long it and a value may be. A private DNS zone takes 15 tags, of which we set some.
TagName = Annotated[str, Field(min_length=1, max_length=128, pattern=r"^[^<>%&\\?/]+$")]
TagValue = Annotated[str, Field(min_length=1, max_length=256)]
MOST_TAGS = 8
OURS = ("managed-by", "topology", "region", "environment", "orrery-subnets")


def _known(name: str) -> str:
    if name not in LIMITS:
        raise ValueError(f'"{name}" is no limit; write one of {", ".join(LIMITS)}')
    return name


class PoliciesSpec(Spec):
    """What is refused before anything is written, and limits that Azure has raised."""

    regions: tuple[RegionName, ...] | None = Field(
        default=None, min_length=1, description="The only regions in which anything may stand."
    )
    prefixes: tuple[IPv4Network, ...] | None = Field(
        default=None, min_length=1, description="All addresses must lie within one of these."
    )
    required_tags: dict[TagName, tuple[TagValue, ...] | None] = Field(
        default_factory=dict,
        description="Tags that `tags` must have; with the values that are allowed, or any.",
    )
    monthly_cost: float | None = Field(
        default=None,
        gt=0,
        description="The most that a month may cost, in the currency of the price table.",
    )
    limits: dict[Annotated[str, AfterValidator(_known)], Annotated[int, Field(ge=1)]] = Field(
        default_factory=dict,
        description="What Azure takes where it has raised a limit for you, by the limit's name.",
    )

    def check_regions(self, regions: Mapping[str, object], home: str) -> None:
        """Raise PlacedError for a region that is not allowed."""
        for path, region in [(("home",), home), *((("regions", name), name) for name in regions)]:
            if self.regions is not None and region not in self.regions:
                raise PlacedError(
                    path,
                    f"the team's policies allow nothing in {region}; take one of "
                    f"{', '.join(self.regions)}, or have it added to `policies.regions`",
                )

    def check_tags(self, tags: Mapping[str, str]) -> None:
        """Raise PlacedError for a tag that is required and missing, or has another value."""
        given = {name.lower(): (name, value) for name, value in tags.items()}
        for required, allowed in self.required_tags.items():
            name, value = given.get(required.lower(), (required, None))
            if value is None:
                raise PlacedError(
                    ("policies", "required_tags", name),
                    f'the tag "{name}" is required and `tags` lacks it; add it there',
                )
            if allowed is not None and value not in allowed:
                raise PlacedError(
                    ("tags", name),
                    f'"{value}" is not allowed here; write one of: {", ".join(allowed)}',
                )

    def outside(self, prefix: IPv4Network) -> str | None:
        """Return why addresses are not allowed, or None."""
        if self.prefixes is None or any(prefix.subnet_of(allowed) for allowed in self.prefixes):
            return None
        return (
            f"{prefix} is outside of what the team's policies allow "
            f"({', '.join(map(str, self.prefixes))}); give it other addresses, or have these "
            "added to `policies.prefixes`"
        )


def check_own_tags(tags: Mapping[str, str], taken: Iterable[str]) -> None:
    """Raise PlacedError for a tag that has a meaning of its own, or is there twice.

    Azure takes names that differ in case alone for one ("Use tags to organize your Azure
    resources", Microsoft Learn).
    """
    reserved = {name.lower() for name in (*OURS, *taken)}
    first: dict[str, str] = {}
    for name in tags:
        if (other := first.setdefault(name.lower(), name)) != name:
            raise PlacedError(("tags", name), f'it is "{other}" to Azure; take one of them out')
        if name.lower() in reserved or name.lower().startswith("orrery-"):
            raise PlacedError(
                ("tags", name),
                f'"{name}" has a meaning for Orrery, or for who joins a group; '
                "give the tag another name",
            )
