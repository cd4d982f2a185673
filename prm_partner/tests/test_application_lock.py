import psycopg2

from odoo.tests import tagged

from .lock_common import LockCase


@tagged("post_install", "-at_install")
class TestApplicationLock(LockCase):
    """Two people approve at once, each in a transaction of its own."""

    LOCKS = ("application:%race%", "application:NewId%")

    def _application(self, cr, name):
        return self._env(cr)["prm.application"].new(
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
