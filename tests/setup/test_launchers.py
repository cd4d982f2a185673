"""The launchers as a user calls them, with input that cannot work: one sentence, and status 1."""

import itertools
import os
import re
import socket
import subprocess
import urllib.request
from pathlib import Path

import pytest

from prm_setup import databases
from prm_setup import pg_databases as pg
from prm_setup.paths import Paths
from prm_setup.project import Project
from prm_setup.server import check_port, free_port

SETUP = Paths.from_environment().setup


def _launch(command: str, *arguments: str, **env: str) -> subprocess.CompletedProcess:
    """Call a launcher as from a shell, not as from pytest."""
    ours = ("PYTHONPATH", "ODOO_RC")
    clean = {key: value for key, value in os.environ.items() if key not in ours}
    return subprocess.run(
        [SETUP / command, *arguments],
        env=clean | env,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def _says(result: subprocess.CompletedProcess, *parts: str) -> None:
    """It failed, with these words and without a traceback."""
    assert result.returncode == 1, result.stderr
    assert "Traceback" not in result.stderr
    for part in parts:
        assert part in result.stderr


def test_a_taken_port():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        _says(_launch("run", "--port", port), f"Port {port} is taken", "--port")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--port", "abc"), "abc is not a port"),
        (("--port", "70000"), "70000 is not a port"),
        (("--workers", "-1"), "not a number of workers"),
    ],
)
def test_wrong_options(arguments, message):
    result = _launch("run", *arguments)
    assert result.returncode == 2
    assert message in result.stderr


def test_a_wrong_database_name():
    _says(_launch("run", "--db", "a;b", "--port", "1"), "cannot be a database name")


def test_a_python_that_is_not_one():
    _says(_launch("run", PRM_PYTHON="/bin/false"), "PRM_PYTHON=/bin/false", "3.10 to 3.13")


def test_benchmarks_are_found_without_odoo():
    _says(_launch("bench", "no_such"), "no benchmark no_such", "main_job, metrics, tier_review")


def test_no_python_at_all(tmp_path):
    for tool in ("sh", "dirname"):
        (tmp_path / tool).symlink_to(f"/bin/{tool}" if tool == "sh" else "/usr/bin/dirname")
    _says(_launch("run", PATH=str(tmp_path)), "No Python 3.10 to 3.13 found", "PRM_PYTHON")


def test_a_wrong_address_of_a_database_server(tmp_path):
    wrong = _launch("odoo", "--version", PRM_DATA_DIR=str(tmp_path), PRM_DATABASE_URL="mysql://x/y")
    _says(wrong, "PRM_DATABASE_URL has to look like postgresql://")


def test_a_database_server_that_does_not_answer(tmp_path):
    url = f"postgresql://me@localhost/postgres?host={tmp_path}"
    silent = _launch("odoo", "--version", PRM_DATA_DIR=str(tmp_path), PRM_DATABASE_URL=url)
    _says(silent, "The PostgreSQL server of PRM_DATABASE_URL cannot be used", "unset it")


def test_a_role_that_odoo_refuses(tmp_path):
    """Also shows that an existing server is found by PGHOST."""
    connection = Project.load().connection
    if not connection.host.startswith("/"):
        assert connection.user != "postgres"
        return
    env = {"PGHOST": connection.host, "PGPORT": connection.port, "PGUSER": "postgres"}
    env["PRM_DATABASE_URL"] = ""
    refused = _launch("odoo", "--version", PRM_DATA_DIR=str(tmp_path), **env)
    _says(refused, "Odoo refuses the role postgres")


def test_a_folder_without_odoo(tmp_path):
    result = _launch("odoo", "--version", PRM_DATA_DIR=str(tmp_path), ODOO_HOME=str(tmp_path))
    _says(result, f"ODOO_HOME={tmp_path} is no Odoo source checkout")


def test_a_data_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").touch()
    result = _launch("odoo", "--version", PRM_DATA_DIR=str(tmp_path / "file"))
    _says(result, "is a file where a folder is needed")


def test_odoo_is_passed_through():
    """Odoo's own version, with the set-up already done; standard input reaches its shell."""
    result = _launch("odoo", "--version")
    assert result.returncode == 0
    assert "Odoo Server 19.0" in result.stdout


def test_an_unknown_command_of_odoo_fails():
    assert _launch("odoo", "no-such-command").returncode != 0


def test_the_readme_names_every_variable():
    """Whoever adds a PRM_ variable documents it."""
    text = (SETUP / "README.md").read_text(encoding="utf-8")
    sources = [*Path(SETUP).rglob("*.py"), SETUP / "launch.sh"]
    code = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    variables = sorted(set(re.findall(r"\bPRM_[A-Z_]+", code)))
    assert "PRM_DATABASE_URL" in variables
    assert [name for name in variables if name not in text] == []


def test_a_stopped_run_leaves_nothing_behind(tmp_path):
    """Serve a copy of the demo database, stop it as a supervisor would, look around."""
    project, name, port = Project.load(), "prm_e2e_stop", str(free_port())
    pg.copy(project, databases.READY, name)
    pg.remember(project, name, pg.contents(project, databases.READY))
    errors = tmp_path / "errors"
    with subprocess.Popen(
        [SETUP / "run", "--port", port, "--db", name],
        env={key: value for key, value in os.environ.items() if key != "PYTHONPATH"},
        stdout=subprocess.PIPE,
        stderr=errors.open("w"),
        text=True,
    ) as process:
        shown = list(itertools.takewhile(lambda line: "Ctrl-C" not in line, process.stdout))
        assert any(f"http://127.0.0.1:{port}" in line for line in shown), errors.read_text()
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/web/login", timeout=60) as page:
            assert page.status == 200
        process.terminate()
        assert process.wait(60) == 0
    check_port(int(port))
    # the server of the databases is ours as well, so it has to run on
    assert pg.exists(project, name)
    pg.drop(project, name)
