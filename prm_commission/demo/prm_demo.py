from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Command

CONTEXT = {"tracking_disable": True, "mail_create_nolog": True, "mail_create_nosubscribe": True}
PRODUCTS = {"gateways": "edge", "subscriptions": "insight", "services": "care"}

# What the customers do, in turn: share of the invoice paid, days after the invoice (None: today).
PAYMENTS = (
    ((1.0, 20),),
    ((0.5, 15), (0.5, 45)),
    ((1.0, 25),),
    (),
    ((1.0, 18),),
    ((0.4, 20), (0.3, None)),
)
# Every so many invoices a fifth is credited after the payment.
CREDIT_EVERY = 5


class PrmDemo(models.AbstractModel):
    _inherit = "prm.demo"

    @api.model
    def _load_commissions(self):
        """Orders, invoices and payments of the won deals; settlements of the last months."""
        company = self.env.ref("base.main_company")
        demo = self.with_context(**CONTEXT, allowed_company_ids=company.ids).with_company(company)
        if not company.chart_template:
            self.env["account.chart.template"].try_loading(
                "generic_coa", company=company, install_demo=False
            )
        deals = demo.env["prm.deal.registration"].search(
            [("state", "=", "won"), ("company_id", "=", company.id), ("lead_id", "!=", False)],
            order="date_won, id",
        )
        for number, deal in enumerate(deals):
            invoice = demo._invoice_demo_deal(deal)
            demo._pay_demo_invoice(invoice, PAYMENTS[number % len(PAYMENTS)])
            if number % CREDIT_EVERY == CREDIT_EVERY - 1:
                demo._credit_demo_invoice(invoice)
        demo._settle_demo_months()

    def _invoice_demo_deal(self, deal):
        """Quotation, order and posted invoice of a deal."""
        order = self.env["sale.order"].create(self._prepare_demo_order(deal))
        order.action_confirm()
        order.date_order = deal.date_won
        invoice = order._create_invoices()
        invoice.invoice_date = self._get_demo_past(deal.date_won + timedelta(days=5))
        invoice.action_post()
        return invoice

    def _prepare_demo_order(self, deal):
        lead = deal.lead_id
        category = deal.category_id.get_external_id()[deal.category_id.id].rpartition("_")[2]
        main = PRODUCTS.get(category, "edge")
        care = deal.amount * 0.15 if main == "edge" else 0.0
        lines = [(main, deal.amount - care)] + ([("care", care)] if care else [])
        return {
            "partner_id": lead.partner_id.id,
            "opportunity_id": lead.id,
            "team_id": lead.team_id.id,
            "user_id": lead.user_id.id,
            "order_line": [
                Command.create(self._prepare_demo_line(code, amount)) for code, amount in lines
            ],
        }

    def _prepare_demo_line(self, code, amount):
        product = self.env.ref(f"prm_commission.product_{code}")
        quantity = max(1, round(amount / product.lst_price))
        return {
            "product_id": product.id,
            "product_uom_qty": quantity,
            "price_unit": round(amount / quantity, 2),
        }

    def _pay_demo_invoice(self, invoice, payments):
        for share, days in payments:
            date = fields.Date.context_today(self)
            if days is not None:
                date = self._get_demo_past(invoice.invoice_date + timedelta(days=days))
            amount = invoice.currency_id.round(invoice.amount_total * share)
            self._register_demo_payment(invoice, min(amount, invoice.amount_residual), date)

    def _credit_demo_invoice(self, invoice):
        """Credit a fifth of the first line, and pay it back if the invoice was paid."""
        date = self._get_demo_past(invoice.invoice_date + timedelta(days=50))
        refund = invoice._reverse_moves([{"invoice_date": date, "date": date}])
        refund.invoice_line_ids[1:].unlink()
        refund.invoice_line_ids.price_unit *= 0.2
        refund.action_post()
        if refund.amount_residual:
            self._register_demo_payment(refund, refund.amount_residual, date)

    def _register_demo_payment(self, moves, amount, date):
        wizard = self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=moves.ids
        )
        wizard.create({"payment_date": date, "amount": amount})._create_payments()

    def _settle_demo_months(self):
        """Months back: 3 paid, 2 billed, 1 sent or confirmed; drafts for this month."""
        month = fields.Date.context_today(self).replace(day=1)
        paid = self._settle_demo_month(month - relativedelta(months=3))
        self._pay_demo_bills(self._bill_demo_settlements(paid))
        billed = self._settle_demo_month(month - relativedelta(months=2))
        self._bill_demo_settlements(billed)
        last = self._settle_demo_month(month - relativedelta(months=1))
        self._send_demo_settlements(last)
        self._confirm_demo_settlements(last[1:])
        self._settle_demo_month(month)

    def _settle_demo_month(self, month):
        officer = self.env.ref("base.user_admin")
        wizard = (
            self.env["prm.commission.settle"]
            .with_user(officer)
            .create(
                {
                    "company_id": self.env.company.id,
                    "date_from": month,
                    "date_to": month + relativedelta(months=1, days=-1),
                }
            )
        )
        wizard.action_settle()
        return wizard.settlement_ids

    def _send_demo_settlements(self, settlements):
        """Mark as sent, as of the third day after the period; demo data sends no mail."""
        settlements._mark_sent()
        for settlement in settlements.sudo():  # sudo: protected fields, see `write`
            settlement.date_sent = self._get_demo_past(settlement.date_to + timedelta(days=3))

    def _confirm_demo_settlements(self, settlements):
        role = self.env.ref("prm_partner.group_partner_admin")
        for settlement in settlements:
            users = role.all_user_ids.filtered(
                lambda user, partner=settlement.partner_id: (
                    user.partner_id.commercial_partner_id == partner
                )
            )
            settlement.with_user(users[:1] or settlement.env.user).action_confirm()
            date = self._get_demo_past(settlement.date_to + timedelta(days=5))
            settlement.sudo().date_confirmed = date  # sudo: protected field, see `write`

    def _bill_demo_settlements(self, settlements):
        """Everything from sending to the posted bill."""
        self._send_demo_settlements(settlements)
        self._confirm_demo_settlements(settlements)
        settlements.with_user(self.env.ref("prm_commission.user_finn")).action_approve()
        if settlements:
            settlements.action_create_bill()
        for settlement in settlements.sudo():  # sudo: protected field, see `write`
            date = self._get_demo_past(settlement.date_to + timedelta(days=8))
            settlement.date_approved = settlement.bill_id.invoice_date = date
            settlement.bill_id.action_post()
        return settlements.bill_id

    def _pay_demo_bills(self, bills):
        for bill in bills:
            date = self._get_demo_past(bill.invoice_date + timedelta(days=10))
            self._register_demo_payment(bill, bill.amount_residual, date)

    def _get_demo_past(self, date):
        """``date``, or today if it is still to come."""
        return min(date, fields.Date.context_today(self))
