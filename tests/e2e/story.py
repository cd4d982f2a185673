"""The main job: from the program to the paid commission."""

from collections.abc import Callable

from .outlook import Outlook


class MainJob(Outlook):
    """All steps in their order; see ``Story`` for the parameters."""

    @classmethod
    def steps(cls) -> list[Callable[["MainJob"], None]]:
        """The steps in their order."""
        return [getattr(cls, name) for name in sorted(dir(cls)) if name.startswith("step_")]

    def run(self) -> None:
        """Run all steps.

        :raise AssertionError: something went otherwise than it should
        """
        try:
            for step in self.steps():
                step(self)
        finally:
            self.close()
