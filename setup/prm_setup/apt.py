"""System packages: installed where we may (root on Debian or Ubuntu), else named in a message."""

import os
import shutil

from .errors import CommandError
from .paths import Paths
from .progress import Progress
from .shell import run


def can_install() -> bool:
    """Whether packages can be installed without asking anybody."""
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def install(paths: Paths, progress: Progress, title: str, packages: list[str]) -> bool:
    """Try to install packages.

    :return: whether apt has installed them
    """
    env = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    log = paths.logs / "apt.log"
    command = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
    with progress.step(title) as step:
        for refresh in (False, True):
            try:
                if refresh:
                    run(["apt-get", "update"], "Reading the package lists", log=log, env=env)
                run(command, title, log=log, env=env, echo=progress.verbose)
                return True
            except CommandError:
                step.note(f"not installed, see {log}" if refresh else "lists were out of date")
    return False
