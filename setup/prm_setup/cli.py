"""Choose the command and turn errors into one clear sentence."""

import errno
import importlib
import os
import signal
import sys

from .errors import CommandError, SetupError, Terminated

COMMANDS = ("run", "test", "odoo", "lint", "bench")


def main(argv: list[str]) -> int:
    """Run one command.

    :param argv: the command's name and its arguments
    :return: exit status
    """
    if not argv or argv[0] not in COMMANDS:
        print(f"Usage: ./setup/{{{','.join(COMMANDS)}}} [arguments]", file=sys.stderr)
        return 2
    # a plain `kill` has to clean up just as Ctrl-C does
    signal.signal(signal.SIGTERM, _terminate)
    command = importlib.import_module(f".commands.{argv[0]}", __package__)
    try:
        return command.main(argv[1:])
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 130
    except CommandError as error:
        return _report(str(error), error.output)
    except SetupError as error:
        return _report(str(error))
    except OSError as error:
        if "PRM_DEBUG" in os.environ or error.errno not in _OS_ERRORS:
            raise
        return _report(_OS_ERRORS[error.errno].format(path=error.filename or "the disk"))


def _terminate(*_args) -> None:
    raise Terminated


_OS_ERRORS = {
    errno.ENOSPC: "No space left on {path}: free some (about 4 GB are needed) and start again.",
    errno.EACCES: "No permission for {path}: correct it, or set PRM_DATA_DIR and XDG_CACHE_HOME.",
    errno.EEXIST: "{path} is a file where a folder is needed: move it, or set PRM_DATA_DIR.",
    errno.ENOTDIR: "{path} is a file where a folder is needed: move it, or set PRM_DATA_DIR.",
    errno.EROFS: "{path} cannot be written: set PRM_DATA_DIR and XDG_CACHE_HOME elsewhere.",
}


def _report(message: str, output: str = "") -> int:
    if output:
        print(output.rstrip(), file=sys.stderr)
    print(f"Error: {message}", file=sys.stderr)
    return 1
