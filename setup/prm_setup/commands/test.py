"""``./setup/test``: set everything up and run all tests."""

import os
import subprocess

from .. import databases
from .. import pg_databases as pg
from ..locks import FileLock
from ..prepare import prepared, setup_lock
from ..progress import Progress
from ..project import Project
from ..shell import supervise

DATABASE = "prm_test"


def main(argv: list[str]) -> int:
    """Run pytest; its summary is the last line.

    :param argv: arguments of pytest; without any, all tests run
    :return: pytest's exit status
    """
    if "--help" in argv or "-h" in argv:
        print("Usage: ./setup/test [arguments of pytest]; all tests without any.")
        return 0
    progress = Progress()
    with prepared(progress, tests=True) as project:
        lock = FileLock(project.paths.locks / "test.lock")
        lock.acquire("another ./setup/test is running in this clone", progress.say)
        with lock:
            with setup_lock(project.paths, progress):
                pg.copy(project, databases.ensure_ready(project, progress), DATABASE)
            return _pytest(project, argv)


def _pytest(project: Project, argv: list[str]) -> int:
    command = [str(project.python), "-m", "pytest", "-p", "prm_setup.pytest_plugin"]
    command += [f"--odoo-database={DATABASE}", "--odoo-http", *argv]
    env = project.environment()
    env["PYTHONPATH"] += os.pathsep + str(project.paths.setup)
    return supervise(command, cwd=project.paths.root, env=env, stdin=subprocess.DEVNULL)
