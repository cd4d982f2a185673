from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from ..tools.groups import STAFF
from .prm_membership import ACTIVE_STATES
from .prm_metric_batch import Question

CONTACT_ACTIVITY = "prm_partner.mail_activity_type_contact"
CONTACT_METRIC = "days_since_contact"
# Partners that somebody should be in touch with.
CONTACT_STATES = ("onboarding", *ACTIVE_STATES)
SLICE = 500


class PrmMembership(models.Model):
    """Contact cadence: no touch in so many days → an activity for the partner manager."""

    _inherit = "prm.membership"

    contact_cadence = fields.Selection(
        [
            ("program", "As the program says"),
            ("own", "Own interval"),
            ("never", "No reminders"),
        ],
        required=True,
        default="program",
        groups=STAFF,
    )
    contact_days = fields.Integer(
        string="Contact Every (Days)", groups=STAFF, help="The own interval."
    )

    _contact_days_check = models.Constraint(
        "CHECK(contact_cadence != 'own' OR COALESCE(contact_days, 0) BETWEEN 1 AND 3660)",
        "Enter after how many days without contact the partner manager is reminded.",
    )

    def _get_contact_days(self):
        """Days without a touch after which the partner manager is reminded; 0 for never."""
        self.ensure_one()
        own = {"own": self.contact_days, "never": 0}
        return own.get(self.contact_cadence, self.program_id.contact_days)

    @api.model
    def _get_contact_domain(self):
        """Memberships with a cadence and somebody to remind, who is not reminded already."""
        activity_type = self.env.ref(CONTACT_ACTIVITY)
        return (
            Domain("state", "in", CONTACT_STATES)
            & Domain("user_id.active", "=", True)
            & Domain("program_id.active", "=", True)
            & (
                Domain("contact_cadence", "=", "own")
                | Domain("contact_cadence", "=", "program")
                & Domain("program_id.contact_days", ">", 0)
            )
            & Domain("activity_ids", "not any", [("activity_type_id", "=", activity_type.id)])
        )

    @api.model
    def _cron_remind_contact(self):
        """Remind partner managers of partners without a touch for too long.

        Who has an open reminder is left out, so the job can be stopped and run again at any time.
        """
        remaining, last_id = self.search_count(self._get_contact_domain()), 0
        while remaining > 0:
            domain = self._get_contact_domain() & Domain("id", ">", last_id)
            memberships = self.search(domain, limit=SLICE, order="id")
            if not memberships:
                break
            memberships._filter_without_contact()._remind_contact()
            last_id = memberships[-1].id
            remaining = max(remaining - len(memberships), 0)
            if not self.env["ir.cron"]._commit_progress(len(memberships), remaining=remaining):
                break

    def _filter_without_contact(self):
        """Those of these memberships whose last touch is longer ago than their cadence allows."""
        today = fields.Date.context_today(self)
        questions = {
            membership: Question(
                CONTACT_METRIC,
                None,
                today,
                membership.company_id,
                membership.program_id.currency_id,
                "own",
            )
            for membership in self
        }
        answers = self.env["prm.metric"]._measure_each(
            (question, membership.partner_id) for membership, question in questions.items()
        )
        done = self._get_last_reminders_done()

        def is_due(membership):
            days = membership._get_contact_days()
            silence = answers.get(questions[membership], {}).get(membership.partner_id.id, 0.0)
            done_on = done.get(membership.id)
            return silence >= days and (not done_on or done_on <= today - timedelta(days=days))

        return self.filtered(is_due)

    def _get_last_reminders_done(self):
        """When the last reminder of each membership was done: doing it is a touch.

        :return: ``{membership_id: date}``
        """
        groups = self.env["mail.activity"].with_context(active_test=False)._read_group(
            [
                ("res_model", "=", self._name),
                ("res_id", "in", self.ids),
                ("activity_type_id", "=", self.env.ref(CONTACT_ACTIVITY).id),
                ("date_done", "!=", False),
            ],
            ["res_id"],
            ["date_done:max"],
        )
        return dict(groups)

    def _remind_contact(self):
        """One activity of today for each manager and partner, without a mail for each."""
        quiet = self.with_context(mail_activity_quick_update=True)
        for user, memberships in quiet.grouped("user_id").items():
            memberships.activity_schedule(CONTACT_ACTIVITY, user_id=user.id)
