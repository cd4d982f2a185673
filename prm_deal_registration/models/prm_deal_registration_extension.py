from datetime import datetime, time, timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date


class PrmDealRegistration(models.Model):
    """A longer protection, for those who ask in time and work on the deal."""

    _inherit = "prm.deal.registration"

    extension_count = fields.Integer(
        string="Extensions", compute="_compute_extension", compute_sudo=True
    )
    date_extension_until = fields.Date(
        string="Extension Possible Until",
        compute="_compute_extension",
        compute_sudo=True,
        help="The last day on which an extension can be asked for. Empty: none is possible.",
    )

    @api.depends("state", "date_protected_until", "request_ids.state", "membership_id.grade_id")
    def _compute_extension(self):
        today = fields.Date.context_today(self)
        for deal in self:
            granted = deal.request_ids.filtered(
                lambda request: request.kind == "extension" and request.state == "granted"
            )
            deal.extension_count = len(granted)
            last_day = deal.state == "approved" and deal._get_last_day_to_extend()
            possible = last_day and last_day >= today and deal._may_be_extended_again()
            deal.date_extension_until = last_day if possible else False

    def action_request_extension(self, reason):
        """Ask for a longer protection. For the partner, or for staff.

        :param str reason: how the deal stands
        :return: True
        :raise UserError: not approved, too late, too often, or no sign of work on the deal
        """
        self.ensure_one()
        self._check_partner_action()
        self._check_state(("approved",))
        reason = self._check_reason(reason)
        deal = self.sudo()  # sudo: the right was checked; partners cannot write
        deal._check_extension()
        end = deal.date_protected_until + timedelta(days=deal.policy_id.extension_days)
        request = deal.request_ids._open(deal, "extension", reason, date_end=end)
        request._log("asked")
        if deal.policy_id.extension_automatic and not deal._get_extension_rivals(end):
            request._grant()
        else:
            deal._schedule_request(request)
        return True

    def _get_last_day_to_extend(self):
        return self.date_protected_until - timedelta(days=self.policy_id.extension_notice_days)

    def _may_be_extended_again(self):
        return self.extension_count < self.membership_id._get_deal_term("extensions")

    def _check_extension(self):
        if not self._may_be_extended_again():
            raise UserError(
                self.env._("This protection cannot be extended again: %(count)s of %(limit)s"
                           " extensions are used.",
                           count=self.extension_count,
                           limit=self.membership_id._get_deal_term("extensions"))
            )  # fmt: skip
        last_day = self._get_last_day_to_extend()
        if fields.Date.context_today(self) > last_day:
            raise UserError(
                self.env._(
                    "An extension is asked for at least %(days)s days before the protection ends."
                    " This was possible until %(date)s.",
                    days=self.policy_id.extension_notice_days,
                    date=format_date(self.env, last_day),
                )
            )
        self._check_activity()

    def _check_activity(self):
        days = self.policy_id.extension_activity_days
        if days and not self._has_activity_since(fields.Datetime.now() - timedelta(days=days)):
            raise UserError(
                self.env._(
                    "Nothing has happened on this deal in the last %s days. Report a milestone or"
                    " write us how it stands, then ask again.",
                    days,
                )
            )

    def _has_activity_since(self, moment):
        """Whether somebody worked on the deal: what people wrote and did, not what the system did.

        :param datetime moment: naive UTC
        """
        self.ensure_one()
        reported = self.date_milestone_reached or self.date_protected_from
        return (
            datetime.combine(reported, time.max) >= moment
            or bool(self.env["mail.message"].search_count(self._get_work_domain(moment), limit=1))
            or bool(
                self.env["sale.order"].search_count(
                    [("registration_id", "=", self.id), ("date_order", ">=", moment)], limit=1
                )
            )
        )

    def _get_work_domain(self, moment):
        """Messages of people, and activities done, on the deal and on its opportunity."""
        done = self.env.ref("mail.mt_activities").id
        return [
            "|",
            "&", ("model", "=", self._name), ("res_id", "=", self.id),
            "&", ("model", "=", "crm.lead"), ("res_id", "=", self.lead_id.id),
            ("date", ">=", moment),
            "|", ("message_type", "in", ("comment", "email")), ("subtype_id", "=", done),
        ]  # fmt: skip

    def _get_extension_rivals(self, end):
        return self._get_rival_protections(self.date_protected_from, end)

    def _apply_extension(self, request):
        """Move the end of the protection; rows and deal together, or not at all."""
        self._lock_accounts()
        rivals = self._get_extension_rivals(request.date_end)
        if rivals:
            raise UserError(rivals._get_message())
        self.protection_ids.date_end = request.date_end
        self.date_protected_until = request.date_end
        self._skip_reminders()
