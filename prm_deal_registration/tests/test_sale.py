from psycopg2 import IntegrityError

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import mute_logger

from .common import DealCase


class TestSale(DealCase):
    """Orders and invoices know the deal and its end customer, for both ways of selling."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.deal = cls._register()
        cls.pricelist = cls.env["product.pricelist"].create(
            {
                "name": "Registered deals",
                "item_ids": [
                    Command.create({"compute_price": "percentage", "percent_price": 25})
                ],
            }
        )
        cls.env["prm.tier.benefit"].create(
            {
                "grade_id": cls.gold.id,
                "kind": "deal_pricelist",
                "pricelist_id": cls.pricelist.id,
            }
        )

    def _resale(self, deal=None):
        """A quotation as the button on the registration prepares it."""
        action = (deal or self.deal).action_new_resale_quotation()
        product = self.env["product.product"].create(
            {"name": "Gateway", "type": "service", "invoice_policy": "order", "list_price": 100}
        )
        return (
            self.env["sale.order"]
            .with_context(**action["context"])
            .create({"order_line": [Command.create({"product_id": product.id})]})
        )

    def _invoice(self, **values):
        return self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.partner.id,
                "registration_id": self.deal.id,
                "invoice_line_ids": [Command.create({"name": "x", "price_unit": 10})],
                **values,
            }
        )

    def test_the_customer_buys_from_us(self):
        order = self._order(self.deal)
        self.assertFalse(order.prm_is_resale)
        self.assertEqual(order.prm_end_customer_id, order.partner_id)
        self.assertNotEqual(order.pricelist_id, self.pricelist)
        order.action_confirm()
        invoice = order._create_invoices()
        self.assertEqual(invoice.prm_end_customer_id, order.partner_id)

    def test_the_partner_buys_and_resells(self):
        order = self._resale()
        self.assertTrue(order.prm_is_resale)
        self.assertEqual((order.partner_id, order.registration_id), (self.partner, self.deal))
        self.assertEqual(order.prm_partner_id, self.partner)
        self.assertEqual(order.pricelist_id, self.pricelist)
        self.assertEqual(order.amount_untaxed, 75)
        self.assertFalse(order.prm_end_customer_id)
        order.action_confirm()
        customer = order.prm_end_customer_id
        self.assertEqual(customer.name, self.deal.customer_name)
        self.assertEqual(self.deal.lead_id.partner_id.commercial_partner_id, customer)
        self.assertEqual(self.deal.state, "won")
        invoice = order._create_invoices()
        self.assertEqual(invoice.partner_id, self.partner)
        self.assertEqual(invoice.prm_end_customer_id, customer)
        invoice.action_post()
        self.assertEqual(invoice._reverse_moves().prm_end_customer_id, customer)
        self.assertFalse(invoice.copy().prm_end_customer_id)

    def test_the_known_customer_is_taken(self):
        customer = self.env["res.partner"].create({"name": "Globex", "is_company": True})
        self.deal.lead_id.partner_id = customer
        order = self._resale()
        self.assertEqual(order.prm_end_customer_id, customer)
        order.action_confirm()
        self.deal.lead_id.partner_id = self.env["res.partner"].create({"name": "Other"})
        self.assertEqual(order.prm_end_customer_id, customer, "what is sold stays")

    def test_only_the_tier_of_the_benefit(self):
        rival = self._register(self.rival_user, name="initech")
        self.assertNotEqual(self._resale(rival).pricelist_id, self.pricelist)

    def test_no_deal_no_deal_price(self):
        order = self.env["sale.order"].create({"partner_id": self.partner.id})
        self.assertNotEqual(order.pricelist_id, self.pricelist)
        self.assertFalse(order.prm_end_customer_id or order.prm_is_resale)
        order.registration_id = self.deal
        self.assertEqual(order.pricelist_id, self.pricelist)

    def test_resale_of_an_open_claim_is_refused(self):
        pending = self._register(name="umbrella", amount=200000)
        with self.assertRaises(UserError):
            pending.action_new_resale_quotation()

    def test_benefit_needs_a_price_list(self):
        with (
            self.assertRaises(IntegrityError),
            mute_logger("odoo.sql_db"),
            self.env.cr.savepoint(),
        ):
            self.env["prm.tier.benefit"].create(
                {"grade_id": self.silver.id, "kind": "deal_pricelist"}
            )
        benefit = self.env["prm.tier.benefit"].search([("kind", "=", "deal_pricelist")])
        self.assertIn(self.pricelist.display_name, benefit.summary)
        self.assertNotIn("deal_pricelist", benefit._get_partner_kinds())

    def test_an_invoice_wins_the_deal_too(self):
        invoice = self._invoice()
        self.assertEqual(self.deal.state, "approved")
        invoice.action_post()
        self.assertEqual(self.deal.state, "won")
        self.assertEqual(self.deal.event_ids[-1].data["order"], invoice.name)
        invoice.button_draft()
        self.assertEqual(self.deal.state, "approved")

    def test_the_order_keeps_it_won(self):
        order = self._order(self.deal)
        order.action_confirm()
        invoice = order._create_invoices()
        invoice.action_post()
        invoice.button_draft()
        self.assertEqual(self.deal.state, "won")
        invoice.button_cancel()
        order._action_cancel()
        self.assertEqual(self.deal.state, "approved")

    def test_a_bill_or_credit_note_wins_nothing(self):
        self._invoice(move_type="out_refund").action_post()
        self.assertEqual(self.deal.state, "approved")
