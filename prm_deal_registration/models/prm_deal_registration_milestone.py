from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError

from .prm_deal_registration import STAFF

MILESTONE_ACTIVITY = "prm_deal_registration.mail_activity_type_milestone"


class PrmDealRegistration(models.Model):
    """A first result that the partner owes for its protection, and the end of those who do not."""

    _inherit = "prm.deal.registration"

    date_milestone = fields.Date(string="Milestone Due", readonly=True, copy=False)
    date_milestone_reached = fields.Date(string="Milestone Reached", readonly=True, copy=False)
    milestone_note = fields.Text(string="Milestone", readonly=True, copy=False)
    milestone_missed = fields.Boolean(
        readonly=True,
        copy=False,
        groups=STAFF,
        help="It was proposed to revoke the protection because of the milestone.",
    )

    _milestone_idx = models.Index(
        "(date_milestone) WHERE state = 'approved' AND date_milestone_reached IS NULL"
        " AND milestone_missed IS NOT TRUE"
    )

    def action_report_milestone(self, note, date=None):
        """Report a first result: a call, a demonstration, an offer. For the partner, or for staff.

        :param str note: what was reached
        :param date: when, by default today; a date or text as in ``2030-12-31``
        :return: True
        :raise UserError: not approved, no text, or a date that is not possible
        """
        self.ensure_one()
        self._check_partner_action()
        self._check_state(("approved",))
        note = self._check_reason(note)
        day = self._check_milestone_date(date)
        deal = self.sudo()  # sudo: the right was checked; partners cannot write
        deal.write({"date_milestone_reached": day, "milestone_note": note})
        facts = {"date": fields.Date.to_string(day), "note": note}
        self.env["prm.deal.event"]._log(deal, "milestone", facts)
        deal.activity_feedback([MILESTONE_ACTIVITY], feedback=note)
        return True

    def action_revoke(self, reason):
        """Take the protection back before its end. For staff who may decide on the deal.

        :param str reason: why, the partner is told
        :return: True
        :raise UserError: not approved, or the reason is missing
        """
        self._check_decision(("approved",))
        reason = self._check_reason(reason)
        deals = self.sudo()  # sudo: the right to decide was checked
        leads = deals._get_leads_of_partner()
        deals.protection_ids.active = False
        deals._transition("expired", "revoked", {"reason": reason}, decision_note=reason)
        leads._leave_partner()
        deals._send_mail("prm_deal_registration.mail_template_revoked")
        return True

    def _begin_protection(self):
        self._set_milestone()
        return super()._begin_protection()

    def _close_claim(self):
        self.activity_unlink([MILESTONE_ACTIVITY])
        return super()._close_claim()

    def _set_milestone(self):
        days = self.policy_id.milestone_days
        self.date_milestone = days and self.date_protected_from + timedelta(days=days)

    def _check_milestone_date(self, date):
        try:
            day = self._parse_value("date_milestone_reached", date)
        except (TypeError, ValueError) as error:
            message = self._get_type_error("date_milestone_reached")
            raise UserError(message) from error
        today = fields.Date.context_today(self)
        day = day or today
        if not self.date_protected_from <= day <= today:
            raise UserError(
                self.env._("Enter a date between the begin of the protection and today.")
            )
        return day

    def _miss_milestone(self):
        """Propose to whoever looks after these deals to revoke the protection."""
        self.milestone_missed = True
        for deal in self:
            responsible = deal._get_responsible()
            if responsible:
                deal.activity_schedule(
                    MILESTONE_ACTIVITY,
                    user_id=responsible.id,
                    summary=self.env._("No milestone was reported: revoke the protection?"),
                )
        self._send_mail("prm_deal_registration.mail_template_milestone")
