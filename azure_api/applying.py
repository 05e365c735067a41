"""What all steps of a run share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from azure_api.client import Azure
from azure_api.late import LateValues
from azure_api.ownership import Owners
from topology.kind import Kind
from topology.planning.plan import Step


@dataclass(frozen=True)
class Applying:
    """What all steps of a run share: the connection, the kinds, whose is what, the late values.

    `takes_in` says that rules put networks of others into groups.
    """

    azure: Azure
    kinds: Mapping[str, Kind]
    topology: str
    owners: Owners = field(repr=False)
    late: LateValues = field(repr=False)
    takes_in: bool = False

    @classmethod
    def of(
        cls,
        azure: Azure,
        kinds: Iterable[Kind],
        topology: str,
        late: LateValues | None = None,
        steps: Iterable[Step] = (),
    ) -> Applying:
        """Make it for one run, which is to do these steps; its late values are read once.

        What takes a part of a run back shares the `late` values of that run, which then
        counts on nothing that is gone. From here on reads are tried as long as writes.
        """
        doing, listed = tuple(steps), tuple(kinds)
        azure.begin_to_write((step.resource.id, step.resource.body) for step in doing)
        by_name = {kind.name: kind for kind in listed}
        owners = Owners(azure, by_name, topology)
        takes_in = any(by_name[step.resource.kind].fills_groups for step in doing)
        return cls(azure, by_name, topology, owners, late or LateValues(azure, listed), takes_in)
