import csv
from datetime import datetime, time, timedelta

from odoo import api, fields, models
from odoo.tools import file_open

MODULE = "prm_deal_registration"
CONTEXT = {
    "tracking_disable": True,
    "mail_activity_quick_update": True,
    "mail_create_nolog": True,
    "mail_create_nosubscribe": True,
}
PENDING = ("submitted", "in_review", "returned", "appealed")
# These were approved once and have an opportunity.
APPROVED = ("approved", "won", "lost", "expired")
REASONS = ("duplicate", "not_qualified", "own_customer", "out_of_scope", "incomplete")
PHONES = {"us": "+1 212 555 01%02d", "de": "+49 30 901820%02d", "uk": "+44 20 7946 09%02d"}
OWN_OPPORTUNITIES = (
    ("Thistle Distillers Ltd", "thistledistillers", "uk", 41000),
    ("Dresdner Backwaren", "dresdner-backwaren", "de", 18000),
    ("Yorkshire Wool Mills", "yorkshirewool", "uk", 9500),
)


class PrmDemo(models.AbstractModel):
    _inherit = "prm.demo"

    @api.model
    def _load_deals(self):
        """Deals of the last six months in every state, with their protections and opportunities."""
        with file_open(f"{MODULE}/demo/deals.csv") as file:
            rows = sorted(csv.DictReader(file), key=lambda row: -int(row["days_ago"]))
        deals = self.env["prm.deal.registration"].with_context(**CONTEXT)
        for number, row in enumerate(rows):
            deals |= self._create_demo_deal(row, number)
        self._create_demo_opportunities()
        open_deals = deals.filtered(lambda deal: deal.state in ("approved", "won"))
        self.env["prm.deal.protection"]._protect(open_deals)
        ended = deals.filtered(lambda deal: deal.state in ("expired", "lost"))
        self.env["prm.deal.protection"]._protect(ended).active = False
        checked = deals.filtered(lambda deal: deal.state in (*PENDING, "rejected"))
        self.env["prm.deal.conflict"]._detect(checked)
        refused = checked.filtered(lambda deal: deal.state == "rejected" and deal.has_conflict)
        refused.reason_id = self.env.ref(f"{MODULE}.prm_deal_reason_duplicate")
        for deal in checked.filtered(lambda deal: deal.state in ("submitted", "in_review")):
            deal._schedule_decision(deal.approver_id)

    def _create_demo_deal(self, row, number):
        submitted = self._get_demo_time(int(row["days_ago"]), number)
        vals = {**self._prepare_demo_customer(row, number), **self._prepare_demo_claim(row)}
        model = self.env["prm.deal.registration"].with_context(
            **CONTEXT, ir_sequence_date=fields.Date.to_string(submitted)
        )
        deal = model.create(vals)
        self.env["ir.model.data"]._update_xmlids(
            [{"xml_id": f"{MODULE}.{row['id']}", "record": deal, "noupdate": True}]
        )
        if row["state"] != "draft":
            self._submit_demo_deal(deal, row["state"], submitted, number)
        return deal

    def _prepare_demo_customer(self, row, number):
        domain = row["domain"]
        phone = PHONES.get(row["country"])
        return {
            "customer_name": row["customer"],
            "customer_website": f"https://www.{domain}.example",
            "customer_email": f"purchasing@{domain}.example",
            "customer_phone": phone % number if phone else False,
            "customer_country_id": self.env.ref(f"base.{row['country']}").id,
        }

    def _prepare_demo_claim(self, row):
        category = row["category"]
        days = 60 - int(row["days_ago"]) // 3
        return {
            "partner_id": self.env.ref(f"prm_partner.partner_{row['partner']}").id,
            "contact_id": self.env.ref(f"prm_partner.contact_{row['contact']}").id,
            "membership_id": self.env.ref(f"prm_partner.membership_{row['partner']}").id,
            "company_id": self.env.ref("base.main_company").id,
            "category_id": category and self.env.ref(f"{MODULE}.product_category_{category}").id,
            "amount": float(row["amount"]),
            "date_close": fields.Date.context_today(self) + timedelta(days=days),
            "description": "Decision maker and budget are known; a first meeting took place.",
        }

    def _submit_demo_deal(self, deal, state, submitted, number):
        number_of_submission = self.env["ir.sequence"].next_by_code("prm.deal.submission")
        deal.write(
            {
                "state": state,
                "submit_number": int(number_of_submission),
                "date_submitted": submitted,
                "date_deadline": deal._get_decision_deadline(submitted),
                "approver_id": deal._get_default_approver().id,
            }
        )
        deal._subscribe_contact()
        self._log_demo_event(deal, "submitted", submitted)
        if state in PENDING:
            self._wait_demo_deal(deal, state, submitted)
        elif state == "withdrawn":
            self._log_demo_event(deal, "withdrawn", submitted + timedelta(days=3))
        else:
            self._decide_demo_deal(deal, state, submitted, number)

    def _wait_demo_deal(self, deal, state, submitted):
        if state == "returned":
            deal.decision_note = "Please name the contact person at the customer."
        if state == "appealed":
            deal.decision_note = "We know this project from another source."
            deal.reason_id = self.env.ref(f"{MODULE}.prm_deal_reason_own_customer")
            self._log_demo_event(deal, "rejected", submitted + timedelta(hours=26))
        elif state != "submitted":
            event = "returned" if state == "returned" else "routed"
            self._log_demo_event(deal, event, submitted + timedelta(minutes=1))

    def _decide_demo_deal(self, deal, state, submitted, number):
        by_person = state == "rejected" or deal.amount > 100000 or not number % 4
        decided = submitted + (timedelta(hours=25) if by_person else timedelta(minutes=1))
        user = deal.approver_id if by_person else self.env.user
        deal.write({"date_decided": decided, "decided_by_id": user.id})
        if state == "rejected":
            deal.reason_id = self.env.ref(f"{MODULE}.prm_deal_reason_{REASONS[number % 5]}")
            deal.decision_note = "Thank you for your understanding."
        else:
            self._approve_demo_deal(deal, decided)
        event = "approved" if state in APPROVED else state
        self._log_demo_event(deal.with_user(user), event, decided)
        if state in ("won", "lost", "expired"):
            self._close_demo_deal(deal, decided)

    def _approve_demo_deal(self, deal, decided):
        start = decided.date()
        end = start + timedelta(days=deal._get_protection_days())
        deal.write({"date_protected_from": start, "date_protected_until": end})
        deal._begin_protection()
        deal.lead_id = deal._tie_opportunity()

    def _close_demo_deal(self, deal, decided):
        closed = decided + timedelta(days=12)
        if deal.state == "won":
            deal.date_won = closed.date()
            deal.lead_id._handle_partner_assignment()
            deal.lead_id.action_set_won()
        elif deal.state == "lost":
            deal.lead_id.action_set_lost()
        else:
            closed = datetime.combine(deal.date_protected_until, time(4)) + timedelta(days=1)
        self._log_demo_event(deal, deal.state, closed)

    def _log_demo_event(self, deal, event, date):
        self.env["prm.deal.event"].with_user(deal.env.user)._log(deal, event, date=date)

    def _create_demo_opportunities(self):
        """What the vendor's own sales works on, partly in the way of partners."""
        self.env["crm.lead"].with_context(**CONTEXT).create(
            [
                {
                    "type": "opportunity",
                    "name": f"{name}: pilot",
                    "partner_name": name,
                    "email_from": f"it@{domain}.example",
                    "website": f"https://www.{domain}.example",
                    "country_id": self.env.ref(f"base.{country}").id,
                    "expected_revenue": amount,
                    "user_id": self.env.ref("prm_partner.user_olivia").id,
                }
                for name, domain, country, amount in OWN_OPPORTUNITIES
            ]
        )

    def _get_demo_time(self, days_ago, number):
        today = fields.Date.context_today(self)
        past = datetime.combine(today - timedelta(days=days_ago), time(7, number % 60))
        return min(past, fields.Datetime.now() - timedelta(minutes=60 - number % 60))
