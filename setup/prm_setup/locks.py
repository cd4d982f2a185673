"""File locks that vanish with their process, however it ends."""

import fcntl
import os
import time
from pathlib import Path

from .errors import SetupError


class FileLock:
    """A lock on a file, exclusive or shared; usable in a ``with`` statement.

    :param path: the lock file; its content names the holder
    :param shared: several shared holders exclude an exclusive one only
    """

    def __init__(self, path: Path, shared: bool = False):
        self.path = path
        self._mode = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        self._fd: int | None = None

    def try_acquire(self) -> bool:
        """Take the lock if nobody has it.

        :return: whether we have it now
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        fd = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(fd, self._mode | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(fd)
            return False
        if self._mode == fcntl.LOCK_EX:
            os.ftruncate(fd, 0)
            os.write(fd, str(os.getpid()).encode())
        self._fd = fd
        return True

    def acquire(self, waiting_for: str = "", say=None, timeout: float | None = None) -> None:
        """Wait for the lock.

        :param waiting_for: what the holder is doing, for the message
        :param say: called once with the message if we have to wait
        :param timeout: seconds, none for ever
        :raise SetupError: the time is over
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        while not self.try_acquire():
            message = f"{waiting_for} (process {self.holder()})"
            if say:
                say(f"Waiting: {message} ...")
                say = None
            if deadline is not None and time.monotonic() > deadline:
                raise SetupError(f"{message}: stop it or wait for its end, then start again.")
            time.sleep(0.2)

    def release(self) -> None:
        """Give the lock back; harmless when we do not have it."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def holder(self) -> str:
        """Process id that the last exclusive holder has left."""
        try:
            return self.path.read_text() or "unknown"
        except OSError:
            return "unknown"

    def __enter__(self) -> "FileLock":
        if self._fd is None:
            self.acquire()
        return self

    def __exit__(self, *exc_info) -> None:
        self.release()
