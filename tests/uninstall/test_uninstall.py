"""All add-ons are uninstalled the way the Apps list does it, on a database of their own."""

import re
import subprocess
from collections.abc import Iterator

import pytest

from prm_setup import databases
from prm_setup import pg_databases as pg

DATABASE = "prm_uninstall"
UNINSTALL = """
env["ir.module.module"].search([("name", "=", "prm_partner")]).button_immediate_uninstall()
"""
PROBLEM = re.compile(r"(?:ERROR|WARNING|CRITICAL).*(?:\n(?!\d{4}-).*)*")
# Odoo tries to remove the demo customers and products, which invoices of Odoo's own need.
STOCK = re.compile(r'on table "(account|sale|stock|product|mail|crm)_')
# What Odoo keeps of the demo data for these invoices.
KEPT = {"res.partner", "product.product", "product.template", "product.category"}


class Removed:
    """A database after the add-ons were uninstalled."""

    def __init__(self, project) -> None:
        self.project = project
        self.log = self._odoo("shell", "--no-http", script=UNINSTALL)

    def _odoo(self, command: str, *options: str, script: str | None = None) -> str:
        result = subprocess.run(
            self.project.odoo(command, "-d", DATABASE, "--log-level", "warn", *options),
            input=script,
            env=self.project.environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert result.returncode == 0, result.stderr[-4000:]
        return result.stderr

    def install(self) -> str:
        """Install the first add-on anew, on what Odoo has kept of its demo data.

        :return: Odoo's log
        """
        return self._odoo("server", "-i", "prm_partner", "--with-demo", "--stop-after-init")

    def find(self, query: str) -> set[str]:
        """First column of a query's rows."""
        text = self.project.connection.sql(query, database=DATABASE)
        return {line for line in str(text or "").splitlines() if line}


@pytest.fixture(scope="module")
def removed(prm_project) -> Iterator[Removed]:
    pg.copy(prm_project, databases.READY, DATABASE)
    yield Removed(prm_project)
    pg.drop(prm_project, DATABASE)


def test_nothing_of_ours_is_in_the_way(removed):
    problems = PROBLEM.findall(removed.log)
    assert [text for text in problems if not STOCK.search(text)] == []


def test_all_add_ons_are_gone(removed):
    query = "SELECT name FROM ir_module_module WHERE name LIKE 'prm%' AND state != 'uninstalled'"
    assert removed.find(query) == set()


def test_nothing_is_left_behind(removed):
    left = {
        "tables": "SELECT relname FROM pg_class WHERE relname ~ '^prm_' AND relkind IN ('r', 'v')",
        "functions": "SELECT proname FROM pg_proc WHERE proname ~ '^prm_'",
        "types": "SELECT typname FROM pg_type WHERE typname ~ '^_?prm_'",
        "columns": "SELECT table_name || '.' || column_name FROM information_schema.columns"
        " WHERE column_name ~ '^prm_'",
        "views": "SELECT name FROM ir_ui_view WHERE arch_db::text ~ '\"prm_'",
        "jobs": "SELECT cron_name FROM ir_cron JOIN ir_act_server action"
        " ON action.id = ir_actions_server_id WHERE action.code ~ 'prm'",
    }
    assert {name: found for name, query in left.items() if (found := removed.find(query))} == {}
    records = removed.find("SELECT DISTINCT model FROM ir_model_data WHERE module ~ '^prm_'")
    assert records <= KEPT


def test_it_can_be_installed_again(removed):
    assert PROBLEM.findall(removed.install()) == []
    query = "SELECT name FROM ir_module_module WHERE name LIKE 'prm%' AND state = 'installed'"
    assert removed.find(query) == {"prm_partner"}
