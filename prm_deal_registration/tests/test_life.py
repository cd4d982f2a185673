from datetime import timedelta

from odoo import fields

from .common import DealCase


class TestLife(DealCase):
    def test_won_by_the_order(self):
        deal = self._register()
        order = self._order(deal)
        self.assertEqual((order.registration_id, order.prm_partner_id), (deal, self.partner))
        self.assertEqual(deal.state, "approved")
        order.action_confirm()
        self.assertEqual((deal.state, deal.date_won), ("won", fields.Date.today()))
        self.assertTrue(deal.protection_ids)
        self.assertEqual(deal.lead_id.registration_id, deal)

    def test_stage_does_not_win_the_deal(self):
        deal = self._register()
        deal.lead_id.action_set_won()
        self.assertEqual(deal.state, "approved")

    def test_cancelled_order_reopens_the_deal(self):
        deal = self._register()
        first, second = self._order(deal), self._order(deal)
        (first | second).action_confirm()
        first._action_cancel()
        self.assertEqual(deal.state, "won")
        second._action_cancel()
        self.assertEqual((deal.state, deal.date_won), ("approved", False))

    def test_lost_with_the_opportunity(self):
        deal = self._register()
        deal.lead_id.action_set_lost()
        self.assertEqual(deal.state, "lost")
        self.assertFalse(deal.protection_ids)
        self.assertFalse(deal.lead_id.registration_id)
        deal.lead_id.action_unarchive()
        self.assertEqual(deal.state, "approved")
        self.assertTrue(deal.protection_ids)
        self.assertEqual(deal.lead_id.registration_id, deal)

    def test_lost_deal_is_not_reopened_over_a_rival(self):
        deal = self._register()
        deal.lead_id.action_set_lost()
        rival = self._register(self.rival_user)
        self.assertEqual(rival.state, "approved")
        deal.lead_id.action_unarchive()
        self.assertEqual(deal.state, "expired")

    def test_withdrawn_by_the_partner(self):
        deal = self._register()
        deal.with_user(self.sales_user).action_withdraw()
        self.assertEqual(deal.state, "withdrawn")
        self.assertFalse(deal.protection_ids)
        self.assertFalse(deal.lead_id.prm_partner_id)

    def test_withdrawing_leaves_the_opportunity_of_others(self):
        lead = self.env["crm.lead"].create(
            {"type": "opportunity", "name": "Given", "partner_assigned_id": self.partner.id}
        )
        pending = self._register(amount=200000)
        pending.lead_id = lead
        pending.action_withdraw()
        self.assertEqual(lead.partner_assigned_id, self.partner)
        deal = self._register(name="initech")
        deal.action_withdraw()
        self.assertFalse(deal.lead_id.partner_assigned_id)

    def test_invoice_and_credit_note_carry_the_deal(self):
        deal = self._register()
        order = self._order(deal)
        order.action_confirm()
        invoice = order._create_invoices()
        self.assertEqual((invoice.registration_id, invoice.prm_partner_id), (deal, self.partner))
        invoice.action_post()
        credit = invoice._reverse_moves()
        self.assertEqual((credit.registration_id, credit.prm_partner_id), (deal, self.partner))
        self.assertFalse(invoice.copy().prm_partner_id)

    def test_orders_of_two_deals_are_two_invoices(self):
        deals = self._register() | self._register(self.rival_user, name="initech")
        orders = self.env["sale.order"]
        for deal in deals:
            orders |= self._order(deal)
        orders.partner_id = orders[0].partner_id
        orders.partner_invoice_id = orders.partner_shipping_id = orders[0].partner_id
        orders.action_confirm()
        invoices = orders._create_invoices()
        self.assertEqual(invoices.registration_id, deals)
        self.assertEqual(len(invoices), 2)

    def test_what_is_sold_stays_credited(self):
        deal = self._register()
        sold, quotation = self._order(deal), self._order(deal)
        sold.action_confirm()
        deal.sudo()._transition("expired", "expired")
        self.assertEqual(sold.prm_partner_id, self.partner)
        self.assertFalse(quotation.prm_partner_id)

    def _end_yesterday(self, deal):
        yesterday = fields.Date.today() - timedelta(days=1)
        start = yesterday - timedelta(days=90)
        deal.write({"date_protected_from": start, "date_protected_until": yesterday})
        deal.protection_ids.write({"date_start": start, "date_end": yesterday})

    def test_expiry(self):
        deal, other = self._register(), self._register(name="initech")
        won = self._register(name="won")
        self._order(won).action_confirm()
        for ending in (deal, won):
            self._end_yesterday(ending)
        self._run_expiry()
        self.assertEqual((deal | other | won).mapped("state"), ["expired", "approved", "won"])
        self.assertFalse((deal | won).protection_ids)
        self.assertTrue(other.protection_ids)
        self.assertFalse(deal.lead_id.registration_id)
        events = deal.event_ids
        self._run_expiry()
        self.assertEqual(deal.event_ids, events)
        # The opportunity is still ours, so the next claim is looked at, but nothing forbids it.
        rival = self._register(self.rival_user)
        self.assertEqual(rival.conflict_ids.other_lead_id, deal.lead_id)
        rival.with_user(self.other_manager).action_approve()
        self.assertEqual(rival.state, "approved")

    def test_last_day_is_protected(self):
        deal = self._register()
        deal.date_protected_until = fields.Date.today()
        self._run_expiry()
        self.assertEqual(deal.state, "approved")
