"""People and jobs that do the same thing at the same time, on a database of their own."""

import email
from collections import Counter
from collections.abc import Iterator
from email.utils import getaddresses
from pathlib import Path

import pytest

from prm_setup import databases
from prm_setup import pg_databases as pg
from prm_setup.errors import CommandError
from prm_setup.mail_sink import MailSink
from tests.bench.odoo_shell import run_in_odoo

DATABASE = "prm_race"
# the unit of work during which the snapshot is killed
FATAL = 5


class Odoo:
    """An Odoo on a database whose transactions are committed; its mails go into a folder."""

    def __init__(self, project, options: list[str], mails: Path) -> None:
        self.project = project
        self.options = options
        self.mails = mails

    def run(self, module: str) -> dict:
        """Call ``run`` of a module."""
        return run_in_odoo(
            self.project, DATABASE, f"tests.race.in_odoo.{module}", options=self.options
        )

    def count_mails(self) -> Counter:
        """How many mails each address has got."""
        found: Counter = Counter()
        for path in self.mails.glob("*.eml"):
            mail = email.message_from_bytes(path.read_bytes())
            found.update(address for _name, address in getaddresses(mail.get_all("To", [])))
        return found


@pytest.fixture(scope="module")
def odoo(prm_project, tmp_path_factory) -> Iterator[Odoo]:
    """A copy of the demo database."""
    pg.copy(prm_project, databases.READY, DATABASE)
    mails = tmp_path_factory.mktemp("mails")
    with MailSink(mails) as sink:
        yield Odoo(prm_project, sink.options(), mails)
    pg.drop(prm_project, DATABASE)


@pytest.fixture(scope="module")
def decisions(odoo) -> dict:
    """What came of the races between people."""
    return odoo.run("decisions")


@pytest.fixture(scope="module")
def jobs(odoo) -> dict:
    """What came of the jobs that were started twice."""
    return odoo.run("jobs")


def check_complete(state: dict) -> None:
    """Each member has one value of each metric on each day."""
    assert state["missing"] == 0
    assert state["rows"] == state["written"] * state["members"] > 0


def test_an_application_approved_twice_is_approved_once(decisions, odoo) -> None:
    """The second one finds it approved; the applicant becomes one partner and is told once."""
    found = decisions["approve_twice"]
    assert found["waited"]
    assert found["outcomes"] == ["done", "done"]
    numbers = [found[name] for name in ("contacts", "users", "memberships")]
    assert (found["state"], numbers) == ("approved", [1, 1, 1])
    single = decisions["approve_and_reject"]
    mails = odoo.count_mails()
    assert mails[found["email"]] == mails[single["email"]] > 0


def test_approved_and_rejected_at_once(decisions) -> None:
    """Who comes second is told, and the first decision stays."""
    found = decisions["approve_and_reject"]
    assert found["waited"]
    first, second = found["outcomes"]
    assert first == "done"
    assert second.startswith("UserError"), second
    assert (found["state"], found["memberships"]) == ("approved", 1)


def test_rejected_and_approved_at_once(decisions, odoo) -> None:
    """A rejected applicant becomes no partner, and gets no mail but receipt and rejection."""
    found = decisions["reject_and_approve"]
    assert found["waited"]
    first, second = found["outcomes"]
    assert first == "done"
    assert second.startswith("UserError"), second
    assert (found["state"], found["memberships"], found["users"]) == ("rejected", 0, 0)
    assert odoo.count_mails()[found["email"]] == 2


def test_an_agreement_is_signed_once(decisions) -> None:
    """Two administrators sign: one signature with one document, the other one is told."""
    found = decisions["sign_twice"]
    first, second = found["outcomes"]
    assert first == "done"
    assert second.startswith("UserError: Somebody else is working on this agreement"), second
    assert (len(found["signed_by"]), found["documents"]) == (1, 1)
    assert (found["state"], found["problems"]) == ("in_force", [])


def test_a_review_is_not_started_twice(jobs, odoo) -> None:
    """Each member changes once and gets one mail."""
    found = jobs["review"]
    assert "already executing" in found["outcome"]
    assert found["changes"] == len(set(found["changed"])) == found["members"]
    assert set(found["tiers"]) == {"High"}
    mails = odoo.count_mails()
    racers = {address: number for address, number in mails.items() if "@race.example" in address}
    assert len(racers) == found["members"]
    assert set(racers.values()) == {1}


def test_a_snapshot_that_runs_twice_writes_once(jobs) -> None:
    """Each value is there once, and nobody reads of an error."""
    found = jobs["snapshot"]
    assert found["waited"]
    assert found["outcomes"] == ["done", "done"]
    assert not found["errors"]
    assert found["before"]["missing"] > 0
    check_complete(found["after"])


def test_a_snapshot_that_is_killed_goes_on(odoo) -> None:
    """What was committed is not done again, what was not is complete after the next start."""
    with pytest.raises(CommandError):
        odoo.run("killed")
    found = odoo.run("again")
    assert found["before"]["written"] == FATAL - 1
    assert found["units"] == found["before"]["missing"] > 0
    check_complete(found["after"])
