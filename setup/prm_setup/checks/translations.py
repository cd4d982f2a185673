"""Translations: every term of the code is in the template and translated into Russian.

Runs with the Python of the virtual environment, as it needs polib:
``python -m prm_setup.checks.translations FRESH.pot ADDON_FOLDER …``
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import polib

LANGUAGES = ("ru",)


def terms_by_addon(pot: Path) -> dict[str, set[str]]:
    """Terms of a template that was exported for several add-ons at once.

    :param pot: exported file; a comment at each term names the add-ons
    :return: add-on → its terms
    """
    result: dict[str, set[str]] = {}
    for entry in polib.pofile(str(pot)):
        match = re.match(r"modules?: (.*)", entry.comment)
        for addon in match[1].split(", ") if match else ():
            result.setdefault(addon, set()).add(entry.msgid)
    return result


def problems(addon: Path, terms: set[str]) -> Iterator[str]:
    """Problems of one add-on's translations.

    :param addon: folder of the add-on
    :param terms: its terms by a fresh export
    """
    template = addon / "i18n" / f"{addon.name}.pot"
    if not terms:
        yield f"{addon}: the export has no terms of it: is it installed?"
    if not template.is_file():
        yield f"{template}: does not exist"
    else:
        known = {entry.msgid for entry in polib.pofile(str(template))}
        yield from (f"{template}: lacks {text!r}" for text in sorted(terms - known))
    for language in LANGUAGES:
        yield from _translated(addon / "i18n" / f"{language}.po", terms)


def _translated(path: Path, terms: set[str]) -> Iterator[str]:
    if not path.is_file():
        yield f"{path}: does not exist"
        return
    entries = {entry.msgid: entry for entry in polib.pofile(str(path)) if not entry.obsolete}
    for text in sorted(terms):
        entry = entries.get(text)
        if entry is None:
            yield f"{path}: lacks {text!r}"
        elif entry.fuzzy:
            yield f"{path}: fuzzy {text!r}"
        elif not entry.msgstr:
            yield f"{path}: not translated {text!r}"


def main(arguments: list[str]) -> int:
    """Print all problems.

    :return: 1 if there are any
    """
    fresh = terms_by_addon(Path(arguments[0]))
    found = [
        problem
        for folder in map(Path, arguments[1:])
        for problem in problems(folder, fresh.get(folder.name, set()))
    ]
    print("\n".join(found))
    return bool(found)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
