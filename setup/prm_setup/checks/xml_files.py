"""XML files: well-formed."""

import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path


def problems(addon: Path) -> Iterator[str]:
    """Problems of one add-on's XML files.

    :param addon: folder of the add-on
    """
    for path in sorted(addon.rglob("*.xml")):
        try:
            ElementTree.parse(path)
        except ElementTree.ParseError as error:
            yield f"{path}: {error}"
