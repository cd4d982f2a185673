"""Telling a story step by step, one test for each."""

from collections.abc import Callable

from .base import Story


class Telling:
    """A story that is told once, and the step at which it broke.

    :param story: the story, at its beginning
    """

    def __init__(self, story: Story) -> None:
        self.story = story
        self.broken_at = ""

    def tell(self, step: Callable[[Story], None]) -> None:
        """Do one step; those after a broken one cannot succeed and say so."""
        assert not self.broken_at, f"earlier step failed: {self.broken_at}"
        self.broken_at = step.__name__
        step(self.story)
        self.broken_at = ""
