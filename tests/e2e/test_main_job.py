"""The main job over HTTP against a running server, one test for each step."""

from collections.abc import Iterator

import pytest

from tests.e2e.story import MainJob
from tests.e2e.telling import Telling


@pytest.fixture(scope="module")
def telling(prm_server, artefacts) -> Iterator[Telling]:
    """The story on the running server."""
    story = MainJob(prm_server.base_url, prm_server.db, artefacts)
    yield Telling(story)
    story.close()


@pytest.mark.parametrize("step", MainJob.steps(), ids=lambda step: step.__name__)
def test_main_job(telling: Telling, step) -> None:
    """One step of the main job."""
    telling.tell(step)
