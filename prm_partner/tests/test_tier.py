from psycopg2.errors import CheckViolation, UniqueViolation

from odoo import fields
from odoo.fields import Command
from odoo.tests import Form
from odoo.tools import mute_logger

from .common import PartnerCase


class TestTier(PartnerCase):
    def _last_change(self, membership):
        return membership.change_ids.sorted("id")[-1]

    def test_enrolment_writes_history(self):
        membership = self._enroll(self.partner, self.gold)
        change = membership.change_ids
        self.assertFalse(change.old_grade_id)
        self.assertEqual(change.new_grade_id, self.gold)

    def test_change_writes_history_with_reason_and_values(self):
        membership = self._enroll(self.partner, self.silver)
        values = {membership.id: [{"code": "revenue", "value": 12.0}]}
        membership._set_tier(self.gold, "Review", values)
        change = self._last_change(membership)
        self.assertEqual((change.old_grade_id, change.new_grade_id), (self.silver, self.gold))
        self.assertEqual(change.reason, "Review")
        self.assertEqual(change.measured, values[membership.id])

    def test_writing_the_tier_cannot_bypass_history(self):
        membership = self._enroll(self.partner, self.silver)
        membership.write({"grade_id": self.platinum.id})
        self.assertEqual(membership.grade_id, self.platinum)
        self.assertEqual(len(membership.change_ids), 2)

    def test_same_tier_writes_nothing(self):
        membership = self._enroll(self.partner, self.silver)
        membership._set_tier(self.silver, "Review")
        self.assertEqual(len(membership.change_ids), 1)

    def test_partner_gets_a_mail_in_its_language(self):
        self.env["res.lang"]._activate_lang("ru_RU")
        self.partner.lang = "ru_RU"
        template = self.env.ref("prm_partner.mail_template_tier_changed")
        template.with_context(lang="ru_RU").subject = "Ваш уровень: {{ object.grade_id.name }}"
        membership = self._enroll(self.partner, self.silver)
        membership._set_tier(self.gold, "Review")
        mail = self.env["mail.mail"].search(
            [("model", "=", "prm.membership"), ("res_id", "=", membership.id)]
        )
        self.assertEqual(mail.subject, "Ваш уровень: Gold")
        self.assertEqual(mail.recipient_ids, self.partner)
        self.assertIn("Review", mail.body_html)

    def test_next_tier(self):
        self.assertEqual(self.silver._prm_next(), self.gold)
        self.assertEqual(self.gold._prm_next(), self.platinum)
        self.assertFalse(self.platinum._prm_next())

    def test_wizard_asks_for_a_reason(self):
        membership = self._enroll(self.partner, self.silver, user=self.manager)
        wizard = Form(
            self.env["prm.tier.assign"]
            .with_user(self.manager)
            .with_context(default_membership_id=membership.id)
        )
        wizard.grade_id = self.gold
        with self.assertRaisesRegex(AssertionError, "reason"):
            wizard.save()
        wizard.reason = "Agreed in the annual review"
        wizard.save().action_assign()
        self.assertEqual(membership.grade_id, self.gold)
        self.assertEqual(self._last_change(membership).user_id, self.manager)

    def test_progress(self):
        self.gold.requirement_ids = [
            Command.create(
                {"metric_id": self.env.ref("prm_partner.prm_metric_revenue").id, "threshold": 4000}
            )
        ]
        membership = self._enroll(self.partner, self.silver)
        self._post_invoice(self.partner, 1000.0)
        progress = membership._tier_progress()
        self.assertEqual(progress["grade"], self.gold)
        self.assertEqual(progress["percent"], 25)
        [requirement] = progress["requirements"]
        self.assertEqual(requirement["value"], 1000.0)
        self.assertEqual(requirement["missing"], 3000.0)
        self.assertFalse(requirement["met"])
        self._post_invoice(self.partner, 5000.0)
        [requirement] = membership._tier_progress()["requirements"]
        self.assertEqual((requirement["percent"], requirement["missing"]), (100, 0.0))
        self.assertTrue(requirement["met"])

    def test_progress_at_the_top(self):
        progress = self._enroll(self.partner, self.platinum)._tier_progress()
        self.assertFalse(progress["grade"])
        self.assertEqual(progress["percent"], 100)

    def test_progress_is_shown_on_the_form(self):
        self.gold.requirement_ids = [
            Command.create(
                {"metric_id": self.env.ref("prm_partner.prm_metric_revenue").id, "threshold": 4000}
            )
        ]
        membership = self._enroll(self.partner, self.silver)
        self._post_invoice(self.partner, 1000.0)
        self.assertIn("width: 25%", membership.tier_progress_html)

    def test_threshold_of_zero(self):
        metric = self.env.ref("prm_partner.prm_metric_revenue")
        with (
            self.assertRaises(CheckViolation),
            mute_logger("odoo.sql_db"),
            self.cr.savepoint(),
        ):
            self.gold.requirement_ids = [
                Command.create({"metric_id": metric.id, "threshold": 0.0})
            ]
            self.env.flush_all()

    def test_metric_where_lower_is_better(self):
        metric = self.env["prm.metric"].create(
            {"code": "t_hours", "name": "Hours", "direction": "down"}
        )
        requirement = self.env["prm.tier.requirement"].create(
            {"grade_id": self.gold.id, "metric_id": metric.id, "threshold": 8.0}
        )
        self.assertEqual(requirement._as_rule().progress(16.0)["percent"], 50)
        self.assertTrue(requirement._as_rule().progress(8.0)["met"])
        self.assertTrue(requirement._as_rule().progress(0.0)["met"])

    def _post_invoice(self, partner, amount):
        account = self.env["account.account"].search(
            [("account_type", "=", "income"), ("company_ids", "=", self.company.id)], limit=1
        )
        invoice = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": partner.id,
                "invoice_date": fields.Date.today(),
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": "Goods",
                            "quantity": 1,
                            "price_unit": amount,
                            "account_id": account.id,
                            "tax_ids": False,
                        }
                    )
                ],
            }
        )
        invoice.action_post()
        return invoice

    def test_two_tiers_have_not_the_same_name(self):
        with (
            self.assertRaises(UniqueViolation) as caught,
            mute_logger("odoo.sql_db"),
            self.cr.savepoint(),
        ):
            self.gold.name = self.silver.name
            self.env.flush_all()
        message = self.env["res.partner.grade"]._sql_error_to_message(caught.exception)
        self.assertIn("already has a tier with this name", message)
