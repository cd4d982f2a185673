"""Where everything is: the clone, its data folder and the cache that clones share."""

import hashlib
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

ADDONS = (
    "prm_partner",
    "prm_deal_registration",
    "prm_enablement",
    "prm_commission",
    "prm_portal",
)


@dataclass(frozen=True)
class Paths:
    """The folders of one clone.

    :param root: the clone
    :param data: databases, files, logs and configuration of this clone
    :param cache: downloads and what is made of them, shared by all clones of the user
    """

    root: Path
    data: Path
    cache: Path

    @classmethod
    def from_environment(cls) -> "Paths":
        """Read PRM_DATA_DIR and XDG_CACHE_HOME, with their defaults."""
        root = Path(__file__).resolve().parents[2]
        data = os.environ.get("PRM_DATA_DIR") or root / ".data"
        cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        return cls(root, Path(data).resolve(), Path(cache).resolve() / "prm-odoo")

    @property
    def setup(self) -> Path:
        """The folder with the scripts and the lock file."""
        return self.root / "setup"

    @property
    def locks(self) -> Path:
        """Lock files of this clone."""
        return self.data / "locks"

    @property
    def logs(self) -> Path:
        """What the programs that we start have written."""
        return self.data / "log"

    @property
    def config(self) -> Path:
        """The generated configuration of Odoo."""
        return self.data / "odoo.conf"

    @property
    def filestore(self) -> Path:
        """Odoo's attachments, one folder for each database."""
        return self.data / "odoo" / "filestore"

    @property
    def artefacts(self) -> Path:
        """Screenshots and documents that tests keep."""
        return Path(os.environ.get("PRM_ARTEFACTS") or self.data / "artefacts")

    def clone_id(self) -> str:
        """What tells this clone's databases from another's; it stays when the clone is moved."""
        path = self.data / "clone-id"
        if not path.exists():
            path.write_text(secrets.token_hex(8))
        return path.read_text()

    def addons(self) -> list[str]:
        """Names of our add-ons, in the order of their dependencies."""
        return [name for name in ADDONS if (self.root / name / "__manifest__.py").is_file()]

    def addon_hash(self, name: str) -> str:
        """Fingerprint of an add-on's files; it changes when the database has to be upgraded."""
        digest = hashlib.sha256()
        folder = self.root / name
        for path in sorted(folder.rglob("*")):
            relative = path.relative_to(folder)
            if path.is_file() and _counts(relative):
                digest.update(str(relative).encode() + b"\0" + path.read_bytes() + b"\0")
        return digest.hexdigest()[:16]

    def ensure(self) -> None:
        """Make the folders that everything else relies on."""
        for folder in (self.data, self.cache, self.locks, self.logs):
            folder.mkdir(parents=True, exist_ok=True)


def _counts(relative: Path) -> bool:
    """Tests and compiled files do not change a database."""
    return relative.parts[0] != "tests" and "__pycache__" not in relative.parts
