"""Databases together with their attachments: copy, rename, delete, and remember what they hold.

A database's comment holds, as JSON, what it was made from. It is written last, so that a database
without it is an interrupted one.
"""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

from .errors import CommandError, SetupError
from .project import Project


def check_name(name: str) -> str:
    """Refuse names that PostgreSQL, Odoo and the file system do not all take.

    :raise SetupError: the name has other characters or is too long
    """
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]{0,49}", name):
        raise SetupError(
            f"{name!r} cannot be a database name: use letters, digits, - and _, at most 50."
        )
    return name


def exists(project: Project, name: str) -> bool:
    """Whether there is a database of that name."""
    return bool(project.admin.sql(f"SELECT 1 FROM pg_database WHERE datname = '{name}'"))


def contents(project: Project, name: str) -> dict:
    """What ``remember`` has written; empty for an interrupted, missing or foreign database."""
    comment = project.admin.sql(
        f"SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = '{name}'"
    )
    try:
        value = json.loads(comment)
    except ValueError:
        return {}
    # on a shared server: the attachments of another clone's database are not here
    ours = isinstance(value, dict) and value.pop("clone", None) == project.paths.clone_id()
    return value if ours else {}


def remember(project: Project, name: str, values: dict) -> None:
    """Write what a database was made from; this ends its making."""
    text = json.dumps(values | {"clone": project.paths.clone_id()}).replace("'", "''")
    project.admin.sql(f"COMMENT ON DATABASE \"{name}\" IS '{text}'")


def create(project: Project, name: str) -> None:
    """Make an empty database that Odoo can fill.

    Odoo itself would leave out all extensions, and with them the trigram indexes, as an ordinary
    role may not mark ``unaccent`` as immutable.
    """
    admin, owner = project.admin, project.connection.user
    clause = f' OWNER "{owner}"' if project.superuser else ""
    admin.sql(
        f"CREATE DATABASE \"{name}\"{clause} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C'"
    )
    for extension in ("pg_trgm", "unaccent", "btree_gist"):
        admin.sql(f"CREATE EXTENSION IF NOT EXISTS {extension}", name)
    try:
        admin.sql("ALTER FUNCTION unaccent(text) IMMUTABLE", name)
    except CommandError:
        # on a server that is not ours; searches then do without an index for it
        return


def drop(project: Project, name: str) -> None:
    """Delete a database with its attachments, whether it exists or not."""
    project.admin.sql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    shutil.rmtree(project.paths.filestore / name, ignore_errors=True)


def rename(project: Project, old: str, new: str) -> None:
    """Give a database its final name, in place of one that may exist."""
    drop(project, new)
    source = project.paths.filestore / old
    if source.exists():
        source.replace(project.paths.filestore / new)
    project.admin.sql(f'ALTER DATABASE "{old}" RENAME TO "{new}"')


def copy(project: Project, source: str, target: str) -> None:
    """Copy a database that nobody is connected to; the copy carries no comment yet."""
    drop(project, target)
    owner = project.connection.user
    clause = f' OWNER "{owner}"' if project.superuser else ""
    project.admin.sql(f'CREATE DATABASE "{target}"{clause} TEMPLATE "{source}"')
    folder = project.paths.filestore / source
    if folder.exists():
        shutil.copytree(folder, project.paths.filestore / target, copy_function=_link)


def _link(source: str, target: str) -> None:
    """Odoo never changes a stored file, it only adds and deletes: a hard link is a copy."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def dump(project: Project, name: str, folder: Path) -> None:
    """Write a database and its attachments into a folder that appears only when complete."""
    fresh = folder.with_name(f"{folder.name}.{os.getpid()}")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    _pg(project, "pg_dump", "-Fc", "-Z", "1", "--no-owner", "-d", name, "-f", fresh / "db.dump")
    filestore = project.paths.filestore / name
    if filestore.exists():
        shutil.copytree(filestore, fresh / "filestore", copy_function=_link)
    shutil.rmtree(folder, ignore_errors=True)
    fresh.replace(folder)


def restore(project: Project, folder: Path, name: str) -> None:
    """Make a database from what ``dump`` has written."""
    drop(project, name)
    create(project, name)
    options = ["--no-owner", "--no-comments", f"--role={project.connection.user}", "-j", "2"]
    _pg(project, "pg_restore", *options, "-d", name, folder / "db.dump")
    if (folder / "filestore").exists():
        target = project.paths.filestore / name
        shutil.copytree(folder / "filestore", target, copy_function=_link)


def _pg(project: Project, program: str, *arguments: str | Path) -> None:
    result = subprocess.run(
        [project.connection.bin / program, *arguments],
        env=project.admin.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode:
        raise CommandError(f"{program} failed", result.stderr[-4000:])
