"""The virtual environment: made once for each Python and lock file, shared by all clones."""

import hashlib
import importlib.util
import re
import shutil
import subprocess
import sys
from pathlib import Path

from .errors import CommandError, SetupError
from .locks import FileLock
from .paths import Paths
from .progress import Progress, human_size
from .shell import run, tree_size

SUPPORTED = ((3, 10), (3, 13))
_NO_NETWORK = re.compile(
    r"name resolution|Name or service not known|Network is unreachable|NewConnectionError"
    r"|ConnectTimeout|Connection refused|ProxyError",
)
_UNITS = {"kB": 1e3, "MB": 1e6, "GB": 1e9, "bytes": 1}


def check_python(version: tuple[int, int] = sys.version_info[:2]) -> None:
    """Refuse a Python for which the lock file was not made.

    :raise SetupError: the Python is too old or too new
    """
    low, high = SUPPORTED
    if not low <= version <= high:
        raise SetupError(
            f"Python {version[0]}.{version[1]} is not supported: Odoo 19 and our lock file need "
            f"3.10 to 3.13. Install one and name it with PRM_PYTHON=/path/to/python3."
        )


def lock_hash(paths: Paths) -> str:
    """Fingerprint of the lock file."""
    return hashlib.sha256((paths.setup / "requirements.txt").read_bytes()).hexdigest()[:12]


def ensure(paths: Paths, progress: Progress) -> Path:
    """Make the virtual environment if it is not there.

    :return: its Python
    :raise SetupError: no venv module, no network, no disk space
    """
    check_python()
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    folder = paths.cache / "venv" / f"py{version}-{lock_hash(paths)}"
    python = folder / "bin" / "python"
    if _is_complete(folder, python):
        return python
    with FileLock(paths.cache / "venv.lock") as lock:
        lock.path.touch()
        if not _is_complete(folder, python):
            _build(paths, folder, python, progress)
    return python


def _is_complete(folder: Path, python: Path) -> bool:
    """The mark is written last; the Python it was made with may be gone since."""
    if not (folder / ".complete").exists():
        return False
    try:
        return subprocess.run([python, "-c", ""], check=False).returncode == 0
    except OSError:
        return False


def _build(paths: Paths, folder: Path, python: Path, progress: Progress) -> None:
    if not importlib.util.find_spec("ensurepip"):
        raise SetupError(
            f"{sys.executable} cannot make virtual environments: install its venv package "
            "(Debian and Ubuntu: apt-get install python3-venv), then start again."
        )
    log = paths.logs / "pip.log"
    with progress.step("Python packages (about 90, from the lock file)") as step:
        shutil.rmtree(folder, ignore_errors=True)
        run([sys.executable, "-m", "venv", folder], "Making the virtual environment", log=log)
        downloaded = _install(paths, python, log, step, progress.verbose)
        (folder / ".complete").touch()
        step.note(f"{human_size(downloaded)} downloaded, {human_size(tree_size(folder))} on disk")


def _install(paths: Paths, python: Path, log: Path, step, verbose: bool) -> float:
    sizes: list[float] = []

    def on_line(line: str) -> None:
        sizes.append(downloaded_bytes(line))
        step.update(line.strip())

    # our own lock names every package: pip has nothing to resolve, nor to compile
    command = [python, "-m", "pip", "--disable-pip-version-check", "--no-input", "install"]
    command += ["--no-deps", "--only-binary", ":all:", "--progress-bar", "off"]
    command += ["-r", paths.setup / "requirements.txt"]
    try:
        run(command, "Installing the Python packages", log=log, on_line=on_line, echo=verbose)
    except CommandError as error:
        if _NO_NETWORK.search(error.output):
            raise SetupError(
                "The Python packages cannot be downloaded: check the network (and the proxy or "
                f"index that pip uses), then start again. Details are in {log}."
            ) from error
        raise
    return sum(sizes)


def downloaded_bytes(line: str) -> float:
    """Size in a line of pip such as ``Downloading x.whl (1.2 MB)``, else 0."""
    match = re.search(r"^\s*Downloading .*\(([\d.]+) (bytes|kB|MB|GB)\)", line)
    return float(match[1]) * _UNITS[match[2]] if match else 0.0
