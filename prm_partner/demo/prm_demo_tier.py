from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Command


class PrmDemo(models.AbstractModel):
    """Tiers at risk, kept by hand, and a change that waits for approval."""

    _inherit = "prm.demo"

    @api.model
    def _load_tier_reviews(self):
        """The past of the memberships, and the review of last night."""
        today = fields.Date.today()
        self._load_tier_past()
        members = self.env["prm.membership"].search([("state", "in", ("active", "at_risk"))])
        for membership in members:
            last = max(membership.date_start, today - relativedelta(days=70))
            membership.last_review_date = last
        self._load_risk("isarwerk", days_ago=40, days_left=50)
        self._load_risk("elbtal", days_ago=62, days_left=28)
        olivia = self.env.ref("prm_partner.user_olivia")
        self.env.ref("prm_partner.membership_lumiere").with_user(olivia)._override_tier(
            self.env.ref("prm_partner.grade_referral_gold"),
            self.env._("Opens the market in Lyon with us"),
            today + relativedelta(months=6),
        )
        self._load_large_order()
        self._load_review()

    def _load_risk(self, name, days_ago, days_left):
        today = fields.Date.today()
        self.env.ref(f"prm_partner.membership_{name}").write(
            {
                "state": "at_risk",
                "at_risk_since": today - relativedelta(days=days_ago),
                "grace_until": today + relativedelta(days=days_left),
            }
        )

    def _load_large_order(self):
        """With this order, a distributor meets the requirements of the next tier."""
        journal = self.env["account.journal"].search(
            [("type", "=", "sale"), ("company_id", "=", self.env.company.id)], limit=1
        )
        if journal.default_account_id:
            line = {"name": self.env._("Gateways for the national network"), "price_unit": 155000}
            self.env["account.move"].create(
                {
                    "move_type": "out_invoice",
                    "partner_id": self.env.ref("prm_partner.partner_steppe").id,
                    "invoice_date": fields.Date.today(),
                    "invoice_line_ids": [Command.create(line)],
                }
            ).action_post()

    def _load_review(self):
        program = self.env.ref("prm_partner.program_distribution")
        run = self.env["prm.tier.review"]._start(program, "daily").sudo()
        memberships = self.env["prm.membership"].search(run._get_left_domain(), order="id")
        run._review_slice(memberships, run._measure(memberships))
        run._finish()

    @api.model
    def _load_what_if(self):
        """The owner asks what if Gold began lower: loaded when all requirements are there."""
        program = self.env.ref("prm_partner.program_reseller")
        simulation = self.env["prm.tier.simulation"].create(
            {
                "name": self.env._("Gold from 12,000 on"),
                "program_id": program.id,
                "user_id": self.env.ref("prm_partner.user_olivia").id,
            }
        )
        gold = self.env.ref("prm_partner.requirement_reseller_gold_revenue")
        line = simulation.line_ids.filtered(lambda one: one.requirement_id == gold)
        line.threshold_new = 12000
        simulation.action_simulate()
