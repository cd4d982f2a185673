from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Command
from odoo.tools import plaintext2html

# Of what happens in the demo, nobody is told by mail.
QUIET = {
    "tracking_disable": True,
    "mail_activity_quick_update": True,
    "mail_create_nolog": True,
    "mail_create_nosubscribe": True,
}
# Metric, period, value for 0 points, value for full points, weight; those that no add-on
# computes are left out.
SCORECARDS = {
    "reseller": (
        ("revenue", "rolling_12", 0, 80_000, 4),
        ("revenue", "calendar_year", 0, 60_000, 2),
        ("customer_rating", "rolling_12", 1, 5, 1),
        ("portal_activity", "rolling_12", 0, 150, 1),
        ("days_since_contact", "lifetime", 90, 7, 2),
    ),
    "distribution": (
        ("revenue", "rolling_12", 0, 400_000, 5),
        ("revenue", "calendar_year", 0, 300_000, 3),
        ("days_since_contact", "lifetime", 60, 7, 1),
    ),
}
# How many weeks ago scores were computed, besides today.
HISTORY_WEEKS = (30, 26, 22, 18, 14, 11, 9, 7, 5, 4, 3, 2, 1)
CADENCE_DAYS = {"reseller": 45, "referral": 90, "distribution": 30}


class PrmDemo(models.AbstractModel):
    _inherit = "prm.demo"

    @api.model
    def _load_working(self):
        """Plans, scorecards with their history, and a partner that nobody has called for long."""
        self._load_scorecards()
        self._load_running_plan()
        self._load_proposed_plan()
        self._load_cadence()

    def _get_measured(self, lines):
        """Those of ``lines`` whose metric (the first item) an installed add-on computes."""
        metrics = self.env["prm.metric"].search([("code", "in", [line[0] for line in lines])])
        known = {metric.code: metric for metric in metrics}
        return [(known[code], *rest) for code, *rest in lines if code in known]

    def _load_scorecards(self):
        today = fields.Date.context_today(self)
        for name, lines in SCORECARDS.items():
            program = self.env.ref(f"prm_partner.program_{name}")
            program.scorecard_weight_ids = [
                Command.create(
                    {
                        "sequence": 10 * number,
                        "metric_id": metric.id,
                        "window": window,
                        "floor": floor,
                        "target": target,
                        "weight": weight,
                    }
                )
                for number, (metric, window, floor, target, weight) in enumerate(
                    self._get_measured(lines), start=1
                )
            ]
        scorecards = self.env["prm.scorecard"]
        domain = scorecards._get_members_domain()
        members = self.env["prm.membership"].search(domain)
        for weeks in (*HISTORY_WEEKS, 0):
            day = today - relativedelta(weeks=weeks)
            enrolled = members.filtered(lambda m, day=day: m.date_start and m.date_start <= day)
            scorecards._score(enrolled, day)

    def _load_running_plan(self):
        start = fields.Date.context_today(self) + relativedelta(months=-7, day=1)
        plan = self._new_demo_plan(
            "northwind",
            {
                "name": "Northwind: growth in the health sector",
                "date_start": start,
                "date_end": start + relativedelta(years=1, days=-1),
                "contact_id": self.env.ref("prm_partner.contact_anna").id,
                "goals": (
                    "<p>Win two hospital groups as reference customers, and make Northwind the"
                    " first address for secure gateways in the region.</p>"
                ),
                "actions": (
                    "<ul><li>We: two joint webinars and a reference visit</li>"
                    "<li>Northwind: one more certified architect, ten qualified leads a"
                    " quarter</li></ul>"
                ),
                "internal_note": "<p>Anna wants a better margin for renewals.</p>",
            },
            [
                ("revenue", 75_000, 3),
                ("avg_deal_size", 9_000, 1),
                ("pipeline", 60_000, 1),
                ("certified_people", 3, 1),
            ],
            [
                (start + relativedelta(months=2), "Kick-off"),
                (start + relativedelta(months=5), "Half-year review"),
                (fields.Date.context_today(self) + relativedelta(days=5), "Results of campaigns"),
            ],
        )
        self._agree_demo_plan(plan, "user_anna")
        kickoff = plan.review_ids[0]
        kickoff.note = "<p>Both teams met; the first webinar is in the calendar.</p>"
        kickoff.internal_note = "<p>Ben doubts the number of leads.</p>"
        kickoff.date_done = kickoff.date
        plan.review_ids[1]._remind()

    def _load_proposed_plan(self):
        start = fields.Date.context_today(self) + relativedelta(day=1, months=1)
        plan = self._new_demo_plan(
            "contoso",
            {
                "name": "Contoso: the way to Gold",
                "date_start": start,
                "date_end": start + relativedelta(years=1, days=-1),
                "contact_id": self.env.ref("prm_partner.contact_carla").id,
                "goals": "<p>Reach the Gold tier with projects in retail.</p>",
                "actions": (
                    "<ul><li>We: a presales engineer for the first three projects</li>"
                    "<li>Contoso: a monthly pipeline call</li></ul>"
                ),
            },
            [("revenue", 30_000, 2), ("pipeline", 25_000, 1)],
            [
                (start + relativedelta(months=3), "First quarter"),
                (start + relativedelta(months=6), "Half-year review"),
            ],
        )
        now = fields.Datetime.now()
        plan.write(
            {
                "state": "proposed",
                "date_proposed": now,
                "vendor_agreed_by_id": plan.user_id.id,
                "vendor_agreed_on": now,
            }
        )
        plan._subscribe_contact()

    def _new_demo_plan(self, name, vals, objectives, reviews):
        """A draft of the partner ``name``.

        :param objectives: (code of the metric, target, weight)
        :param reviews: (date, topic)
        """
        membership = self.env.ref(f"prm_partner.membership_{name}")
        plan = self.env["prm.business.plan"].with_context(**QUIET).create(
            {
                **vals,
                "membership_id": membership.id,
                "objective_ids": [
                    Command.create({"metric_id": metric.id, "target": target, "weight": weight})
                    for metric, target, weight in self._get_measured(objectives)
                ],
                "review_ids": [
                    Command.create({"date": day, "name": topic}) for day, topic in reviews
                ],
            }
        )
        self.env["ir.model.data"]._update_xmlids(
            [{"xml_id": f"prm_partner.plan_{name}", "record": plan, "noupdate": True}]
        )
        return plan

    def _agree_demo_plan(self, plan, user):
        """As if both sides had agreed in the days before the plan began."""
        proposed = fields.Datetime.to_datetime(plan.date_start) - relativedelta(days=9)
        contact = self.env.ref(f"prm_partner.{user}").partner_id
        plan.write(
            {
                "state": "running",
                "date_proposed": proposed,
                "vendor_agreed_by_id": plan.user_id.id,
                "vendor_agreed_on": proposed + relativedelta(hours=1),
                "partner_agreed_by_id": contact.id,
                "partner_agreed_on": proposed + relativedelta(days=3),
            }
        )
        plan._subscribe_contact()
        answer = plaintext2html("The targets are ambitious, but we are in.")
        plan.message_post(
            body=answer,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            author_id=contact.id,
        )

    def _load_cadence(self):
        for name, days in CADENCE_DAYS.items():
            self.env.ref(f"prm_partner.program_{name}").contact_days = days
        silent = self.env.ref("prm_partner.membership_garonne")
        silent.with_context(**QUIET)._remind_contact()
        silent.activity_ids.date_deadline = fields.Date.context_today(self) - relativedelta(days=6)
