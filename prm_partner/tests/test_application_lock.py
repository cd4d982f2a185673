import psycopg2

from odoo import api
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, get_db_name, tagged


@tagged("post_install", "-at_install")
class TestApplicationLock(BaseCase):
    """Two people approve at once, each in a transaction of its own."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        self.addCleanup(self._clean)

    def _clean(self):
        with self.registry.cursor() as cr:
            cr.execute("DELETE FROM prm_account_lock WHERE name LIKE 'application:%%race%%'")
            cr.execute("DELETE FROM prm_account_lock WHERE name LIKE 'application:NewId%%'")

    def _application(self, cr, name):
        env = api.Environment(cr, api.SUPERUSER_ID, {})
        return env["prm.application"].new(
            {"name": name, "website": "https://race-of-approvals.example"}
        )

    def test_second_approval_of_a_company_starts_again(self):
        """It would not see the partner that the first one has made."""
        with self.registry.cursor() as first, self.registry.cursor() as second:
            second.execute("SELECT 1")  # the snapshot of the second is from before
            self._application(first, "Race one")._lock_identity()
            first.commit()
            with self.assertRaises(psycopg2.errors.SerializationFailure):
                self._application(second, "Race two")._lock_identity()
            second.rollback()

    def test_other_companies_do_not_wait(self):
        with self.registry.cursor() as first, self.registry.cursor() as second:
            self._application(first, "Race one")._lock_identity()
            other = self._application(second, "Race other")
            other.website = "https://another-race.example"
            second.execute("SET LOCAL lock_timeout = '1s'")
            other._lock_identity()
            first.rollback()
            second.rollback()
