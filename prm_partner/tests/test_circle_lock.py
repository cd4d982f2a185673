import psycopg2

from odoo import api
from odoo.fields import Command
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, get_db_name, tagged


@tagged("post_install", "-at_install")
class TestCircleLock(BaseCase):
    """Two people close a circle at once, each in a transaction that sees one half of it."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        self.addCleanup(self._clean)

    def _clean(self):
        with self.registry.cursor() as cr:
            cr.execute(
                "DELETE FROM prm_account_lock WHERE name LIKE 'distributor:%%'"
                " OR name LIKE 'prerequisite:%%'"
            )

    def _check_second_starts_again(self, check):
        with self.registry.cursor() as first, self.registry.cursor() as second:
            second.execute("SELECT 1")  # the snapshot of the second is from before
            check(api.Environment(first, api.SUPERUSER_ID, {}))
            first.commit()
            with self.assertRaises(psycopg2.errors.SerializationFailure):
                check(api.Environment(second, api.SUPERUSER_ID, {}))
            second.rollback()

    def test_distributors(self):
        def check(env):
            program = env["prm.program"].new({"company_id": env.company.id})
            env["prm.membership"].new({"program_id": program.id})._check_no_circle()

        self._check_second_starts_again(check)

    def test_prerequisites(self):
        def check(env):
            env["prm.program"].new(
                {
                    "name": "Race",
                    "company_id": env.company.id,
                    "prerequisite_ids": [
                        Command.create({"name": "Before", "company_id": env.company.id})
                    ],
                }
            )._check_prerequisites()

        self._check_second_starts_again(check)

    def test_programs_without_prerequisites_do_not_wait(self):
        with self.registry.cursor() as cr:
            env = api.Environment(cr, api.SUPERUSER_ID, {})
            env["prm.program"].new({"company_id": env.company.id})._check_prerequisites()
            cr.execute("SELECT 1 FROM prm_account_lock WHERE name LIKE 'prerequisite:%%'")
            self.assertFalse(cr.fetchall())
