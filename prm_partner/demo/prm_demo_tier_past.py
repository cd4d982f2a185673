from datetime import timedelta
from typing import NamedTuple

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Command
from odoo.tools import SQL

from ..tools import append_only


class Step(NamedTuple):
    """A tier that a partner got.

    :param months: so long ago
    :param tier: last part of the tier's external id
    :param user: who decided, last part of the external id
    :param revenue: what was measured, None if nothing was
    """

    months: int
    tier: str
    kind: str
    user: str
    revenue: float | None = None


# Partner → the tier it began with, and its steps since then.
PAST = {
    "northwind": ("reseller_silver", Step(11, "reseller_gold", "promotion", "olivia", 27850)),
    "elbtal": (
        "reseller_silver",
        Step(20, "reseller_gold", "promotion", "olivia", 41200),
        Step(14, "reseller_platinum", "promotion", "olivia", 118400),
    ),
    "isarwerk": (
        "reseller_silver",
        Step(15, "reseller_gold", "promotion", "marc", 26300),
        Step(8, "reseller_silver", "demotion", "olivia", 18300),
    ),
    "thames": ("reseller_silver", Step(9, "reseller_gold", "promotion", "marc", 29900)),
    "lumiere": (
        "referral_bronze",
        Step(14, "referral_silver", "promotion", "marc"),
        Step(7, "referral_gold", "manual", "olivia"),
    ),
    "hansekontor": (
        "distribution_associate",
        Step(18, "distribution_premier", "promotion", "olivia", 212000),
    ),
}
# Partner → months since it was told that it may lose its tier.
NOTICES = {"isarwerk": 11}


class PrmDemo(models.AbstractModel):
    _inherit = "prm.demo"

    @api.model
    def _load_tier_past(self):
        """How the partners came to their tiers, over the past two years and more."""
        self._date_enrolments()
        for partner, (first, *steps) in PAST.items():
            membership = self.env.ref(f"prm_partner.membership_{partner}")
            tier = self._get_tier(first)
            for step in steps:
                tier = self._load_step(membership, tier, step)
        for partner, months in NOTICES.items():
            self._load_notice(self.env.ref(f"prm_partner.membership_{partner}"), months)

    def _get_tier(self, name):
        return self.env.ref(f"prm_partner.grade_{name}")

    def _get_moment(self, months):
        """In the morning of a day so many months ago."""
        day = fields.Date.today() - relativedelta(months=months)
        return fields.Datetime.to_datetime(day) + timedelta(hours=8)

    def _date_enrolments(self):
        """Members were enrolled by their managers, on their first day, in their first tier."""
        changes = self.env["prm.tier.change"]
        firsts = {
            self.env.ref(f"prm_partner.membership_{partner}").id: self._get_tier(first).id
            for partner, (first, *_steps) in PAST.items()
        }
        self.env.flush_all()
        # The history cannot be changed; here it is being invented.
        append_only.lift(self.env.cr, changes._table)
        self.env.cr.execute(
            SQL(
                """
                UPDATE prm_tier_change change
                   SET date = member.date_start + interval '9 hours',
                       user_id = COALESCE(member.user_id, change.user_id),
                       new_grade_id = COALESCE(first.tier_id, change.new_grade_id)
                  FROM prm_membership member
                  LEFT JOIN unnest(%s, %s) AS first(member_id, tier_id)
                    ON first.member_id = member.id
                 WHERE change.membership_id = member.id AND change.kind = 'enrolled'
                   AND member.date_start < CURRENT_DATE
                """,
                list(firsts),
                list(firsts.values()),
            )
        )
        append_only.protect(self.env.cr, changes._table)
        changes.invalidate_model()

    def _load_step(self, membership, old, step):
        tier = self._get_tier(step.tier)
        asked = old if step.kind == "demotion" else tier
        # The reason of what a review decides is shown in the reader's language.
        reasons = {"manual": self.env._("Brought three large customers within a year")}
        row = {
            "membership_id": membership.id,
            "partner_id": membership.partner_id.id,
            "company_id": membership.company_id.id,
            "old_grade_id": old.id,
            "new_grade_id": tier.id,
            "measured": [
                line._as_rule().progress(step.revenue)
                for line in asked.requirement_ids
                if step.revenue and line.metric_id.code == "revenue" and line.mode == "mandatory"
            ]
            or None,
        }
        user = self.env.ref(f"prm_partner.user_{step.user}")
        day = self._get_moment(step.months)
        changes = self.env["prm.tier.change"].with_user(user)
        changes._insert([row], reasons.get(step.kind), step.kind, date=day)
        membership.invalidate_recordset(["change_ids"])
        hold = membership.program_id.hold_months
        membership.hold_until = (day + relativedelta(months=hold)).date()
        return tier

    def _load_notice(self, membership, months):
        """The timeline shows when a partner came to be at risk."""
        states = dict(membership._fields["state"]._description_selection(self.env))
        self.env["mail.message"].create(
            {
                "model": membership._name,
                "res_id": membership.id,
                "author_id": self.env.ref("base.partner_root").id,
                "message_type": "notification",
                "subtype_id": self.env.ref("mail.mt_note").id,
                "date": self._get_moment(months),
                "tracking_value_ids": [
                    Command.create(
                        {
                            "field_id": self.env["ir.model.fields"]._get(
                                membership._name, "state"
                            ).id,
                            "old_value_char": states["active"],
                            "new_value_char": states["at_risk"],
                        }
                    )
                ],
            }
        )
