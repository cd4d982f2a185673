"""What the benchmark of the metrics runs inside Odoo."""

import statistics
import time
from datetime import timedelta

from dateutil.relativedelta import relativedelta

RUNS = 5
# The same questions by hand, answered with rows of partner and value.
BY_HAND = {
    "revenue": """
        SELECT commercial_partner_id, SUM(amount_untaxed_signed) FROM account_move
         WHERE commercial_partner_id = ANY(%(ids)s) AND company_id = %(company)s
           AND state = 'posted' AND move_type IN ('out_invoice', 'out_refund')
           AND invoice_date BETWEEN %(since)s AND %(until)s
         GROUP BY 1""",
    "avg_deal_size": """
        SELECT person.commercial_partner_id, AVG(sale.amount_untaxed / sale.currency_rate)
          FROM sale_order AS sale JOIN res_partner AS person ON person.id = sale.partner_id
         WHERE person.commercial_partner_id = ANY(%(ids)s) AND sale.company_id = %(company)s
           AND sale.state = 'sale' AND sale.date_order >= %(since)s AND sale.date_order < %(end)s
         GROUP BY 1""",
    "pipeline": """
        SELECT partner, SUM(amount) FROM (
            SELECT lead.id, person.commercial_partner_id AS partner, expected_revenue AS amount
              FROM crm_lead AS lead JOIN res_partner AS person ON person.id = lead.partner_id
             WHERE person.commercial_partner_id = ANY(%(ids)s) AND lead.type = 'opportunity'
               AND (lead.company_id = %(company)s OR lead.company_id IS NULL)
               AND lead.create_date < %(end)s
               AND (lead.date_closed IS NULL OR lead.date_closed >= %(end)s)
             UNION
            SELECT lead.id, lead.prm_partner_id, expected_revenue FROM crm_lead AS lead
             WHERE lead.prm_partner_id = ANY(%(ids)s) AND lead.type = 'opportunity'
               AND (lead.company_id = %(company)s OR lead.company_id IS NULL)
               AND lead.create_date < %(end)s
               AND (lead.date_closed IS NULL OR lead.date_closed >= %(end)s)
        ) AS open GROUP BY partner""",
    "customer_rating": """
        SELECT person.commercial_partner_id, AVG(rating.rating)
          FROM rating_rating AS rating
          JOIN res_partner AS person ON person.id = rating.rated_partner_id
         WHERE person.commercial_partner_id = ANY(%(ids)s) AND rating.consumed
           AND (person.company_id = %(company)s OR person.company_id IS NULL)
           AND rating.rating > 0 AND rating.rated_on >= %(since)s AND rating.rated_on < %(end)s
         GROUP BY 1""",
    "portal_activity": """
        SELECT company_partner_id, COUNT(*) FROM prm_portal_visit
         WHERE company_partner_id = ANY(%(ids)s) AND date BETWEEN %(since)s AND %(until)s
         GROUP BY 1""",
    "days_since_contact": """
        WITH person AS (SELECT id, commercial_partner_id AS partner FROM res_partner
                         WHERE commercial_partner_id = ANY(%(ids)s)),
             member AS (SELECT id, partner_id AS partner, date_start FROM prm_membership
                         WHERE partner_id = ANY(%(ids)s) AND company_id = %(company)s),
             document AS (SELECT 'res.partner' AS model, id, partner FROM person
                           UNION ALL SELECT 'prm.membership', id, partner FROM member),
             letter AS (SELECT model, id, partner FROM document
                         UNION ALL
                        SELECT 'prm.business.plan', id, partner_id FROM prm_business_plan
                         WHERE partner_id = ANY(%(ids)s) AND company_id = %(company)s
                         UNION ALL
                        SELECT 'prm.agreement', id, partner_id FROM prm_agreement
                         WHERE partner_id = ANY(%(ids)s) AND company_id = %(company)s
                         UNION ALL
                        SELECT 'prm.application', id, partner_id FROM prm_application
                         WHERE partner_id = ANY(%(ids)s) AND company_id = %(company)s
                         UNION ALL
                        SELECT 'prm.deal.registration', id, partner_id FROM prm_deal_registration
                         WHERE partner_id = ANY(%(ids)s) AND company_id = %(company)s)
        SELECT partner, %(until)s - COALESCE(MAX(day), MIN(since)) FROM (
            SELECT letter.partner, message.date::date AS day, NULL::date AS since
              FROM letter JOIN mail_message AS message
                ON message.model = letter.model AND message.res_id = letter.id
              LEFT JOIN mail_message_subtype AS subtype ON subtype.id = message.subtype_id
             WHERE message.date < %(end)s AND message.is_internal IS NOT TRUE
               AND subtype.internal IS NOT TRUE
               AND message.message_type IN ('comment', 'email', 'email_outgoing')
               AND message.author_id IN (SELECT partner_id FROM res_users
                                          WHERE NOT share AND id != 1)
             UNION ALL
            SELECT document.partner, activity.date_done, NULL
              FROM document JOIN mail_activity AS activity
                ON activity.res_model = document.model AND activity.res_id = document.id
             WHERE activity.date_done <= %(until)s
             UNION ALL
            SELECT person.partner, event.start::date, NULL
              FROM calendar_event AS event
              JOIN calendar_event_res_partner_rel AS attendee
                ON attendee.calendar_event_id = event.id
              JOIN person ON person.id = attendee.res_partner_id
              JOIN res_users AS organizer ON organizer.id = event.user_id
             WHERE event.active AND NOT organizer.share AND event.start < %(end)s
             UNION ALL
            SELECT partner, NULL, date_start FROM member
        ) AS touch GROUP BY partner""",
    "days_to_onboard": """
        SELECT partner_id, COALESCE(
                   AVG(date_activated - date_applied) FILTER (
                       WHERE date_activated BETWEEN %(since)s AND %(until)s),
                   AVG(date_activated - date_applied) FILTER (WHERE date_activated <= %(until)s),
                   MAX(%(until)s - date_applied))
          FROM prm_membership
         WHERE partner_id = ANY(%(ids)s) AND company_id = %(company)s
           AND date_applied <= %(until)s
         GROUP BY 1""",
    "deals_won": """
        SELECT partner_id, COUNT(*) FROM prm_deal_registration
         WHERE partner_id = ANY(%(ids)s) AND company_id = %(company)s AND state = 'won'
           AND date_won BETWEEN %(since)s AND %(until)s
         GROUP BY 1""",
}


