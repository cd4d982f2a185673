from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Command
from odoo.tools import SQL

# Partner → net amounts of its confirmed orders, one each 50 days, the latest first.
ORDERS = {
    "northwind": (12400, 8600, 15200),
    "contoso": (4300, 3900),
    "elbtal": (28500, 31200, 26400, 29900),
    "thames": (9700, 11300),
}
# Partner → (title, expected revenue) of open opportunities.
OPPORTUNITIES = {
    "northwind": (("Gateways for the port authority", 42000), ("Licences 2nd site", 9500)),
    "elbtal": (("Replacement of old gateways", 68000), ("Framework agreement", 120000)),
    "contoso": (("Pilot with 20 gateways", 14000),),
    "thames": (("Roll-out in the branches", 31000),),
    "romashka": (("Gateways for a warehouse", 22500),),
}
# Person → ratings by customers, the latest first.
RATINGS = {"anna": (5, 4, 5), "ben": (5,), "erik": (4, 5, 4, 5), "carla": (3, 2), "tom": (4, 4)}
# Person → a log-in each so many days.
VISITS = {"anna": 2, "ben": 5, "nora": 9, "carla": 12, "ivan": 4}
# Person → days since staff wrote last, and before that.
MESSAGES = {"anna": (3, 24, 60), "erik": (9, 40), "carla": (75,), "tom": (18,), "henning": (5, 33)}
# Person → days since the last meeting.
MEETINGS = {"anna": 32, "henning": 12, "ilse": 110}
DAYS = 365
DAILY = 14


class PrmDemo(models.AbstractModel):
    _inherit = "prm.demo"

    @api.model
    def _load_relations(self):
        """Orders, opportunities, ratings, log-ins, messages and meetings of the last year."""
        self._load_orders()
        self._load_opportunities()
        self._load_ratings()
        self._load_visits()
        self._load_messages()
        self._load_meetings()

    @api.model
    def _load_history(self):
        """What the metrics were at the ends of months and on the last days."""
        metrics = self.env["prm.metric"].search([("active", "=", True)])
        metrics.action_fill_history()
        for metric in metrics:
            for back in range(DAILY, 0, -1):
                self.env["prm.metric.value"]._snapshot(
                    metric, self.env.company, self._get_day(back)
                )

    def _get_day(self, days):
        return fields.Date.today() - relativedelta(days=days)

    def _get_partner(self, name):
        return self.env.ref(f"prm_partner.partner_{name}")

    def _get_contact(self, name):
        return self.env.ref(f"prm_partner.contact_{name}")

    def _load_orders(self):
        product = self.env["product.product"].create(
            {"name": "Nordlicht Gateway Set", "type": "service", "list_price": 1900.0}
        )
        for name, amounts in ORDERS.items():
            for number, amount in enumerate(amounts):
                order = self.env["sale.order"].create(
                    {
                        "partner_id": self._get_partner(name).id,
                        "user_id": self.env.ref("prm_partner.user_marc").id,
                        "order_line": [
                            Command.create({"product_id": product.id, "price_unit": amount})
                        ],
                    }
                )
                order.action_confirm()
                order.date_order = self._get_day(20 + 50 * number)

    def _load_opportunities(self):
        leads = self.env["crm.lead"].create(
            [
                {
                    "name": title,
                    "type": "opportunity",
                    "partner_id": self._get_partner(name).id,
                    "company_id": self.env.company.id,
                    "user_id": self.env.ref("prm_partner.user_marc").id,
                    "expected_revenue": amount,
                    "date_deadline": fields.Date.today() + relativedelta(months=2 + number),
                }
                for name, opportunities in OPPORTUNITIES.items()
                for number, (title, amount) in enumerate(opportunities)
            ]
        )
        # The ORM gives no say in the day of creation, and a history needs older ones.
        leads.flush_recordset()
        for number, lead in enumerate(leads):
            day = self._get_day(30 + 35 * number)
            self.env.cr.execute(
                SQL("UPDATE crm_lead SET create_date = %s WHERE id = %s", day, lead.id)
            )
        leads.invalidate_recordset(["create_date"])

    def _load_ratings(self):
        model_id = self.env["ir.model"]._get_id("res.partner")
        for name, marks in RATINGS.items():
            person = self._get_contact(name)
            for number, mark in enumerate(marks):
                rating = self.env["rating.rating"].create(
                    {
                        "res_model_id": model_id,
                        "res_id": person.parent_id.id,
                        "rated_partner_id": person.id,
                        "rating": mark,
                        "consumed": True,
                    }
                )
                rating.rated_on = self._get_day(30 + 60 * number)  # creating it has set today

    def _load_visits(self):
        self.env["prm.portal.visit"].create(
            [
                {
                    "partner_id": self._get_contact(name).id,
                    "company_partner_id": self._get_contact(name).parent_id.id,
                    "date": self._get_day(back),
                }
                for name, step in VISITS.items()
                for back in range(step, DAYS, step)
            ]
        )

    def _load_messages(self):
        self.env["mail.message"].create(
            [
                {
                    "model": "res.partner",
                    "res_id": self._get_contact(name).id,
                    "author_id": self.env.ref("prm_partner.staff_marc").id,
                    "message_type": "comment",
                    "subtype_id": self.env.ref("mail.mt_comment").id,
                    "date": self._get_day(days),
                    "body": self.env._("How is it going? Tell me if I can help with an offer."),
                }
                for name, past in MESSAGES.items()
                for days in past
            ]
        )

    def _load_meetings(self):
        staff = self.env.ref("prm_partner.user_olivia")
        self.env["calendar.event"].with_context(no_mail_to_attendees=True).create(
            [
                {
                    "name": self.env._("Business review"),
                    "start": fields.Datetime.to_datetime(self._get_day(days)).replace(hour=9),
                    "stop": fields.Datetime.to_datetime(self._get_day(days)).replace(hour=10),
                    "user_id": staff.id,
                    "partner_ids": [
                        Command.set((self._get_contact(name) | staff.partner_id).ids)
                    ],
                }
                for name, days in MEETINGS.items()
            ]
        )
