from datetime import datetime, time, timedelta

from odoo import api, fields, models

from .prm_demo import CONTEXT, MODULE

MILESTONES = (
    "Demonstration at the customer; the offer is written.",
    "First call with the head of purchasing.",
    "The customer signed a letter of intent.",
    "Budget confirmed, technical questions answered.",
)


class PrmDemo(models.AbstractModel):
    _inherit = "prm.demo"

    @api.model
    def _load_deal_life(self):
        """What partners ask for about approved deals, what they reached, and what they share."""
        self._report_demo_milestones()
        asked = self._get_demo_deal("deal_06")
        self._ask_demo_extension(asked, "The customer tests our gateways and decides next month.")
        self._amend_demo_deal(self._get_demo_deal("deal_14"), 1.15, "Two more sites.")
        self._amend_demo_deal(self._get_demo_deal("deal_25"), 1.8, "The subsidiary joins in.")
        self._share_demo_deal(self._get_demo_deal("deal_38"))
        self._miss_demo_milestone(self._get_demo_deal("deal_47"))

    def _get_demo_deal(self, name):
        return self.env.ref(f"{MODULE}.{name}").with_context(**CONTEXT)

    def _report_demo_milestones(self):
        """Whoever should have reported by now has, but one."""
        today = fields.Date.context_today(self)
        due = self.env["prm.deal.registration"].search(
            [("state", "=", "approved"), ("date_milestone", "<=", today)], order="id"
        )
        for number, deal in enumerate(due - self._get_demo_deal("deal_47")):
            day = deal.date_protected_from + timedelta(days=9)
            note = MILESTONES[number % len(MILESTONES)]
            deal.write({"date_milestone_reached": day, "milestone_note": note})
            self.env["prm.deal.event"]._log(
                deal,
                "milestone",
                {"date": fields.Date.to_string(day), "note": note},
                date=datetime.combine(day, time(9)),
            )

    def _ask_demo_extension(self, deal, reason):
        end = deal.date_protected_until + timedelta(days=deal.policy_id.extension_days)
        request = deal.request_ids._open(deal, "extension", reason, date_end=end)
        request._log("asked")
        deal._schedule_request(request)

    def _amend_demo_deal(self, deal, factor, reason):
        deal.action_amend({"amount": round(deal.amount * factor, -2)}, reason)

    def _share_demo_deal(self, deal):
        self.env["prm.deal.share"].create(
            {
                "registration_id": deal.id,
                "partner_id": self.env.ref("prm_partner.partner_pennine").id,
                "percent": 40,
            }
        )

    def _miss_demo_milestone(self, deal):
        deal._miss_milestone()
