"""What a resource of the network provider may be called."""

import re

from simulator.arm.draft import Draft
from simulator.arm.errors import ArmError

_LONGEST = 80
_FORM = re.compile(r"\w([\w.-]*\w)?")


def refuse_bad_name(draft: Draft) -> None:
    """Refuse a name that no network resource may have.

    The rule is in Microsoft's page on resource names; code and words are general knowledge of
    Azure, not from a recording: `assumed`.
    """
    if len(draft.name) > _LONGEST or _FORM.fullmatch(draft.name) is None:
        raise ArmError(
            400,
            "InvalidResourceName",
            f"Resource name {draft.name} is invalid. The name can be up to {_LONGEST} characters "
            "long. It must begin with a word character, and it must end with a word character or "
            "with '_'. The name may contain word characters or '.', '-', '_'.",
            details=[],
        )
