"""A picture read back, as a browser would."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from topology.pictures.svg import Picture

_SVG = "{http://www.w3.org/2000/svg}"


def tree(picture: Picture) -> ET.Element:
    """Return the elements of a picture; raises ParseError where it is no XML."""
    return ET.fromstring(picture.svg)  # noqa: S314  we drew it


def words(picture: Picture) -> list[str]:
    """Return the texts that are written in a picture."""
    return [item.text or "" for item in tree(picture).iter(f"{_SVG}text")]


def titles(picture: Picture) -> list[str]:
    """Return what is told where one points at something."""
    return [item.text or "" for item in tree(picture).iter(f"{_SVG}title")]


def refers_elsewhere(text: str) -> list[str]:
    """Return what a page or a picture would fetch: scripts, links, images, fonts, imports."""
    found = re.findall(
        r"""(?:href|src)\s*=\s*["'](?!#|data:)[^"']*|url\(\s*["']?(?!#|data:)""", text
    )
    return [*found, *re.findall(r"<script|@import|<link|<iframe", text)]
