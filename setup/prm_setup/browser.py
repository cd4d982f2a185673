"""Chromium, for the browser tests."""

import os
import shutil

from . import apt
from .errors import SetupError
from .paths import Paths
from .progress import Progress

# Odoo's own tests look for the same names on PATH
NAMES = ("google-chrome", "chromium", "chromium-browser", "google-chrome-stable")
# fonts with Latin and Cyrillic letters: without any, screenshots show boxes
PACKAGES = ["chromium", "fonts-dejavu-core", "fonts-liberation"]


def find() -> str:
    """Path of Chromium or Chrome, empty if there is none."""
    if named := os.environ.get("PRM_CHROMIUM"):
        return shutil.which(named) or ""
    # on Ubuntu, chromium-browser may be a script that only asks to install a snap
    found = filter(None, map(shutil.which, NAMES))
    return next((path for path in found if not _is_snap_stub(path)), "")


def _is_snap_stub(path: str) -> bool:
    with open(path, "rb") as program:
        return b"snap install" in program.read(4096)


def ensure(paths: Paths, progress: Progress) -> str:
    """Find Chromium, or install it where we may.

    :return: its path
    :raise SetupError: there is none
    """
    if path := find():
        return path
    if apt.can_install() and "PRM_CHROMIUM" not in os.environ:
        apt.install(paths, progress, "Chromium (system package)", PACKAGES)
    if path := find():
        return path
    raise SetupError(
        "The browser tests need Chromium: install the package chromium or Google Chrome, "
        "or name the program with PRM_CHROMIUM=/path/to/chrome."
    )
