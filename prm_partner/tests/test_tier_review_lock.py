from odoo.tests import tagged

from .lock_common import LockCase


@tagged("post_install", "-at_install")
class TestTierReviewLock(LockCase):
    """Two processes begin the daily review at once, each in a transaction of its own."""

    LOCKS = ("tier_review:%",)

    def setUp(self):
        super().setUp()
        with self.registry.cursor() as cr:
            program = self._env(cr)["prm.program"].create({"name": "Race of reviews"})
            self.program_id = program.id

    def _clean(self):
        with self.registry.cursor() as cr:
            env = self._env(cr)
            program = env["prm.program"].browse(self.program_id)
            env["prm.tier.review"].search([("program_id", "=", program.id)]).unlink()
            program.unlink()
        return super()._clean()

    def _start(self, cr):
        env = self._env(cr)
        return env["prm.tier.review"]._start_daily(env["prm.program"].browse(self.program_id))

    def _count(self, cr):
        return self._env(cr)["prm.tier.review"].search_count(
            [("program_id", "=", self.program_id)]
        )

    def test_second_process_leaves_it_to_the_first(self):
        with self.registry.cursor() as first, self.registry.cursor() as second:
            second.execute("SELECT 1")  # the snapshot of the second is from before
            self.assertTrue(self._start(first))
            first.commit()
            self.assertFalse(self._start(second))
            self.assertEqual(self._count(second), 0)  # its transaction still works
            second.commit()
            self.assertTrue(self._start(second))
            self.assertEqual(self._count(second), 1)

    def test_second_process_begins_what_the_first_has_not(self):
        with self.registry.cursor() as first, self.registry.cursor() as second:
            second.execute("SELECT 1")
            self._start(first)
            first.rollback()
            self.assertTrue(self._start(second))
            self.assertEqual(self._count(second), 1)
            second.rollback()
