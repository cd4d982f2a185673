from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError, ValidationError

from .common import DealCase


class TestLeadRegistered(DealCase):
    """Whatever is done with the opportunity, registration and protection stay what they are."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.deal = cls._register()
        cls.lead = cls.deal.lead_id

    def _new_lead(self, **values):
        return self.env["crm.lead"].create({"type": "opportunity", "name": "Other", **values})

    def _assert_holds(self):
        """The partner has its deal, alone."""
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(self.deal.state, "approved")
        self.assertTrue(self.deal.protection_ids)
        lead = self.deal.lead_id
        self.assertEqual((lead.registration_id, lead.prm_partner_id), (self.deal, self.partner))
        self.assertEqual(lead.partner_assigned_id.commercial_partner_id, self.partner)

    def test_reassigning_is_refused(self):
        for partner in (self.rival, self.rival_contact, self.rival.browse()):
            with self.assertRaises(ValidationError) as caught, self.env.cr.savepoint():
                self.lead.partner_assigned_id = partner
            self.assertIn(self.deal.name, str(caught.exception))
        # known coordinates: nobody is asked for them
        self.lead.write({"partner_latitude": 52.5, "partner_longitude": 13.4})
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            self.lead.assign_partner(self.rival.id)
        self.lead.partner_assigned_id = self.contact
        self._assert_holds()

    def test_reassigning_after_withdrawal(self):
        self.deal.with_user(self.manager).action_withdraw()
        self.lead.partner_assigned_id = self.rival
        self.assertFalse(self.lead.prm_partner_id)

    def test_it_stays_an_opportunity_of_its_company(self):
        company = self.env["res.company"].create({"name": "B"})
        for values in ({"type": "lead"}, {"company_id": company.id}):
            with self.assertRaises(ValidationError), self.env.cr.savepoint():
                self.lead.write(values)
        self._assert_holds()

    def test_a_copy_is_another_deal(self):
        copy = self.lead.copy()
        self.assertFalse(copy.registration_id | copy.registration_ids)
        self.assertFalse(copy.partner_assigned_id or copy.date_partner_assign)
        free = self._new_lead(partner_assigned_id=self.rival.id)
        self.assertEqual(free.copy().partner_assigned_id, self.rival)
        self._assert_holds()

    def test_archiving_only_hides(self):
        self.lead.active = False
        self._assert_holds()
        self.assertEqual(self._register(self.rival_user).state, "in_review")

    def test_merging_keeps_the_partner_of_the_deal(self):
        other = self._new_lead(priority="3", partner_assigned_id=self.rival.id)
        other.probability = 90
        merged = (other | self.lead)._merge_opportunity()
        self.assertEqual(merged, other)
        self._assert_holds()

    def test_merging_assigns_the_partner(self):
        other = self._new_lead(probability=90)
        self.assertEqual((other | self.lead)._merge_opportunity(), other)
        self._assert_holds()

    def test_merging_leads_without_deals(self):
        leads = self._new_lead() | self._new_lead(partner_assigned_id=self.rival.id)
        self.assertEqual(leads._merge_opportunity().partner_assigned_id, self.rival)

    def test_another_customer_leaves_a_note(self):
        def count():
            return len(self.deal.message_ids), len(self.lead.message_ids)

        before = count()
        self.lead.email_from = "jane@globex.com"
        self.assertEqual(count(), before)
        self.lead.write({"email_from": "a@initech.com", "website": "initech.com"})
        self.assertEqual(count(), (before[0] + 1, before[1] + 1))
        self.assertIn(self.deal.customer_name, self.deal.message_ids[0].body)
        self.assertTrue(self.deal.message_ids[0].is_internal)
        self.lead.email_from = "b@initech.com"
        self.assertEqual(count(), (before[0] + 1, before[1] + 1), "said once")
        self._assert_holds()
        self.assertEqual(self.deal.protection_ids.account_key, "domain:globex.com")

    def test_lost_and_restored_under_another_partner(self):
        self.lead.action_set_lost()
        self.lead.partner_assigned_id = self.rival
        self.lead.action_unarchive()
        self.assertEqual(self.deal.state, "expired")
        self.assertFalse(self.deal.protection_ids)

    def test_restored_for_its_partner(self):
        self.lead.action_set_lost()
        self.lead.partner_assigned_id = False
        self.lead.action_unarchive()
        self._assert_holds()

    def test_restored_while_another_deal_has_the_opportunity(self):
        self.lead.action_set_lost()
        second = self._register(name="initech")
        self.deal.lead_id = second.lead_id
        self.deal._reopen()
        self.assertEqual(self.deal.state, "expired")
        self.assertEqual(second.lead_id.registration_id, second)

    def test_lost_opportunity_is_not_given_away(self):
        lost = self._new_lead()
        lost.action_set_lost()
        deal = self._register(self.rival_user, name="initech", amount=200000)
        deal.lead_id = lost
        with self.assertRaises(UserError) as caught:
            deal.action_approve()
        self.assertIn("is lost", str(caught.exception))

    def _win_days_ago(self, days):
        self.lead.action_set_won()
        self.lead.date_closed = fields.Datetime.now() - timedelta(days=days)

    def test_won_without_an_order_is_asked_for_once(self):
        self._win_days_ago(6)
        self.deals._cron_ask_for_orders()
        self.assertFalse(self.deal.activity_ids)
        self._win_days_ago(8)
        for _run in range(2):
            self.deals._cron_ask_for_orders()
            self.assertEqual(self.deal.activity_ids.user_id, self.manager)
            self.assertEqual(len(self.deal.activity_ids), 1)
        self._order(self.deal).action_confirm()
        self.assertFalse(self.deal.activity_ids)
        self.assertEqual(self.deal.state, "won")

    def test_programs_that_do_not_ask(self):
        self.program.won_order_days = 0
        self._win_days_ago(100)
        self.deals._cron_ask_for_orders()
        self.assertFalse(self.deal.activity_ids)
