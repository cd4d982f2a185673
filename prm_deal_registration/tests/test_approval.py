from datetime import date, datetime, timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import freeze_time

from .common import DealCase


class TestApproval(DealCase):
    def test_automatic_approval(self):
        deal = self._register()
        self.assertEqual(deal.state, "approved")
        self.assertEqual(deal.decided_by_id, self.env.ref("base.user_root"))
        self.assertTrue(deal.date_decided)
        lead = deal.lead_id
        self.assertEqual(lead.type, "opportunity")
        self.assertEqual(lead.partner_assigned_id, self.partner)
        self.assertEqual(lead.registration_id, deal)
        self.assertEqual(lead.prm_partner_id, self.partner)
        self.assertEqual(lead.expected_revenue, 12000)
        self.assertEqual(lead.user_id, self.manager)
        self.assertIn(self.env.ref("prm_deal_registration.crm_tag_partner_deal"), lead.tag_ids)

    def test_large_deal_goes_to_the_manager(self):
        deal = self._register(amount=100000.01)
        self.assertEqual(deal.state, "in_review")
        self.assertEqual(deal.approver_id, self.manager)
        self.assertEqual(deal.activity_ids.user_id, self.manager)
        self.assertEqual(self._register(name="small", amount=100000).state, "approved")

    def test_first_rule_that_holds_decides(self):
        self.env["prm.approval.rule"].create(
            {
                "name": "Gold",
                "sequence": 1,
                "grade_id": self.gold.id,
                "program_id": self.program.id,
                "outcome": "review",
                "approver_id": self.program_manager.id,
            }
        )
        self.assertEqual(self._register().approver_id, self.program_manager)
        self.assertEqual(self._register(self.rival_user, name="initech").state, "approved")

    def test_rule_of_another_company(self):
        company = self.env["res.company"].create({"name": "B"})
        self.env["prm.approval.rule"].create(
            {
                "name": "B",
                "sequence": 1,
                "company_id": company.id,
                "outcome": "reject",
                "reason_id": self.reason.id,
            }
        )
        self.assertEqual(self._register().state, "approved")

    def test_rejecting_rule(self):
        self.env["prm.approval.rule"].create(
            {"name": "No", "sequence": 1, "outcome": "reject", "reason_id": self.reason.id}
        )
        deal = self._register()
        self.assertEqual((deal.state, deal.reason_id), ("rejected", self.reason))
        self.assertFalse(deal.lead_id)

    def test_without_rule_the_deal_waits(self):
        self.env["prm.approval.rule"].search([]).active = False
        deal = self._register()
        self.assertEqual(deal.state, "submitted")
        self.assertTrue(deal.activity_ids)
        deal.with_user(self.manager).action_start_review()
        self.assertEqual((deal.state, deal.approver_id), ("in_review", self.manager))

    def test_manual_approval(self):
        deal = self._register(amount=200000)
        deal.with_user(self.manager).action_approve()
        self.assertEqual((deal.state, deal.decided_by_id), ("approved", self.manager))
        self.assertFalse(deal.activity_ids)
        self.assertTrue(deal.lead_id)
        with self.assertRaises(UserError):
            deal.with_user(self.manager).action_approve()

    def test_approval_ties_the_chosen_opportunity(self):
        lead = self.env["crm.lead"].create(
            {"type": "opportunity", "name": "Direct", "email_from": "ceo@globex.com"}
        )
        deal = self._register()
        deal.conflict_ids.with_user(self.manager).action_use_lead()
        deal.with_user(self.manager).action_approve()
        self.assertEqual(deal.lead_id, lead)
        self.assertEqual(lead.registration_id, deal)
        self.assertEqual(lead.partner_assigned_id, self.partner)

    def test_one_approved_registration_per_opportunity(self):
        first = self._register(category_id=self.hardware.id)
        second = self._register(self.rival_user, category_id=self.hardware.id)
        second.lead_id = first.lead_id
        with self.assertRaises(UserError):
            second.with_user(self.other_manager).action_approve()

    def test_reject(self):
        deal = self._register(amount=200000)
        with self.assertRaises(UserError):
            deal.with_user(self.manager).action_reject(False, "No")
        deal.with_user(self.manager).action_reject(self.reason.id, "Sorry")
        self.assertEqual(deal.state, "rejected")
        self.assertEqual((deal.reason_id, deal.decision_note), (self.reason, "Sorry"))
        self.assertEqual(deal.decided_by_id, self.manager)

    def test_wizards(self):
        deal = self._register(amount=200000).with_user(self.manager)
        wizard = deal.env["prm.deal.return"].with_context(active_ids=deal.ids)
        wizard.create({"reason": "Who decides?"}).action_return()
        self.assertEqual((deal.state, deal.decision_note), ("returned", "Who decides?"))
        deal.action_submit()
        wizard = deal.env["prm.deal.reject"].with_context(active_ids=deal.ids)
        wizard.create({"reason_id": self.reason.id}).action_reject()
        self.assertEqual(deal.state, "rejected")

    def test_return_keeps_the_place_in_the_queue(self):
        deal = self._register(amount=200000)
        number, submitted = deal.submit_number, deal.date_submitted
        deal.with_user(self.manager).action_return("Who decides?")
        self._register(self.rival_user, name="later")
        deal.with_user(self.sales_user).prm_update({"amount": "5000"})
        deal.with_user(self.sales_user).action_submit()
        self.assertEqual(deal.state, "approved")
        self.assertEqual((deal.submit_number, deal.date_submitted), (number, submitted))
        self.assertEqual(deal.amount, 5000)

    def test_order_of_submission(self):
        first, second = self._register(), self._register(self.rival_user, name="initech")
        self.assertLess(first.submit_number, second.submit_number)

    def test_states_change_by_actions_only(self):
        deal = self._register(amount=200000).with_user(self.manager)
        for values in ({"state": "approved"}, {"date_protected_until": date(2099, 1, 1)}):
            with self.assertRaises(UserError):
                deal.write(values)
        with self.assertRaises(UserError):
            deal.copy({"state": "approved"})

    def test_decided_claim_is_fixed(self):
        deal = self._register().with_user(self.manager)
        deal.description = "Still possible"
        for values in (
            {"customer_website": "x.com"},
            {"partner_id": self.rival.id},
            {"amount": 13000},
            {"date_close": "2099-01-01"},
        ):
            with self.assertRaises(UserError):
                deal.write(values)

    def test_only_drafts_are_deleted(self):
        with self.assertRaises(UserError):
            self._register().with_user(self.manager).unlink()
        self._draft(name="other").with_user(self.manager).unlink()

    def test_suspended_partner(self):
        deal = self._register(amount=200000)
        draft = self._draft(name="draft")
        self.membership.action_suspend("Unpaid invoices")
        with self.assertRaises(UserError):
            deal.with_user(self.manager).action_approve()
        with self.assertRaisesRegex(UserError, "suspended: Unpaid invoices"):
            self._register(name="other")
        with self.assertRaisesRegex(UserError, "suspended: Unpaid invoices"):
            draft.with_user(self.manager).action_submit()

    def test_program_that_is_over(self):
        draft = self._draft()
        self.program.date_end = fields.Date.today() - timedelta(days=1)
        with self.assertRaisesRegex(UserError, "was valid until"):
            draft.with_user(self.manager).action_submit()
        with self.assertRaisesRegex(UserError, "was valid until"):
            self._register(name="other")

    def test_another_membership_registers_for_a_suspended_one(self):
        second = self._enroll(self.partner, program=self.program.copy({"name": "Second"}))
        self.membership.action_suspend()
        self.assertEqual(self._register().membership_id, second)

    def test_partner_cannot_decide(self):
        deal = self._register(amount=200000).with_user(self.sales_user)
        for decide in (
            deal.action_approve,
            deal.action_start_review,
            lambda: deal.action_return("x"),
            lambda: deal.action_reject(self.reason.id, "x"),
        ):
            with self.assertRaises(AccessError):
                decide()

    def test_deadline_in_working_days(self):
        calendar = self.env["resource.calendar"].create(
            {
                "name": "Nine to five",
                "tz": "Europe/Berlin",
                "attendance_ids": [
                    Command.create({"name": day, "dayofweek": day, "hour_from": 9, "hour_to": 17})
                    for day in "01234"
                ],
            }
        )
        self.company.resource_calendar_id = calendar
        deal = self._draft()
        # Berlin is one hour ahead of UTC in winter: 17:00 there is 16:00 here.
        for submitted, due in (
            (datetime(2026, 1, 5, 8), datetime(2026, 1, 7, 16)),  # Monday → Wednesday
            (datetime(2026, 1, 8, 8), datetime(2026, 1, 12, 16)),  # Thursday → Monday
            (datetime(2026, 1, 10, 12), datetime(2026, 1, 13, 16)),  # Saturday → Tuesday
        ):
            self.assertEqual(deal._get_decision_deadline(submitted), due)

    def test_protection_days_of_tier_and_program(self):
        with freeze_time("2026-03-01"):
            deal = self._register(date_close="2026-06-01")
        self.assertEqual(deal.date_protected_from, date(2026, 3, 1))
        self.assertEqual(deal.date_protected_until, date(2026, 5, 30))
        self.env["prm.tier.benefit"].create(
            {
                "grade_id": self.silver.id,
                "kind": "protection_days",
                "value": 30,
                "date_from": "2026-03-01",
            }
        )
        with freeze_time("2026-03-01"):
            deal = self._register(self.rival_user, name="initech", date_close="2026-06-01")
        self.assertEqual(deal.date_protected_until, date(2026, 3, 31))
