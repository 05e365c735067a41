"""docs/soak.md is written a section at a time."""

from __future__ import annotations

from tests.soak_page import PAGE, with_section

_PAGE = "# Soaks\n\nWords.\n\n## Faults\n\nOld.\n\n## Killed for real\n\nKept.\n"


def test_a_section_takes_the_place_of_the_one_before() -> None:
    """What others wrote stays."""
    told = with_section(_PAGE, "Faults", ["New."])
    assert told == _PAGE.replace("Old.", "New.")
    assert with_section(told, "Faults", ["New."]) == told


def test_a_new_section_comes_last() -> None:
    """The page is not lost for it."""
    assert with_section("# Soaks\n", "Faults", ["New."]) == "# Soaks\n\n## Faults\n\nNew.\n"


def test_the_page_tells_of_faults() -> None:
    """Its last soak stands there."""
    assert "\n## Faults\n" in PAGE.read_text(encoding="utf-8")
