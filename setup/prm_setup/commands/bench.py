"""``./setup/bench``: set everything up and run the benchmarks."""

import os
import subprocess

from .. import databases
from ..prepare import prepared, setup_lock
from ..progress import Progress
from ..shell import supervise


def main(argv: list[str]) -> int:
    """Run the benchmarks with the Python of the virtual environment.

    :return: 1 if a goal was missed
    """
    progress = Progress()
    with prepared(progress) as project:
        if "--help" not in argv and "-h" not in argv:
            with setup_lock(project.paths, progress):
                databases.ensure_ready(project, progress)
        env = project.environment()
        env["PYTHONPATH"] = os.fspath(project.paths.setup)
        command = [str(project.python), "-m", "prm_setup.bench", *argv]
        return supervise(command, env=env, stdin=subprocess.DEVNULL)
