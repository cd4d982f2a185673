"""Call other programs: their output goes to a log, its end into the error."""

import ctypes
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path

from .errors import CommandError, Terminated


def run(
    command: Sequence[str | Path],
    what: str,
    *,
    log: Path | None = None,
    env: dict[str, str] | None = None,
    cwd: Path | None = None,
    on_line: Callable[[str], None] | None = None,
    on_tick: Callable[[], None] | None = None,
    echo: bool = False,
) -> str:
    """Run a program to its end.

    :param what: what it does, for the error
    :param log: file that gets all the output
    :param on_line: called with every line
    :param on_tick: called twice a second, for programs that write nothing
    :param echo: also show the output
    :return: the last 40 lines
    :raise CommandError: it ended with a status other than 0
    """
    tail: deque[str] = deque(maxlen=40)
    with subprocess.Popen(
        [str(part) for part in command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env=env,
        cwd=cwd,
    ) as process:
        stop = _start_ticks(on_tick)
        try:
            _consume(process, tail, log, on_line, echo)
            status = process.wait()
        except BaseException:
            process.terminate()
            raise
        finally:
            stop.set()
    if status:
        where = f" The whole output is in {log}." if log else ""
        raise CommandError(f"{what} failed (exit status {status}).{where}", "".join(tail))
    return "".join(tail)


def supervise(
    command: Sequence[str],
    *,
    env: dict[str, str],
    cwd: Path | None = None,
    stdin: int | None = None,
) -> int:
    """Run a program in the foreground, and let it end in its own way when it is interrupted.

    :return: its exit status
    """
    process = subprocess.Popen(command, env=env, cwd=cwd, stdin=stdin, preexec_fn=die_with_parent)
    while True:
        try:
            return process.wait()
        except Terminated:
            process.send_signal(signal.SIGINT)
        except KeyboardInterrupt:
            # the terminal has sent it to the program as well, which now cleans up
            continue


def die_with_parent() -> None:
    """For ``preexec_fn``: even if we are killed, the program does not stay (Linux only)."""
    try:
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)
    except (OSError, AttributeError):
        return


def _consume(process, tail, log, on_line, echo) -> None:
    stream = log.open("a", encoding="utf-8") if log else None
    try:
        for line in process.stdout:
            tail.append(line)
            if stream:
                stream.write(line)
            if echo:
                print(line, end="", flush=True)
            if on_line:
                on_line(line.rstrip("\n"))
    finally:
        if stream:
            stream.close()


def _start_ticks(on_tick: Callable[[], None] | None) -> threading.Event:
    stop = threading.Event()

    def tick() -> None:
        while not stop.wait(0.5):
            on_tick()

    if on_tick:
        threading.Thread(target=tick, daemon=True).start()
    return stop


def tree_size(folder: Path) -> int:
    """Bytes of the files in a folder that may change while we look."""
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.lstat().st_size
        except OSError:
            continue
    return total
