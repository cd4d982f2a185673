"""A partner's first year in a program: from the application to a suspension that is undone."""

from .growth import Growth


class ProgramYear(Growth):
    """All steps in their order; see ``Intake`` for the parameters."""
