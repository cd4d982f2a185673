from psycopg2.errors import CheckViolation

from odoo.exceptions import UserError
from odoo.tools import mute_logger

from .common import PartnerCase


class TestPromises(PartnerCase):
    """Ways round the rules of tiers and memberships that are closed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.membership = cls._enroll(cls.partner, cls.gold)

    def test_membership_stays_with_its_partner_and_program(self):
        other = self.program.copy()
        for values in ({"partner_id": self.rival.id}, {"program_id": other.id}):
            with self.subTest(values=values), self.assertRaisesRegex(UserError, "stays with"):
                self.membership.write(values)
        self.membership.write({"partner_id": self.partner.id})  # the same is no move

    def test_nobody_activates_what_is_at_risk(self):
        self.membership.write({"state": "at_risk", "grace_until": "2030-01-31"})
        with self.assertRaisesRegex(UserError, "At Risk"):
            self.membership.action_activate()
        self.assertEqual(str(self.membership.grace_until), "2030-01-31")

    def test_grace_goes_on_when_a_suspension_is_undone(self):
        self.membership.write(
            {"state": "at_risk", "at_risk_since": "2029-11-01", "grace_until": "2030-01-31"}
        )
        self.membership.action_suspend("Unpaid invoices")
        self.membership.action_resume()
        self.assertEqual(self.membership.state, "at_risk")
        self.assertEqual(str(self.membership.grace_until), "2030-01-31")

    def test_partner_manager_enters_no_active_members(self):
        values = {"partner_id": self.rival.id, "program_id": self.program.id}
        memberships = self.env["prm.membership"].with_user(self.manager)
        for state in ("active", "suspended"):
            with self.subTest(state=state), self.assertRaisesRegex(UserError, "applicant"):
                memberships.create({**values, "state": state})
        self.assertEqual(memberships.create(values).state, "applicant")

    def test_no_context_goes_past_the_history(self):
        """A context comes from the client, so it is no proof of anything."""
        context = {"prm_tier_logged": True, "prm_grade_sync": True}
        for records, tier in ((self.membership, self.platinum), (self.partner, self.silver)):
            with self.subTest(model=records._name):
                changes = len(self.membership.change_ids)
                records.with_user(self.program_manager).with_context(**context).grade_id = tier
                self.assertEqual(len(self.membership.change_ids), changes + 1)
                self.assertEqual(self.membership.change_ids[0].new_grade_id, tier)
                self.assertEqual(self.membership.grade_id, self.partner.grade_id)

    def test_tier_that_partners_hold_stays(self):
        for name, attempt in {
            "archive": lambda: self.gold.write({"active": False}),
            "move": lambda: self.gold.write({"program_id": False}),
            "delete": self.gold.unlink,
        }.items():
            with self.subTest(way=name), self.assertRaisesRegex(UserError, "1 partners hold"):
                attempt()
        self.platinum.active = False
        self.assertFalse(self.platinum.active)

    def test_threshold_is_a_number(self):
        metric = self.env.ref("prm_partner.prm_metric_revenue")
        for threshold in (float("nan"), float("inf")):
            with (
                self.subTest(threshold=threshold),
                mute_logger("odoo.sql_db"),
                self.assertRaises(CheckViolation),
            ):
                self.env["prm.tier.requirement"].create(
                    {"grade_id": self.gold.id, "metric_id": metric.id, "threshold": threshold}
                )

    def test_periods_have_bounds(self):
        for name in ("hold_months", "grace_days", "duration_months", "review_interval"):
            with (
                self.subTest(field=name),
                mute_logger("odoo.sql_db"),
                self.assertRaises(CheckViolation),
            ):
                self.program.write({name: 999999})
                self.env.flush_all()

    def test_numbers_have_bounds(self):
        metric = self.env.ref("prm_partner.prm_metric_revenue")
        plan = self.env["prm.onboarding.plan"].create(
            {"name": "Plan", "program_id": self.program.id}
        )
        weight = {"program_id": self.program.id, "metric_id": metric.id, "target": 10.0}
        for model, values in (
            ("prm.scorecard.weight", {**weight, "weight": float("nan")}),
            ("prm.scorecard.weight", {**weight, "target": float("nan")}),
            ("prm.scorecard.weight", {**weight, "target": 1e300}),
            ("prm.onboarding.plan.line", {"plan_id": plan.id, "name": "x", "offset_days": 10**8}),
            (
                "prm.tier.benefit",
                {"grade_id": self.gold.id, "kind": "protection_days", "value": 1e9},
            ),
        ):
            with (
                self.subTest(model=model, values=values),
                mute_logger("odoo.sql_db"),
                self.assertRaises(CheckViolation),
                self.cr.savepoint(),
            ):
                self.env[model].create(values)
                self.env.flush_all()
