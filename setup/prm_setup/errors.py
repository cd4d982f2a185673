"""Errors that are shown to the user as one sentence, without a traceback."""


class SetupError(Exception):
    """Something that the user can put right; the message says what and how."""


class CommandError(SetupError):
    """A program that we called has failed.

    :param message: what was being done
    :param output: the last lines that the program wrote
    """

    def __init__(self, message: str, output: str = ""):
        super().__init__(message)
        self.output = output


class Terminated(KeyboardInterrupt):
    """A SIGTERM: unlike Ctrl-C on a terminal, it has reached us alone."""