def run(env):
    """Measure each metric by the registry and by hand, in turn.

    :return: dict of milliseconds ``registry``, ``by_hand`` and ``snapshot`` (mean of one metric
        and day), their ``ratio``, and the ratio of ``each`` metric
    :raise AssertionError: the two disagree about a value
    """
    measurement = Measurement(env)
    registry, by_hand = {}, {}
    for code, query in BY_HAND.items():
        measurement.compare(code, query)
        times = [
            (
                measurement.time(measurement.by_registry, code),
                measurement.time(measurement.by_hand, query),
            )
            for _run in range(RUNS)
        ]
        registry[code] = statistics.median(time for time, _other in times)
        by_hand[code] = statistics.median(time for _other, time in times)
    total, total_by_hand = sum(registry.values()), sum(by_hand.values())
    return {
        "ratio": round(total / total_by_hand, 2),
        "registry": round(total, 1),
        "by_hand": round(total_by_hand, 1),
        "snapshot": round(measurement.time_snapshot() / len(BY_HAND), 1),
        "each": {code: round(registry[code] / by_hand[code], 2) for code in BY_HAND},
    }


class Measurement:
    """One question, asked in two ways."""

    def __init__(self, env):
        self.env = env
        self.partners = env["res.partner"].search([("ref", "=like", "BENCH%")])
        self.company = env["prm.membership"].search(
            [("partner_id", "in", self.partners.ids)], limit=1
        ).company_id
        self.until = env.cr.now().date()
        self.since = self.until + timedelta(days=1) - relativedelta(years=1)
        self.values = {
            "ids": self.partners.ids,
            "company": self.company.id,
            "since": self.since,
            "until": self.until,
            "end": self.until + timedelta(days=1),
        }

    def by_registry(self, code):
        return self.env["prm.metric"]._measure(
            code, self.partners, self.since, self.until, self.company
        )

    def by_hand(self, query):
        self.env.cr.execute(query, self.values)
        return dict(self.env.cr.fetchall())

    def compare(self, code, query):
        """Both give the same value for each partner; the first run also warms up."""
        found, expected = self.by_registry(code), self.by_hand(query)
        for partner_id in self.partners.ids:
            value = float(expected.get(partner_id) or 0.0)
            assert abs(found[partner_id] - value) < 0.01, (code, partner_id, found[partner_id])
        assert any(found.values()), f"{code} measured nothing"

    def time(self, function, argument):
        self.env.flush_all()
        self.env.invalidate_all()
        start = time.perf_counter()
        function(argument)
        return 1000 * (time.perf_counter() - start)

    def time_snapshot(self):
        history = self.env["prm.metric.value"]
        metrics = self.env["prm.metric"].search([("code", "in", list(BY_HAND))])
        start = time.perf_counter()
        for metric in metrics:
            history._snapshot(metric, self.company, self.until)
        return 1000 * (time.perf_counter() - start)
