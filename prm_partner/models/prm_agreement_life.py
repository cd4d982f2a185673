from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_date

from ..tools import terms

SLICE = 100
ACTIVITY = "prm_partner.mail_activity_type_agreement"


class PrmAgreement(models.Model):
    """What the calendar does to agreements, and asking all to sign a new version.

    Each job works in slices that find their records by state, so that one that was killed goes
    on where it stopped and does nothing twice.
    """

    _inherit = "prm.agreement"

    @api.model
    def _cron_follow_dates(self):
        """Renew or end what has run out, close what was not signed, and remind in time."""
        today = fields.Date.context_today(self)
        jobs = (
            (self._get_over_domain(today), lambda batch: batch._renew_or_expire(today)),
            (self._get_unsigned_domain(today), lambda batch: batch._close("expired")),
            (self._get_outdated_domain(today), lambda batch: batch._close("replaced")),
            (self._get_reminder_domain(today), lambda batch: batch._remind(today)),
        )
        for domain, step in jobs:
            if not self._work_in_slices(domain, step):
                return

    @api.model
    def _work_in_slices(self, domain, step):
        """Do ``step`` with all agreements of ``domain``, which must take them out of it.

        :return: whether all are done; else the time of the job is over
        """
        remaining = self.search_count(domain)
        while remaining:
            batch = self.search(domain, limit=SLICE, order="id").try_lock_for_update()
            if not batch:
                break  # somebody is working on the rest, the next run takes it
            step(batch)
            remaining = max(remaining - len(batch), 0)
            if not self.env["ir.cron"]._commit_progress(len(batch), remaining=remaining):
                return False
        return True

    @api.model
    def _get_over_domain(self, today):
        return Domain("state", "=", "in_force") & Domain("date_end", "<", today)

    @api.model
    def _get_unsigned_domain(self, today):
        return Domain("state", "=", "sent") & Domain("date_sign_by", "<", today)

    @api.model
    def _get_outdated_domain(self, today):
        """In force, in a version that the vendor has given up by now."""
        versions = self.env["prm.agreement.template"].search(
            [
                ("state", "=", "published"),
                ("ask_again", "=", True),
                ("ask_again_until", "<=", today),
            ]
        )
        return (
            Domain("state", "=", "in_force")
            & Domain("family_id", "in", versions.family_id.ids)
            & Domain("template_id", "not in", versions.ids)
        )

    @api.model
    def _get_reminder_domain(self, today):
        """In force, with a reminder that is due and was not sent."""
        due = Domain.OR(
            Domain("date_end", "<=", today + timedelta(days=days))
            & (Domain("reminder_mark", "=", 0) | Domain("reminder_mark", ">", days))
            for days in terms.REMINDERS
        )
        return Domain("state", "=", "in_force") & Domain("date_end", ">=", today) & due

    def _renew_or_expire(self, today):
        renewed = self.filtered(lambda one: one.renews and one.membership_id.state != "ended")
        renewed._renew(today)
        renewed._mail("prm_partner.mail_template_agreement_renewed")
        expired = self - renewed
        expired._close("expired")
        expired._mail("prm_partner.mail_template_agreement_expired")

    def _renew(self, today):
        for agreement in self:
            start = agreement.date_end + timedelta(days=1)
            months = agreement.template_id.renewal_months
            end = terms.renewed_end(agreement.date_end, months, today)
            mark = terms.first_reminder_mark(start, end)
            agreement._write_step(date_end=end, reminder_mark=mark)
        self.activity_unlink([ACTIVITY])
        self._message_log_batch(
            bodies={
                agreement.id: self.env._(
                    "Renewed until %(date)s.", date=format_date(self.env, agreement.date_end)
                )
                for agreement in self
            }
        )

    def _remind(self, today):
        """Mail the partner and put it on the list of its manager."""
        for agreement in self:
            days = terms.due_reminder(agreement.date_end, today, agreement.reminder_mark)
            agreement._write_step(reminder_mark=days)
        self._mail("prm_partner.mail_template_agreement_reminder")
        reminded = self.activity_search([ACTIVITY])
        known = set(reminded.mapped("res_id"))
        for agreement in self.filtered(lambda one: one.id not in known):
            agreement._schedule_renewal()

    def _schedule_renewal(self):
        summary = (
            self.env._("%s is renewed soon: is that what you want?", self.name)
            if self.renews
            else self.env._("%s ends soon: prepare the next agreement", self.name)
        )
        self.activity_schedule(
            ACTIVITY,
            date_deadline=self.date_notice_by if self.renews else self.date_end,
            summary=summary,
            user_id=(self.user_id or self.program_id.user_id or self.env.user).id,
        )

    @api.model
    def _cron_ask_again(self):
        """Send new versions to all members who have an earlier one."""
        versions = self.env["prm.agreement.template"].search(
            [("state", "=", "published"), ("ask_again", "=", True)]
        )
        memberships = self.env["prm.membership"]
        for version in versions:
            domain = self._get_ask_again_domain(version)
            remaining = memberships.search_count(domain)
            while remaining:
                batch = memberships.search(domain, limit=SLICE, order="id")
                batch = batch.try_lock_for_update(allow_referencing=True)
                if not batch:
                    break
                self._send_version(version, batch)
                remaining = max(remaining - len(batch), 0)
                if not self.env["ir.cron"]._commit_progress(len(batch), remaining=remaining):
                    return

    @api.model
    def _get_ask_again_domain(self, version):
        """Members with an earlier version who have not got this one, in whatever state it is."""
        earlier = Domain("family_id", "=", version.family_id.id) & Domain(
            "template_id", "!=", version.id
        )
        return (
            Domain("state", "!=", "ended")
            & Domain("program_id", "in", version.program_ids.ids)
            & Domain(
                "agreement_ids", "any", earlier & Domain("state", "in", ("sent", "in_force"))
            )
            # One that waits for our signature comes into force first.
            & Domain("agreement_ids", "not any", earlier & Domain("state", "=", "signed"))
            & Domain("agreement_ids", "not any", Domain("template_id", "=", version.id))
        )

    @api.model
    def _send_version(self, version, memberships):
        pending = self.search(
            [
                ("membership_id", "in", memberships.ids),
                ("family_id", "=", version.family_id.id),
                ("state", "in", ("draft", "sent")),
            ]
        )
        pending._close("replaced")
        agreements = self.create(
            [
                {"membership_id": membership.id, "template_id": version.id}
                for membership in memberships
            ]
        )
        agreements._send()
