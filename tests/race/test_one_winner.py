"""Fifty partners register the same customer at once, at a server with several processes."""

import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest
import requests

from prm_setup import databases
from prm_setup import pg_databases as pg
from prm_setup.server import OdooServer, free_port
from tests.bench.odoo_shell import run_in_odoo
from tests.conftest import problems

DATABASE = "prm_race_deals"
# A server with so many processes lets 48 connections wait; partners send their deals one by one.
WORKERS = 6
SUBMISSIONS = 200
# what Odoo logs when a request was repeated as often as it may be, or met a deadlock
LOST = ("maximum number of tries reached", "deadlock detected")
# seconds for one answer; all together take less than a minute on two idle cores
PATIENCE = 300


@dataclass
class Contest:
    """What came of it.

    :param answers: status and body of each answer
    :param seconds: how long all of them together took
    :param log: what the server has logged
    :param found: what there is afterwards, see ``tests.race.in_odoo.verdict``
    """

    answers: list[tuple[int, dict]]
    seconds: float
    log: str
    found: dict


@pytest.fixture(scope="module")
def contest(prm_project) -> Iterator[Contest]:
    """The contest, on a copy of the demo database."""
    pg.copy(prm_project, databases.READY, DATABASE)
    crowd = run_in_odoo(prm_project, DATABASE, "tests.race.in_odoo.crowd")
    log = prm_project.paths.logs / "odoo-race-deals.log"
    log.unlink(missing_ok=True)
    with OdooServer(prm_project, DATABASE, free_port(), log, workers=WORKERS) as server:
        answers, seconds = _register_all(server.address, crowd)
    found = run_in_odoo(prm_project, DATABASE, "tests.race.in_odoo.verdict")
    yield Contest(answers, seconds, log.read_text(encoding="utf-8"), found)
    pg.drop(prm_project, DATABASE)


def _register_all(address: str, crowd: dict) -> tuple[list[tuple[int, dict]], float]:
    keys = crowd["keys"]

    def register(number: int) -> tuple[int, dict]:
        key = keys[number % len(keys)]
        answer = requests.post(
            f"{address}/json/2/prm.deal.registration/prm_register",
            json={"vals": crowd["values"]},
            headers={"Authorization": f"bearer {key}", "X-Odoo-Database": DATABASE},
            timeout=PATIENCE,
        )
        return answer.status_code, answer.json()

    started = time.monotonic()
    with ThreadPoolExecutor(len(keys)) as pool:
        answers = list(pool.map(register, range(SUBMISSIONS)))
    return answers, time.monotonic() - started


def test_everybody_gets_an_answer(contest, record_property) -> None:
    """No error, and none that the log knows of; how long it took is part of the report."""
    record_property("seconds", round(contest.seconds, 1))
    print(f"{SUBMISSIONS} submissions of one customer in {contest.seconds:.1f} s")
    assert Counter(status for status, _body in contest.answers) == {200: SUBMISSIONS}


def test_exactly_one_wins(contest) -> None:
    """The first one is approved, the others wait for a decision and know why."""
    states = Counter(body["state"] for _status, body in contest.answers)
    assert states == {"approved": 1, "in_review": SUBMISSIONS - 1}
    assert Counter(contest.found["states"]) == states
    assert contest.found["conflicts"] == SUBMISSIONS - 1
    assert contest.found["winner_first"]
    assert (contest.found["holders"], contest.found["opportunities"]) == (1, 1)


def test_nothing_is_twice_or_broken(contest) -> None:
    """Each has a number of its own, and a log that nobody else wrote into."""
    assert len({body["id"] for _status, body in contest.answers}) == SUBMISSIONS
    assert len(set(contest.found["numbers"])) == SUBMISSIONS
    assert contest.found["broken"] == []


def test_the_server_is_not_at_its_wits_end(contest) -> None:
    """Whoever comes second is repeated, but not until Odoo gives up."""
    assert [text for text in LOST if text in contest.log] == []
    assert problems(contest.log) == []
