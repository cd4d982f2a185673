"""Manifests: the keys that we promise, and data files that exist and are all loaded."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

REQUIRED = ("name", "summary", "version", "author", "website", "license", "category", "depends")
FIXED = {"license": "LGPL-3", "author": "PRM for Odoo contributors"}
VERSION = re.compile(r"19\.0\.\d+\.\d+\.\d+")
# folders whose XML and CSV files Odoo loads only when the manifest names them
LOADED = ("security", "data", "views", "wizards", "wizard", "report", "reports", "demo")
PICTURES = ("static/description/icon.png", "static/description/index.html")


def problems(addon: Path) -> Iterator[str]:
    """Problems of one add-on's manifest.

    :param addon: folder of the add-on
    """
    path = addon / "__manifest__.py"
    try:
        manifest = ast.literal_eval(path.read_text(encoding="utf-8"))
    except (SyntaxError, ValueError) as error:
        yield f"{path}: not a Python dictionary: {error}"
        return
    for message in (*_keys(manifest), *_files(addon, manifest)):
        yield f"{path}: {message}"


def _keys(manifest: dict) -> Iterator[str]:
    for key in REQUIRED:
        if not manifest.get(key):
            yield f"{key} is missing"
    for key, value in FIXED.items():
        if manifest.get(key) != value:
            yield f"{key} has to be {value!r}"
    if not VERSION.fullmatch(str(manifest.get("version"))):
        yield "version has to look like 19.0.1.0.0"


def _files(addon: Path, manifest: dict) -> Iterator[str]:
    named = {*manifest.get("data", ()), *manifest.get("demo", ())}
    # demo code in Python may read a table of its own
    code = "".join(path.read_text(encoding="utf-8") for path in (addon / "demo").glob("*.py"))
    for name in sorted(named):
        if not (addon / name).is_file():
            yield f"{name} does not exist"
    for folder in LOADED:
        for path in sorted((addon / folder).rglob("*")):
            name = str(path.relative_to(addon))
            if path.suffix in (".xml", ".csv") and name not in named and path.name not in code:
                yield f"{name} exists, but is not loaded"
    for name in PICTURES:
        if not (addon / name).is_file():
            yield f"{name} is missing"
