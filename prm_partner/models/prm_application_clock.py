from odoo import api, fields, models

from ..tools import working_time
from .prm_application import OPEN_STATES


class PrmApplication(models.Model):
    """Until when an application has to be decided, and who is told if it is not."""

    _inherit = "prm.application"

    date_deadline = fields.Datetime(string="Decision Due", readonly=True, copy=False)
    date_halfway = fields.Datetime(readonly=True, copy=False)
    escalation = fields.Integer(
        readonly=True, copy=False, help="Percent of the time at which it was reported last."
    )
    clock = fields.Selection(
        [("on_time", "On Time"), ("soon", "Due Soon"), ("late", "Late")],
        compute="_compute_clock",
    )

    # Of 10,000 applications some dozens are open, and only they have a clock.
    _clock_idx = models.Index("(date_halfway) WHERE state IN ('new', 'in_review')")

    @api.depends("state", "date_deadline", "date_halfway")
    def _compute_clock(self):
        now = fields.Datetime.now()
        for application in self:
            if application.state not in OPEN_STATES or not application.date_deadline:
                application.clock = False
            elif application.date_deadline < now:
                application.clock = "late"
            else:
                soon = application.date_halfway and application.date_halfway <= now
                application.clock = "soon" if soon else "on_time"

    def _start_clock(self, start=None):
        """Set until when the decision is due, in working time of the company."""
        for application in self:
            begin = start or application.date_applied
            calendar = application.company_id.resource_calendar_id
            end = working_time.deadline(calendar, begin, application.program_id.review_days)
            application.write(
                {
                    "date_deadline": end,
                    "date_halfway": working_time.halfway(calendar, begin, end),
                    "escalation": 0,
                }
            )

    @api.model
    def _cron_escalate(self):
        """Report applications whose time for the decision is half over, or over."""
        now = fields.Datetime.now()
        for percent, moment in ((100, "date_deadline"), (50, "date_halfway")):
            domain = [
                ("state", "in", OPEN_STATES),
                (moment, "<=", now),
                ("escalation", "<", percent),
            ]
            self.env["prm.application"]._escalate_batches(domain, percent)

    @api.model
    def _escalate_batches(self, domain, percent, size=50):
        remaining = self.search_count(domain)
        while remaining:
            batch = self.search(domain, limit=size, order="id").try_lock_for_update()
            if not batch:
                break
            batch._escalate(percent)
            remaining = max(remaining - len(batch), 0)
            if not self.env["ir.cron"]._commit_progress(len(batch), remaining=remaining):
                break

    def _escalate(self, percent):
        for application in self:
            user = application.program_id.user_id or application.user_id
            if user:
                application.activity_schedule(
                    "prm_partner.mail_activity_type_application",
                    date_deadline=application._get_local_date(application.date_deadline),
                    user_id=user.id,
                    note=application._get_escalation_note(percent),
                )
        self.escalation = percent

    def _get_escalation_note(self, percent):
        if percent >= 100:
            return self.env._("The time promised for the decision is over.")
        return self.env._("Half of the time promised for the decision has passed.")

    def _get_local_date(self, moment):
        zone = self.company_id.resource_calendar_id.tz or "UTC"
        return fields.Datetime.context_timestamp(self.with_context(tz=zone), moment).date()
