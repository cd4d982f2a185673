from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from .prm_deal_registration import STAFF

# Partners are reminded when so many days of protection are left.
REMINDERS = (1, 7, 14, 30)
SLICE = 500


class PrmDealRegistration(models.Model):
    """The nightly job: what ends, what is missed, and whom to tell before."""

    _inherit = "prm.deal.registration"

    reminded_days = fields.Integer(
        readonly=True,
        copy=False,
        groups=STAFF,
        help="The last reminder of the end of the protection: so many days before it.",
    )

    def _begin_protection(self):
        self._skip_reminders()
        return super()._begin_protection()

    def _skip_reminders(self):
        """Begin anew with those reminders that are still to come."""
        today = fields.Date.context_today(self)
        for deal in self:
            left = (deal.date_protected_until - today).days
            deal.reminded_days = next((days for days in REMINDERS if left <= days), 0)

    @api.model
    def _cron_expire(self):
        """End what is over, propose to revoke what is idle, and remind of the end.

        In slices that are committed: what is dealt with is not found again, so a run that is cut
        short goes on where it ended and repeats nothing.
        """
        today = fields.Date.context_today(self)
        requests, protections = self.env["prm.deal.request"], self.env["prm.deal.protection"]
        over = [("state", "=", "approved"), ("date_protected_until", "<", today)]
        steps = [
            (requests, self._get_last_day_domain(today), lambda found: found._grant_unanswered()),
            (self, over, lambda deals: deals._expire()),
            (protections, [("date_end", "<", today)], lambda rows: rows.write({"active": False})),
            (self, self._get_missed_domain(today), lambda deals: deals._miss_milestone()),
            *(
                (self, self._get_reminder_domain(today, days), self._get_reminder(days))
                for days in REMINDERS
            ),
        ]
        for model, domain, step in steps:
            if not self._run_in_slices(model, domain, step):
                break

    @api.model
    def _run_in_slices(self, model, domain, step):
        """Do ``step`` with the records of a domain; those that somebody works on wait a day.

        :return: False when the time of the job is over
        """
        remaining, last_id = model.search_count(domain), 0
        while remaining > 0:
            after = Domain(domain) & Domain("id", ">", last_id)
            records = model.search(after, limit=SLICE, order="id")
            if not records:
                break
            last_id = records[-1].id
            step(records.try_lock_for_update(allow_referencing=True))
            remaining = max(remaining - len(records), 0)
            if not self.env["ir.cron"]._commit_progress(len(records), remaining=remaining):
                return False
        return True

    def _expire(self):
        """The protection ended with its last day, whenever this job runs."""
        for end, deals in self.grouped("date_protected_until").items():
            deals._transition("expired", "expired", date_ended=end)

    @api.model
    def _get_last_day_domain(self, today):
        return [
            ("kind", "=", "extension"),
            ("state", "=", "open"),
            ("registration_id.state", "=", "approved"),
            ("registration_id.date_protected_until", "<=", today),
        ]

    @api.model
    def _get_missed_domain(self, today):
        return [
            ("state", "=", "approved"),
            ("date_milestone", "<", today),
            ("date_milestone_reached", "=", False),
            ("milestone_missed", "=", False),
        ]

    @api.model
    def _get_reminder_domain(self, today, days):
        return [
            ("state", "=", "approved"),
            ("date_protected_until", ">=", today),
            ("date_protected_until", "<=", today + timedelta(days=days)),
            "|",
            ("reminded_days", "=", 0),
            ("reminded_days", ">", days),
        ]

    @api.model
    def _get_reminder(self, days):
        def remind(deals):
            deals.reminded_days = days
            deals._send_mail("prm_deal_registration.mail_template_expiring")

        return remind
