"""The main job: from the program to the paid commission."""

from .outlook import Outlook


class MainJob(Outlook):
    """All steps in their order; see ``Story`` for the parameters."""

    def run(self) -> None:
        """Run all steps.

        :raise AssertionError: something went otherwise than it should
        """
        try:
            for step in self.steps():
                step(self)
        finally:
            self.close()
