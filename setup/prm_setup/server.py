"""Start Odoo's web server, wait until it answers, and stop it."""

import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

from .errors import CommandError, SetupError
from .project import Project
from .shell import die_with_parent

HOST = "127.0.0.1"


def check_port(port: int) -> None:
    """Refuse a port that somebody else listens on, before anything else is done.

    :raise SetupError: the port is taken or may not be used
    """
    with socket.socket() as probe:
        # what Odoo does too: a port in TIME_WAIT is free
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except PermissionError:
            raise SetupError(f"Port {port} needs root rights: choose one above 1023.") from None
        except OSError:
            raise SetupError(
                f"Port {port} is taken: stop the program that uses it, "
                f"or choose another port with --port."
            ) from None


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


@dataclass
class OdooServer:
    """One Odoo server for one database.

    :param workers: number of worker processes, 0 for threads
    :param cron: number of threads for scheduled actions
    :param options: further options of Odoo
    :param echo: also show its log
    """

    project: Project
    database: str
    port: int
    log: Path
    workers: int = 0
    cron: int = 0
    options: list[str] = field(default_factory=list)
    echo: bool = False
    process: subprocess.Popen | None = field(default=None, init=False)

    @property
    def address(self) -> str:
        """Where it answers."""
        return f"http://{HOST}:{self.port}"

    def start(self, timeout: float = 120) -> None:
        """Start it and wait for its first answer.

        :raise CommandError: it ended, or did not answer in time
        """
        self.log.parent.mkdir(parents=True, exist_ok=True)
        arguments = ["-d", self.database, "--db-filter", f"^{self.database}$"]
        arguments += ["--http-port", str(self.port), "--workers", str(self.workers)]
        arguments += ["--max-cron-threads", str(self.cron), *self.options]
        if self.workers:
            arguments += ["--gevent-port", str(free_port())]
        if not self.echo:
            arguments += ["--logfile", str(self.log)]
        self.process = subprocess.Popen(
            self.project.odoo(*arguments),
            env=self.project.environment(),
            stdin=subprocess.DEVNULL,
            # Ctrl-C goes to us alone: we stop it, once
            start_new_session=True,
            preexec_fn=die_with_parent,
        )
        try:
            self._wait(time.monotonic() + timeout)
        except BaseException:
            self.stop()
            raise

    def _wait(self, deadline: float) -> None:
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise CommandError(f"Odoo ended at its start; its log is {self.log}.", self.tail())
            try:
                with urllib.request.urlopen(f"{self.address}/web/health", timeout=5):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        raise CommandError(f"Odoo does not answer; its log is {self.log}.", self.tail())

    def wait(self) -> int:
        """Wait until it ends by itself.

        :return: exit status
        """
        return self.process.wait()

    def stop(self) -> None:
        """Stop it, gently first."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def tail(self, lines: int = 30) -> str:
        """The end of its log."""
        try:
            text = self.log.read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ""
        return "\n".join(text.splitlines()[-lines:])

    def __enter__(self) -> "OdooServer":
        self.start()
        return self

    def __exit__(self, *exc_info) -> None:
        self.stop()
