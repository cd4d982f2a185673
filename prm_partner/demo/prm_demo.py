from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Command

# Net amounts that a partner buys, one each 40 days, the latest first.
PURCHASES = {
    "northwind": (9800, 7400, 6200, 11800, 5600, 8300, 4900, 7900),
    "contoso": (3900, 2800, 5200, 3100, 1900),
    "elbtal": (24800, 17500, 21200, 19400, 16800, 18900, 15300, 12400, 9700),
    "isarwerk": (1400, 900, 2600, 3800),
    "thames": (8700, 6900, 9200, 5400, 7300, 6100),
    "garonne": (2900, 3400, 4100, 2200),
    "romashka": (7600, 8200, 6400, 9100, 5800),
    "mesa": (1200, 2100, 1800),
    "hansekontor": (64000, 58000, 71000, 49000, 52000, 44000, 47000, 39000),
    "steppe": (14200, 11800, 12600),
}

# What was talked about with a partner, the latest first.
ACTIVITIES = {
    "northwind": "Quarterly business review",
    "isarwerk": "How to win back the tier",
    "elbtal": "Joint campaign for the autumn",
    "contoso": "Introduction of the new account executive",
    "thames": "Technical workshop planned",
}


class PrmDemo(models.AbstractModel):
    """Demo data that needs code: dates relative to today, documents made by their own methods.

    The add-ons extend it, and their demo files call their part by ``<function>``.
    """

    _name = "prm.demo"
    _description = "Demo Data of the Partner Add-ons"

    @api.model
    def _load_purchases(self):
        """What partners bought from the vendor last year: posted, mostly paid invoices."""
        journal = self.env["account.journal"].search(
            [("type", "=", "sale"), ("company_id", "=", self.env.company.id)], limit=1
        )
        if not journal.default_account_id:
            return  # a database without a chart of accounts has no invoices
        invoices = self.env["account.move"].create(
            [
                self._prepare_purchase_vals(name, amount, number)
                for name, amounts in PURCHASES.items()
                for number, amount in enumerate(amounts)
            ]
        )
        invoices.action_post()
        self._pay_due(invoices)

    def _prepare_purchase_vals(self, name, amount, number):
        day = fields.Date.today() - relativedelta(days=12 + 40 * number)
        return {
            "move_type": "out_invoice",
            "partner_id": self.env.ref(f"prm_partner.partner_{name}").id,
            "invoice_date": day,
            "invoice_date_due": day + relativedelta(days=30),
            "invoice_line_ids": [
                Command.create(
                    {"name": self.env._("Nordlicht gateways and licences"), "price_unit": amount}
                )
            ],
        }

    def _pay_due(self, invoices):
        for invoice in invoices:
            if invoice.invoice_date_due < fields.Date.today():
                self.env["account.payment.register"].with_context(
                    active_model="account.move", active_ids=invoice.ids
                ).create({"payment_date": invoice.invoice_date_due})._create_payments()

    @api.model
    def _load_news(self):
        """Some people have read the news, and a contact has stopped the mails."""
        ref = self.env.ref
        readers = {
            "user_anna": ("announcement_gold_roadmap", "announcement_support_hours"),
            "user_ben": ("announcement_price_list", "announcement_gold_roadmap"),
            "user_carla": ("announcement_price_list",),
        }
        for user, names in readers.items():
            for name in names:
                announcement = ref(f"prm_partner.{name}").with_user(ref(f"prm_partner.{user}"))
                announcement._mark_read()
        ref("prm_partner.contact_nora").prm_announcement_optout = True

    @api.model
    def _load_history(self):
        """Calls and meetings with partners that took place in the last months."""
        for number, (name, summary) in enumerate(ACTIVITIES.items()):
            membership = self.env.ref(f"prm_partner.membership_{name}")
            day = fields.Date.today() - relativedelta(days=9 + 17 * number)
            activity = membership.activity_schedule(
                "mail.mail_activity_data_call", day, summary, user_id=membership.user_id.id
            )
            activity.action_feedback()
            activity.date_done = day
