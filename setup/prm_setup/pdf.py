"""wkhtmltopdf, with which Odoo makes PDF documents."""

import os
import shutil
from pathlib import Path

from . import apt
from .errors import SetupError
from .paths import Paths
from .progress import Progress

HELP = (
    "install the package wkhtmltopdf (0.12.6), or name the program with "
    "PRM_WKHTMLTOPDF=/path/to/wkhtmltopdf"
)


def find() -> str:
    """Path of wkhtmltopdf, empty if there is none."""
    return shutil.which(os.environ.get("PRM_WKHTMLTOPDF") or "wkhtmltopdf") or ""


def ensure(paths: Paths, progress: Progress, required: bool) -> str:
    """Find wkhtmltopdf, or install it where we may.

    :param required: tests need it; a server runs without, but makes no PDF documents
    :return: its folder, empty if there is none
    :raise SetupError: it is required and there is none
    """
    if not find() and apt.can_install():
        # libmagic lets Odoo recognise the type of an uploaded file by its content
        packages = ["wkhtmltopdf", "libmagic1"]
        apt.install(paths, progress, "wkhtmltopdf (system package)", packages)
    if path := find():
        return str(Path(path).parent)
    if required:
        raise SetupError(f"The tests of PDF documents need wkhtmltopdf: {HELP}.")
    progress.say(f"  note: without wkhtmltopdf there are no PDF documents; {HELP}")
    return ""
