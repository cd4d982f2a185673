from datetime import date

from odoo import api, fields, models
from odoo.tools import SQL

MILESTONES = [
    ("applied", "Applied"),
    ("approved", "Approved"),
    ("signed", "Agreement Signed"),
    ("first_login", "First Login"),
    ("first_certified", "First Certificate"),
    ("first_registration", "First Deal Registration"),
    ("first_won", "First Deal Won"),
]
CODES = tuple(code for code, _label in MILESTONES)
# Column of the days, the milestone from which they count, the one that ends them.
SPANS = (
    ("days_to_approve", "applied", "approved"),
    ("days_to_sign", "approved", "signed"),
    ("days_to_login", "approved", "first_login"),
    ("days_to_certify", "approved", "first_certified"),
    ("days_to_register", "approved", "first_registration"),
    ("days_to_win", "first_registration", "first_won"),
)


def _day(label):
    return fields.Date(string=label, readonly=True)


def _days(label):
    return fields.Integer(string=label, readonly=True, aggregator="avg")


class PrmOnboardingClock(models.Model):
    """When a member reached what for the first time: one row per membership, written once."""

    _name = "prm.onboarding.clock"
    _description = "Onboarding Time"
    _order = "date_approved desc, id desc"
    _rec_name = "membership_id"

    membership_id = fields.Many2one(
        "prm.membership", required=True, readonly=True, index=True, ondelete="cascade"
    )
    partner_id = fields.Many2one(related="membership_id.partner_id", store=True, index=True)
    program_id = fields.Many2one(related="membership_id.program_id", store=True, index=True)
    company_id = fields.Many2one(related="membership_id.company_id", store=True, index=True)
    user_id = fields.Many2one(related="membership_id.user_id", store=True, index=True)
    country_id = fields.Many2one(
        related="membership_id.partner_id.country_id", store=True, index="btree_not_null"
    )
    date_applied = _day("Applied")
    date_approved = _day("Approved")
    date_signed = _day("Agreement Signed")
    date_first_login = _day("First Login")
    date_first_certified = _day("First Certificate")
    date_first_registration = _day("First Deal Registration")
    date_first_won = _day("First Deal Won")
    days_to_approve = _days("Days: Applied to Approved")
    days_to_sign = _days("Days: Approved to Signed")
    days_to_login = _days("Days: Approved to First Login")
    days_to_certify = _days("Days: Approved to First Certificate")
    days_to_register = _days("Days: Approved to First Registration")
    days_to_win = _days("Days: First Registration to First Won")
    target = fields.Selection(
        [("reached", "In Time"), ("missed", "Too Late"), ("waiting", "Not Yet")],
        string="First Registration",
        compute="_compute_target",
        search="_search_target",
        help="Whether the first deal was registered within the days that the program aims at.",
    )

    _membership_uniq = models.UniqueIndex("(membership_id)", "A membership has one clock.")

    @api.depends("date_approved", "date_first_registration", "program_id.registration_target_days")
    def _compute_target(self):
        today = fields.Date.context_today(self)
        for clock in self:
            days = clock.program_id.registration_target_days
            start = clock.date_approved or today
            took = ((clock.date_first_registration or today) - start).days
            if took > days:
                clock.target = "missed"
            else:
                clock.target = "reached" if clock.date_first_registration else "waiting"

    def _search_target(self, operator, value):
        if operator != "in":
            return NotImplemented
        today = fields.Date.context_today(self)
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """SELECT clock.id FROM (
                    SELECT clock.id, CASE
                        WHEN COALESCE(clock.date_first_registration, %(today)s)
                             - COALESCE(clock.date_approved, %(today)s)
                             > program.registration_target_days THEN 'missed'
                        WHEN clock.date_first_registration IS NULL THEN 'waiting'
                        ELSE 'reached' END AS target
                    FROM prm_onboarding_clock clock
                    JOIN prm_program program ON program.id = clock.program_id
                ) clock WHERE clock.target = ANY(%(wanted)s)""",
                today=today,
                wanted=[target for target in value if target],
            )
        )
        return [("id", "in", [row[0] for row in rows])]

    @api.model
    def _record(self, memberships, code, day: date):
        """Write down that these members have reached a milestone, unless it is written already.

        One statement for all of them, safe against others that do the same at this moment.

        :return: the memberships for which it was the first time
        """
        if code not in CODES:
            raise ValueError(f"unknown milestone {code!r}")
        if not memberships:
            return memberships
        memberships.flush_recordset()
        self.flush_model()
        column = SQL.identifier(f"date_{code}")
        rows = self.env.execute_query(
            SQL(
                """INSERT INTO prm_onboarding_clock AS clock (
                       membership_id, partner_id, program_id, company_id, user_id, country_id,
                       %(column)s, create_uid, create_date, write_uid, write_date)
                   SELECT membership.id, membership.partner_id, membership.program_id,
                          membership.company_id, membership.user_id, partner.country_id,
                          %(day)s, %(uid)s, now() AT TIME ZONE 'UTC', %(uid)s,
                          now() AT TIME ZONE 'UTC'
                     FROM prm_membership membership
                     JOIN res_partner partner ON partner.id = membership.partner_id
                    WHERE membership.id = ANY(%(ids)s)
                   ON CONFLICT (membership_id) DO UPDATE
                      SET %(column)s = EXCLUDED.%(column)s, write_date = EXCLUDED.write_date
                    WHERE clock.%(column)s IS NULL
                RETURNING clock.id, clock.membership_id""",
                column=column,
                day=day,
                uid=self.env.uid,
                ids=memberships.ids,
            )
        )
        clocks = self.browse(row[0] for row in rows)
        clocks._update_days()
        return memberships.browse(row[1] for row in rows)

    def _update_days(self):
        """Count the days between milestones.

        By SQL, since an average must leave out what has not been reached: the ORM stores 0 there.
        """
        if self:
            spans = SQL(", ").join(
                SQL(
                    "%(name)s = CASE WHEN %(start)s IS NOT NULL AND %(end)s IS NOT NULL"
                    " THEN GREATEST(%(end)s - %(start)s, 0) END",
                    name=SQL.identifier(name),
                    start=SQL.identifier(f"date_{start}"),
                    end=SQL.identifier(f"date_{end}"),
                )
                for name, start, end in SPANS
            )
            self.env.execute_query(
                SQL("UPDATE prm_onboarding_clock SET %s WHERE id = ANY(%s) RETURNING id",
                    spans, self.ids)
            )  # fmt: skip
            self.invalidate_recordset()
