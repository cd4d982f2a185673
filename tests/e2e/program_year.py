"""A partner's first year: what happens after it has joined goes here."""

from .joining import Joining


class ProgramYear(Joining):
    """From the application to the first day as an active member."""
