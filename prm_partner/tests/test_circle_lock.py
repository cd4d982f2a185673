import psycopg2

from odoo.fields import Command
from odoo.tests import tagged

from .lock_common import LockCase


@tagged("post_install", "-at_install")
class TestCircleLock(LockCase):
    """Two people close a circle at once, each in a transaction that sees one half of it."""

    LOCKS = ("distributor:%", "prerequisite:%")

    def _check_second_starts_again(self, check):
        with self.registry.cursor() as first, self.registry.cursor() as second:
            second.execute("SELECT 1")  # the snapshot of the second is from before
            check(self._env(first))
            first.commit()
            with self.assertRaises(psycopg2.errors.SerializationFailure):
                check(self._env(second))
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
            env = self._env(cr)
            env["prm.program"].new({"company_id": env.company.id})._check_prerequisites()
            cr.execute("SELECT 1 FROM prm_account_lock WHERE name LIKE 'prerequisite:%%'")
            self.assertFalse(cr.fetchall())
