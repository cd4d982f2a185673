import logging

from odoo import api, fields, models
from odoo.exceptions import AccessError

from .prm_deal_registration import STAFF

_logger = logging.getLogger(__name__)

BROKEN_ACTIVITY = "prm_deal_registration.mail_activity_type_broken_log"
# How far a run of the check has come that did not reach the end.
PROGRESS = "prm_deal_registration.log_verified_up_to"
SLICE = 1000


class PrmDealRegistration(models.Model):
    """The log of a deal: whether it is what was written, and what the partner sees of it."""

    _inherit = "prm.deal.registration"

    # A chain of hashes does not show that its end is missing; these two do.
    event_count = fields.Integer(
        string="Number of Events", readonly=True, copy=False, groups=STAFF
    )
    event_hash = fields.Char(
        string="Hash of the Last Event", readonly=True, copy=False, groups=STAFF
    )

    def action_verify(self):
        """Recompute the log of these deals, and tell the user what is broken.

        :return: action that shows the result
        :raise AccessError: the user is no member of staff, or may not read a deal
        """
        if not self.env.user._is_internal():
            raise AccessError(self.env._("Only our staff can do this."))
        self.check_access("read")
        broken = self.env["prm.deal.event"]._find_breaks(self)
        if broken:
            message = "\n".join(f"{deal.name}: {text}" for deal, text in broken.items())
        else:
            message = self.env._("The log is complete, and nobody has changed it.")
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "danger" if broken else "success",
                "sticky": bool(broken),
                "message": message,
            },
        }

    @api.model
    def _cron_verify_logs(self):
        """Recompute the logs of all deals, in slices; a run that is cut short is gone on with."""
        settings, cron = self.env["ir.config_parameter"], self.env["ir.cron"]
        begun_at = last_id = int(settings.get_param(PROGRESS) or 0)
        cron._commit_progress(remaining=self.search_count([("id", ">", last_id)]))
        while deals := self.search([("id", ">", last_id)], limit=SLICE, order="id"):
            deals._report_breaks()
            if len(deals) < SLICE:
                break
            begun_at = last_id = deals[-1].id
            settings.set_param(PROGRESS, last_id)
            if not cron._commit_progress(len(deals)):
                return
        if begun_at:
            settings.set_param(PROGRESS, 0)
        cron._commit_progress(len(deals), remaining=0)

    def _report_breaks(self):
        """Tell the administrator which logs are broken, once for each."""
        for deal, text in self.env["prm.deal.event"]._find_breaks(self).items():
            _logger.warning("The log of the deal %s is broken: %s", deal.name, text)
            if not deal.activity_search([BROKEN_ACTIVITY]):
                deal.activity_schedule(
                    BROKEN_ACTIVITY, note=text, user_id=deal._get_log_administrator().id
                )

    def _get_log_administrator(self):
        admins = self.env.ref("prm_partner.group_prm_admin").all_user_ids
        own = admins.filtered(lambda user: user.active and self.company_id in user.company_ids)
        return own[:1] or self.env.ref("base.user_admin")

    @api.model
    def _get_portal_event_types(self):
        """The steps that the partner may know of: what happened to its claim, not how we work."""
        return [
            "submitted",
            "routed",
            "returned",
            "approved",
            "rejected",
            "withdrawn",
            "expired",
            "won",
            "lost",
            "reopened",
        ]

    def _get_portal_events(self):
        """The log as the partner sees it: our people are our company, its people have names.

        :return: list of dicts with ``date``, ``label`` and ``by``, the oldest first
        """
        self.ensure_one()
        self.check_access("read")
        deal = self.sudo()  # sudo: partners have no access to the log; the types are chosen here
        labels = dict(deal.event_ids._fields["type"]._description_selection(self.env))
        return [
            {
                "date": event.date,
                "label": labels[event.type],
                "by": event.user_id.name
                if event.user_id.partner_id.commercial_partner_id == deal.partner_id
                else deal.company_id.name,
            }
            for event in deal.event_ids
            if event.type in self._get_portal_event_types()
        ]
