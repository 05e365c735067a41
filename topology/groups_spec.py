"""Who is in the network groups: our own spokes, and networks of others that ask by tags."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from topology.field_types import PlacedError, Spec, SubscriptionId

# A name in a policy's `tags['...']`: an apostrophe would end it.
TagText = Annotated[str, Field(min_length=1, max_length=256, pattern=r"^[^'\[\]]+$")]


class GroupsSpec(Spec):
    """By default only the topology's own spokes are members.

    With `dynamic` a network of anybody joins that carries all of `tags`, names an
    environment in the tag `environment_tag`, and stands in a region of the topology.
    """

    membership: Literal["static", "dynamic"] = "static"
    environment_tag: TagText = Field(
        default="environment", description="The tag that names the environment to join."
    )
    tags: dict[TagText, TagText] = Field(
        default_factory=dict,
        max_length=10,
        description="Tags that a network must carry; by default `topology` with our name.",
    )
    subscriptions: tuple[SubscriptionId, ...] = Field(
        default=(),
        description="Where networks may join from, beside the subscriptions of our own spokes.",
    )
    resource_groups: tuple[TagText, ...] = Field(
        default=(), description="Only networks in resource groups of these names may join."
    )

    @model_validator(mode="after")
    def _conditions_have_a_use(self) -> Self:
        fields = type(self).model_fields.items()
        given = sorted(
            name
            for name, field in fields
            if name != "membership"
            and getattr(self, name) != field.get_default(call_default_factory=True)
        )
        if self.membership == "static" and given:
            raise PlacedError(
                ("groups", given[0]),
                f"{given[0]} is a condition for networks that join, and none do; "
                "write `membership: dynamic`, or take the line out",
            )
        return self
