from itertools import pairwise

import psycopg2

from odoo import fields
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from ..demo.prm_demo_tier_past import PAST


@tagged("post_install", "-at_install")
class TestDemo(TransactionCase):
    def _get_history(self, partner):
        membership = self.env.ref(f"prm_partner.membership_{partner}")
        return membership, membership.change_ids.sorted(lambda change: (change.date, change.id))

    def test_partners_have_come_to_their_tiers_step_by_step(self):
        for partner in PAST:
            with self.subTest(partner=partner):
                membership, changes = self._get_history(partner)
                self.assertGreater(len(changes), 1)
                self.assertEqual(changes[0].kind, "enrolled")
                self.assertEqual(changes[0].date.date(), membership.date_start)
                for before, after in pairwise(changes):
                    self.assertEqual(after.old_grade_id, before.new_grade_id)
                    self.assertGreater(after.date, before.date)
                self.assertEqual(changes[-1].new_grade_id, membership.grade_id)
                self.assertNotIn(self.env.ref("base.user_root"), changes.user_id)

    def test_a_tier_at_risk_is_not_held(self):
        membership, _changes = self._get_history("isarwerk")
        self.assertEqual(membership.state, "at_risk")
        self.assertLess(membership.hold_until, fields.Date.today())

    def test_the_past_is_as_fixed_as_any_history(self):
        _membership, changes = self._get_history("northwind")
        with (
            self.assertRaises(psycopg2.errors.IntegrityConstraintViolation),
            mute_logger("odoo.sql_db"),
            self.cr.savepoint(),
        ):
            self.cr.execute(
                "UPDATE prm_tier_change SET date = now() WHERE id = %s", changes[:1].ids
            )
