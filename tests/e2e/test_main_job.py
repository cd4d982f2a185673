"""The main job over HTTP against a running server, one test for each step."""

from collections.abc import Iterator

import pytest

from tests.e2e.story import MainJob

STEPS = MainJob.steps()


class Telling:
    """A story that is told once, and the step at which it broke."""

    def __init__(self, story: MainJob) -> None:
        self.story = story
        self.broken_at = ""


@pytest.fixture(scope="module")
def telling(prm_server, artefacts) -> Iterator[Telling]:
    """The story on the running server."""
    story = MainJob(prm_server.base_url, prm_server.db, artefacts)
    yield Telling(story)
    story.close()


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.__name__)
def test_main_job(telling: Telling, step) -> None:
    """One step; those after a broken one cannot succeed and say so."""
    assert not telling.broken_at, f"earlier step failed: {telling.broken_at}"
    telling.broken_at = step.__name__
    step(telling.story)
    telling.broken_at = ""
