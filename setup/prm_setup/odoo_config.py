"""Odoo's configuration file, generated into the data folder."""

import os
import secrets
from collections.abc import Sequence
from pathlib import Path

from .paths import Paths
from .pg_client import Connection


def write(paths: Paths, connection: Connection, odoo: Path, addons: Sequence[Path]) -> None:
    """Write the configuration file.

    :param odoo: the folder ``odoo`` as it is on PYTHONPATH
    :param addons: further folders with Odoo's own add-ons
    """
    addons_path = [odoo / "addons", *addons, paths.root]
    values = {
        "addons_path": ",".join(str(path) for path in addons_path),
        "data_dir": paths.data / "odoo",
        "db_host": connection.host,
        "db_port": connection.port,
        "db_user": connection.user,
        "db_password": connection.password,
        "db_sslmode": connection.sslmode,
        "http_interface": "127.0.0.1",
        # databases are made and deleted by our scripts, never over the web
        "list_db": "False",
        "admin_passwd": _master_password(paths),
        "unaccent": "True",
        "max_cron_threads": "1",
    }
    lines = [f"{key} = {value}\n" for key, value in values.items() if str(value)]
    fresh = paths.data / f"odoo.conf.{os.getpid()}"
    fresh.touch(mode=0o600)
    fresh.write_text("[options]\n" + "".join(lines))
    fresh.replace(paths.config)


def _master_password(paths: Paths) -> str:
    """A random one, the same on every start."""
    path = paths.data / "master-password"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(24))
    return path.read_text()
