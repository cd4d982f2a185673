"""Fixtures for tests against a running server: the server, a browser, a folder for artefacts.

Such tests do not import Odoo: they see what a user or an integration sees.
"""

import re
import resource
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from prm_setup import databases
from prm_setup import pg_databases as pg
from prm_setup.mail_sink import MailSink
from prm_setup.project import Project
from prm_setup.server import OdooServer, free_port

E2E_DATABASE = "prm_e2e"
BROWSER_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # no other host is asked: a name server that is slow to say no would hold pages up
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]
# Lines that Odoo writes whatever we do; each with its reason
ALLOWED = (
    # the unpatched build of wkhtmltopdf, as Debian has it
    re.compile(r"wkhtmltopdf", re.I),
    # a request that the test meant to be refused: Odoo logs its answer as a warning
    re.compile(r"WARNING \S+ odoo\.http: "),
    # the loser of a race is retried by Odoo; PostgreSQL's message is logged all the same
    re.compile(r"odoo\.sql_db: bad query: .*|could not serialize access"),
    # Odoo offers to look up the vendor's own company at a service when an administrator logs in
    re.compile(r"odoo\.addons\.(iap|partner_autocomplete)\."),
    # a log-in with a wrong password
    re.compile(r"odoo\.addons\.base\.models\.res_users: Login failed"),
)


@dataclass(frozen=True)
class RunningServer:
    """A server that tests can use.

    :param base_url: its address, without a slash at the end
    :param db: name of its database
    :param log_path: its log
    :param mail_path: folder with the mails it has sent, one ``.eml`` each
    """

    base_url: str
    db: str
    log_path: Path
    mail_path: Path


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--prm-workers N``: run the server with processes in place of threads."""
    parser.addoption("--prm-workers", type=int, default=0, help="workers of the e2e server")


@pytest.fixture(scope="session")
def prm_project() -> Project:
    """What ``./setup/test`` has set up."""
    return Project.load()


@pytest.fixture(scope="session")
def artefacts(prm_project: Project) -> Path:
    """Folder for screenshots and documents that are kept after the run."""
    folder = prm_project.paths.artefacts
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def prm_server(prm_project: Project, request) -> Iterator[RunningServer]:
    """A server on a fresh copy of the demo database; its log must be clean at the end."""
    pg.copy(prm_project, databases.READY, E2E_DATABASE)
    log = prm_project.paths.logs / "odoo-e2e.log"
    log.unlink(missing_ok=True)
    mails = prm_project.paths.data / "mail-e2e"
    with MailSink(mails) as sink:
        server = OdooServer(
            prm_project,
            E2E_DATABASE,
            free_port(),
            log,
            workers=request.config.getoption("--prm-workers"),
            options=sink.options(),
        )
        databases.set_address(prm_project, E2E_DATABASE, server.address)
        with server:
            yield RunningServer(server.address, E2E_DATABASE, log, mails)
    found = problems(log.read_text(encoding="utf-8"))
    assert not found, "The server's log has problems:\n" + "\n".join(found)


def problems(log: str) -> list[str]:
    """Lines of a log with a warning or an error that is not allowed, with their tracebacks."""
    entries = re.split(r"(?m)^(?=\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} )", log)
    loud = [entry for entry in entries if re.match(r"\S+ \S+ \d+ (WARNING|ERROR|CRITICAL) ", entry)]
    return [
        entry.rstrip() for entry in loud if not any(pattern.search(entry) for pattern in ALLOWED)
    ]


@pytest.fixture(scope="session")
def browser(prm_project: Project) -> Iterator:
    """Chromium, driven by Playwright; tests open their own contexts and pages."""
    from playwright.sync_api import sync_playwright

    assert prm_project.browser, "Chromium is missing: install it, then run ./setup/test."
    _lift_memory_limit()
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=prm_project.browser, args=BROWSER_OPTIONS
        )
        yield chromium
        chromium.close()


def _lift_memory_limit() -> None:
    """Undo the limit of Odoo's server in this process: Chromium would inherit it and die."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (hard, hard))
