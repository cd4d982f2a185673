"""Rights: whatever is done with the rights of the system says why that is safe."""

import re
from collections.abc import Iterator
from pathlib import Path

RAISED = re.compile(r"\.sudo\((?!False)|\(SUPERUSER_ID\)|su=True")
# in a comment of its own close above, or at the end of the line
REASON = re.compile(r"(?:#|<!--).*\b(sudo|system|rights?)\b")
ABOVE = 5
FREE = {"tests", "demo"}
# code, and templates with code in them
KINDS = ("*.py", "*.xml")


def problems(addon: Path) -> Iterator[str]:
    """Places of one add-on where rights are raised without a comment.

    :param addon: folder of the add-on
    """
    for path in sorted(path for kind in KINDS for path in addon.rglob(kind)):
        if FREE & set(path.relative_to(addon).parts):
            continue
        lines = path.read_text(encoding="utf-8").split("\n")
        for number, line in enumerate(lines):
            near = lines[max(0, number - ABOVE) : number + 1]
            if RAISED.search(line) and not any(map(REASON.search, near)):
                yield f"{path}:{number + 1}: say in a comment why this may be done with sudo"
