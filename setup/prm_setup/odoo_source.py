"""Find Odoo 19, or unpack Debian's package of it into the cache without touching the system."""

import hashlib
import importlib.util
import os
import re
from dataclasses import dataclass
from pathlib import Path

from . import odoo_package
from .errors import SetupError
from .paths import Paths
from .progress import Progress

SERIES = "19.0"


@dataclass(frozen=True)
class OdooSource:
    """An Odoo on this machine.

    :param package: the folder ``odoo`` with ``release.py``
    :param addons: further folders with Odoo's add-ons
    :param origin: how it was found, for the reader
    """

    package: Path
    addons: tuple[Path, ...]
    origin: str

    @property
    def version(self) -> str:
        """Version with something that changes when the source does, for cache keys."""
        stamp = str(self.package.resolve()) + str((self.package / "release.py").stat().st_mtime_ns)
        return f"{SERIES}-{hashlib.sha256(stamp.encode()).hexdigest()[:8]}"

    def link(self, folder: Path) -> Path:
        """Make a folder that holds nothing but ``odoo``, for PYTHONPATH.

        Odoo's own folder may hold other packages (a system-wide site-packages), which must not
        come before those of our lock file.

        :return: the folder
        """
        folder.mkdir(parents=True, exist_ok=True)
        link = folder / "odoo"
        if not link.is_symlink() or link.resolve() != self.package.resolve():
            fresh = folder / f".odoo-{os.getpid()}"
            fresh.symlink_to(self.package.resolve())
            fresh.replace(link)
        return folder


def ensure(paths: Paths, progress: Progress) -> OdooSource:
    """Find Odoo 19: ODOO_HOME, then an importable ``odoo``, then Debian's package.

    :raise SetupError: ODOO_HOME is not an Odoo 19, or the package cannot be fetched
    """
    if home := os.environ.get("ODOO_HOME"):
        return _from_home(Path(home).expanduser().resolve())
    if found := _importable():
        return found
    package = odoo_package.ensure(paths, progress)
    return OdooSource(package, (), "Debian package")


def _from_home(home: Path) -> OdooSource:
    series = read_series(home / "odoo")
    if series != SERIES:
        found = f"an Odoo {series}" if series else "no Odoo source checkout"
        raise SetupError(
            f"ODOO_HOME={home} is {found}: set it to a folder with the source of Odoo {SERIES} "
            "(it holds odoo-bin, odoo/ and addons/), or unset it to have Odoo fetched."
        )
    addons = (home / "addons",) if (home / "addons").is_dir() else ()
    return OdooSource(home / "odoo", addons, "ODOO_HOME")


def _importable() -> OdooSource | None:
    spec = importlib.util.find_spec("odoo")
    for place in spec.submodule_search_locations or [] if spec else []:
        package = Path(place)
        if read_series(package) == SERIES:
            beside = package.parent / "addons"
            addons = (beside,) if (beside / "web").is_dir() else ()
            return OdooSource(package, addons, f"found in {package.parent}")
    return None


def read_series(package: Path) -> str:
    """Series of an Odoo from its ``release.py``, without running it.

    :return: such as ``"19.0"``, empty if it is not an Odoo
    """
    try:
        text = (package / "release.py").read_text(encoding="utf-8")
    except OSError:
        return ""
    match = re.search(r"^version_info = \(['\"]?(?:saas~)?(\d+)['\"]?, *(\d+)", text, re.M)
    return f"{match[1]}.{match[2]}" if match else ""
