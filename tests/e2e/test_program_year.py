"""A partner's first year over HTTP and in a browser, one test for each step."""

from collections.abc import Iterator

import pytest

from tests.e2e.program_year import ProgramYear
from tests.e2e.telling import Telling


@pytest.fixture(scope="module")
def telling(prm_server, browser, artefacts) -> Iterator[Telling]:
    """The story on the running server."""
    story = ProgramYear(prm_server.base_url, prm_server.db, artefacts, browser)
    yield Telling(story)
    story.close()


@pytest.mark.parametrize("step", ProgramYear.steps(), ids=lambda step: step.__name__)
def test_program_year(telling: Telling, step) -> None:
    """One step of the year."""
    telling.tell(step)
