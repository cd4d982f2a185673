"""All of the set-up, in the order of its steps."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from . import browser, odoo_config, odoo_source, pdf, pg_client, postgres, python_env
from .errors import SetupError
from .locks import FileLock
from .paths import Paths
from .pg_client import Connection
from .progress import Progress, human_size
from .project import Project

NEEDED_SPACE = 4_000_000_000


@contextmanager
def prepared(progress: Progress, *, tests: bool = False) -> Iterator[Project]:
    """Do the set-up, and keep PostgreSQL running inside the ``with`` statement.

    Every step is skipped when it is done, and starts anew when it was interrupted. Only one
    set-up at a time works in a clone.

    :param tests: also have what only tests need
    :raise SetupError: something is missing that we cannot install
    """
    paths = Paths.from_environment()
    python_env.check_python()
    _check_space(paths)
    paths.ensure()
    with ExitStack() as stack:
        with setup_lock(paths, progress):
            python = python_env.ensure(paths, progress)
            source = odoo_source.ensure(paths, progress)
            pdf_folder = pdf.ensure(paths, progress, required=tests)
            chromium = browser.ensure(paths, progress) if tests else browser.find()
            odoo = source.link(paths.data / "pythonpath") / "odoo"
            connection, superuser = _database_server(paths, python, progress, stack)
            odoo_config.write(paths, connection, odoo, source.addons)
            project = Project(
                paths, python, source.version, connection, superuser, chromium, pdf_folder
            )
            project.save()
        yield project


def setup_lock(paths: Paths, progress: Progress) -> FileLock:
    """Take the lock that a set-up, or a change of the template databases, holds."""
    lock = FileLock(paths.locks / "setup.lock")
    lock.acquire("another command is setting up this clone", progress.say)
    return lock


def _database_server(paths, python, progress, stack: ExitStack) -> tuple[Connection, str]:
    """The existing server that was named, or the embedded one.

    :return: connection, and the role of the superuser if the server is ours
    """
    programs = postgres.wheel_folder(python)
    if pg_client.uses_external_server():
        return pg_client.external_connection(programs / "bin"), ""
    cluster = postgres.Cluster(paths, programs)
    connection = cluster.acquire(progress)
    stack.callback(cluster.release)
    return connection, "postgres"


def _check_space(paths: Paths) -> None:
    """A first set-up needs room; say so before it is half done.

    :raise SetupError: too little space in the cache or the clone
    """
    if (paths.data / "state.json").exists():
        return
    for folder in (paths.cache, paths.data):
        place = next(parent for parent in (folder, *folder.parents) if parent.exists())
        free = shutil.disk_usage(place).free
        if free < NEEDED_SPACE:
            raise SetupError(
                f"Only {human_size(free)} are free on the disk of {place}, the first set-up needs "
                f"{human_size(NEEDED_SPACE)}: free some, or set XDG_CACHE_HOME and PRM_DATA_DIR."
            )
