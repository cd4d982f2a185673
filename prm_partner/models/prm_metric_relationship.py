from datetime import timedelta

from odoo import SUPERUSER_ID, api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools.measures import Least, Ratio

# Documents that staff write to partners about, each with its partner and company.
TOUCH_MODELS = ("prm.membership", "prm.business.plan", "prm.agreement", "prm.application")


class PrmMetric(models.Model):
    """How the vendor and the partner get on with each other."""

    _inherit = "prm.metric"

    @api.model
    def _measure_customer_rating(self, partners, date_from, date_to, company):
        """Mean of the ratings, 1 to 5, that customers have given the partner or its people."""
        domain = self._get_day_domain("rated_on", date_from, date_to) & Domain(
            [
                ("rated_partner_id.commercial_partner_id", "in", partners.ids),
                ("rated_partner_id.company_id", "in", (False, company.id)),
                ("consumed", "=", True),
                ("rating", ">", 0),
            ]
        )
        # sudo: only a mean per partner leaves this method, and its callers have checked who asks.
        ratings = self.env["rating.rating"].sudo()
        query = ratings._search(domain)
        partner = self._partner_to_sql(ratings, query, "rated_partner_id.commercial_partner_id")
        rating = ratings._field_to_sql(query.table, "rating", query)
        rows = self._group_by_partner(
            query, partner, SQL("SUM(%s)::float8", rating), SQL("COUNT(*)")
        )
        return {partner_id: Ratio(total, count) for partner_id, total, count in rows}

    @api.model
    def _measure_portal_activity(self, partners, date_from, date_to, company):
        """Days on which people of the partner logged in, each person counted by itself.

        The portal is the same for all of the vendor's companies.
        """
        domain = self._get_date_domain("date", date_from, date_to)
        domain &= Domain("company_partner_id", "in", partners.ids)
        # sudo: only a count per partner leaves this method, and its callers have checked who asks.
        visits = self.env["prm.portal.visit"].sudo()
        groups = visits._read_group(domain, ["company_partner_id"], ["__count"])
        return {partner.id: count for partner, count in groups}

    @api.model
    def _measure_days_to_onboard(self, partners, date_from, date_to, company):
        """Mean days from the application to the first activation, by the day of activation.

        Without one in the period, those before it count, and else the days that the partner has
        been waiting: nobody is quick who has never been onboarded.
        """
        domain = Domain(
            [
                ("partner_id", "in", partners.ids),
                ("company_id", "=", company.id),
                ("date_applied", "<=", date_to),
            ]
        )
        # sudo: only a mean per partner leaves this method, and its callers have checked who asks.
        memberships = self.env["prm.membership"].sudo()
        query = memberships._search(domain)
        partner, applied, activated = (
            memberships._field_to_sql(query.table, name, query)
            for name in ("partner_id", "date_applied", "date_activated")
        )
        known = SQL("%s <= %s", activated, date_to)
        recent = SQL("%s AND %s >= %s", known, activated, date_from) if date_from else known
        days = SQL("%s - %s", activated, applied)
        rows = self._group_by_partner(
            query,
            partner,
            SQL("SUM(%s) FILTER (WHERE %s)", days, recent),
            SQL("COUNT(*) FILTER (WHERE %s)", recent),
            SQL("SUM(%s) FILTER (WHERE %s)", days, known),
            SQL("COUNT(*) FILTER (WHERE %s)", known),
            SQL("MAX(%s - %s)", date_to, applied),
        )
        return {
            partner_id: Ratio(total, count)
            if count
            else Ratio(total_before, count_before)
            if count_before
            else Ratio(waiting, 1)
            for partner_id, total, count, total_before, count_before, waiting in rows
        }

    @api.model
    def _measure_days_since_contact(self, partners, date_from, date_to, company):
        """Days from the last touch by the vendor's staff to ``date_to``; the nearest counts.

        A touch is a meeting, a message or an e-mail about the partner, its people or one of its
        documents, or a done activity on the partner or its membership; log notes and what the
        system sends are none. Without any touch the days count from the day since when the
        partner is a member.
        """
        for model in ("res.partner", "prm.membership", "mail.message", "mail.activity"):
            self.env[model].flush_model()
        self.env["calendar.event"].flush_model()
        touches = SQL(" UNION ALL ").join(self._get_touch_queries(partners, date_to, company))
        query = SQL(
            """
            SELECT partner, COALESCE(MAX(day) FILTER (WHERE touched), MAX(day))
              FROM (SELECT partner, day, TRUE AS touched FROM (%s) AS touch(partner, day)
                    UNION ALL %s) AS fact
             GROUP BY partner
            """,
            touches,
            self._get_member_since_query(partners, date_to, company),
        )
        return {
            partner_id: Least((date_to - day).days)
            for partner_id, day in self.env.execute_query(query)
        }

    @api.model
    def _get_touch_queries(self, partners, date_to, company):
        """Queries for (partner, day) of touches up to ``date_to``.

        An add-on appends its own for documents that the partner is written to about.
        """
        people = SQL(
            "res_partner AS person ON person.commercial_partner_id = ANY(%s)", partners.ids
        )
        person = ("res.partner", people, SQL("person.id"), SQL("person.commercial_partner_id"))
        membership = self._get_touch_document("prm.membership", partners, company)
        documents = [self._get_touch_document(one, partners, company) for one in TOUCH_MODELS]
        end = fields.Datetime.to_datetime(date_to + timedelta(days=1))
        return [
            *(self._get_message_query(*document, end) for document in [person, *documents]),
            *(self._get_activity_query(*document, date_to) for document in (person, membership)),
            self._get_meeting_query(people, end),
        ]

    @api.model
    def _get_touch_document(self, model, partners, company):
        """The first arguments of ``_get_message_query`` for a model with partner and company."""
        records = self.env[model]
        records.flush_model(["partner_id", "company_id"])
        document = SQL(
            "%s AS document ON document.partner_id = ANY(%s) AND document.company_id = %s",
            SQL.identifier(records._table),
            partners.ids,
            company.id,
        )
        return model, document, SQL("document.id"), SQL("document.partner_id")

    @api.model
    def _get_message_query(self, model, document, document_id, partner, end):
        """Query for (partner, day) of what staff wrote on documents.

        :param str model: model of the documents
        :param SQL document: table, alias and condition, as they follow JOIN
        :param SQL document_id: id of the document
        :param SQL partner: id of the document's partner
        :param end: datetime before which
        """
        return SQL(
            """
            SELECT %s, message.date::date
              FROM mail_message AS message
              JOIN %s AND message.model = %s AND message.res_id = %s
              LEFT JOIN mail_message_subtype AS subtype ON subtype.id = message.subtype_id
             WHERE message.date < %s
               AND message.message_type IN ('comment', 'email', 'email_outgoing')
               AND message.is_internal IS NOT TRUE
               AND subtype.internal IS NOT TRUE
               AND message.author_id IN (SELECT partner_id FROM res_users
                                          WHERE NOT share AND id != %s)
            """,
            partner,
            document,
            model,
            document_id,
            end,
            SUPERUSER_ID,
        )

    @api.model
    def _get_activity_query(self, model, document, document_id, partner, date_to):
        return SQL(
            """
            SELECT %s, activity.date_done
              FROM mail_activity AS activity
              JOIN %s AND activity.res_model = %s AND activity.res_id = %s
             WHERE activity.date_done <= %s
            """,
            partner,
            document,
            model,
            document_id,
            date_to,
        )

    @api.model
    def _get_meeting_query(self, people, end):
        return SQL(
            """
            SELECT person.commercial_partner_id, event.start::date
              FROM calendar_event AS event
              JOIN calendar_event_res_partner_rel AS attendee
                ON attendee.calendar_event_id = event.id
              JOIN %s AND person.id = attendee.res_partner_id
              JOIN res_users AS organizer ON organizer.id = event.user_id AND NOT organizer.share
             WHERE event.active AND event.start < %s
            """,
            people,
            end,
        )

    @api.model
    def _get_member_since_query(self, partners, date_to, company):
        return SQL(
            """
            SELECT partner_id, MIN(COALESCE(date_start, date_applied)), FALSE
              FROM prm_membership
             WHERE partner_id = ANY(%s) AND company_id = %s AND state != 'ended'
               AND COALESCE(date_start, date_applied) <= %s
             GROUP BY partner_id
            """,
            partners.ids,
            company.id,
            date_to,
        )
