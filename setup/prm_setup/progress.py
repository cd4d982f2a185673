"""Show what the set-up is doing: one line for each step, with its size and its time."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager


def human_size(size: float) -> str:
    """``123456789`` → ``"123 MB"``."""
    for unit in ("B", "kB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"


def human_time(seconds: float) -> str:
    """``83`` → ``"1 min 23 s"``."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 60:
        return f"{seconds:.0f} s"
    return f"{int(seconds) // 60} min {int(seconds) % 60:02d} s"


class Step:
    """One step in progress.

    :param title: what is done, for a reader who knows nothing of the inside
    :param stream: where the lines go
    """

    def __init__(self, title: str, stream):
        self.title = title
        self.notes: list[str] = []
        self._stream = stream
        self._live = stream.isatty()
        self._start = time.monotonic()
        self._shown = 0.0
        self._write(f"- {title} ...", end="" if self._live else "\n")

    def note(self, text: str) -> None:
        """Add a fact to the line that ends the step."""
        self.notes.append(text)

    def update(self, text: str) -> None:
        """Show how far it is, on a terminal only."""
        now = time.monotonic()
        if self._live and now - self._shown > 0.2:
            self._shown = now
            elapsed = human_time(now - self._start)
            self._write(f"\r\033[K- {self.title} ... {elapsed}  {text[:50]}", end="")

    def done(self) -> None:
        """End the step with its time and its notes."""
        facts = "; ".join([human_time(time.monotonic() - self._start), *self.notes])
        prefix = f"\r\033[K- {self.title}: " if self._live else "  done: "
        self._write(prefix + facts)

    def failed(self) -> None:
        """End the line, so that the error starts on its own."""
        if self._live:
            self._write("")

    def _write(self, text: str, end: str = "\n") -> None:
        print(text, end=end, file=self._stream, flush=True)


class Progress:
    """Writes steps to standard error: standard output belongs to the command's own result.

    :param verbose: also show what the called programs write
    """

    def __init__(self, verbose: bool = False, stream=None):
        self.verbose = verbose
        self._stream = stream or sys.stderr

    @contextmanager
    def step(self, title: str) -> Iterator[Step]:
        """A step that takes time; nothing is shown for what is already there."""
        step = Step(title, self._stream)
        try:
            yield step
        except BaseException:
            step.failed()
            raise
        step.done()

    def say(self, text: str) -> None:
        """One line of information."""
        print(text, file=self._stream, flush=True)
