from datetime import date, timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.fields import Command

from ..models import prm_agreement_life
from .agreement_common import AgreementCase

SCAN = b"%PDF-1.4\nscan"


class TestAgreementLife(AgreementCase):
    def setUp(self):
        super().setUp()
        # Committing is the scheduler's business; here it would end the test's transaction.
        self.progress = self.startPatcher(
            patch.object(type(self.env["ir.cron"]), "_commit_progress", return_value=60.0)
        )

    def _new_running(self, day, membership=None, template=None):
        agreement = self._new_agreement(membership, template)
        agreement._record_paper("Paul Paper", "Owner", date.fromisoformat(day), SCAN)
        return agreement

    def _run(self, day):
        with freeze_time(day):
            self.env["prm.agreement"]._cron_follow_dates()

    def _get_mails(self, agreement, subject):
        return self.env["mail.mail"].search(
            [("res_id", "=", agreement.id), ("subject", "like", subject)]
        )

    def test_renewal(self):
        agreement = self._new_running("2026-03-10")
        self._run("2027-03-09")
        self.assertEqual(agreement.date_end, date(2027, 3, 9))
        self._run("2027-03-10")
        self.assertEqual((agreement.state, agreement.date_end), ("in_force", date(2028, 3, 9)))
        self.assertEqual(len(self._get_mails(agreement, "Renewed")), 1)
        self.assertTrue(agreement.message_ids.filtered(lambda one: "Renewed until" in one.body))
        self._run("2027-03-11")
        self.assertEqual(len(self._get_mails(agreement, "Renewed")), 1)

    def test_renewal_after_a_long_pause(self):
        agreement = self._new_running("2020-03-10")
        self._run("2026-11-25")
        self.assertEqual(agreement.date_end, date(2027, 3, 9))

    def test_expiry(self):
        no_renewal = self._new_template(name="Once", renewal_months=0)
        once = self._new_running("2026-03-10", template=no_renewal)
        noticed = self._new_running("2026-03-10")
        with freeze_time("2026-04-01"):
            noticed.action_give_notice()
        left = self._new_running("2026-03-10", self.rival_membership)
        self.rival_membership.action_end()
        for agreement in (once, noticed, left):
            self.assertEqual(agreement.state, "in_force")
        self._run("2027-03-10")
        for agreement in (once, noticed, left):
            self.assertEqual(agreement.state, "expired")
            self.assertEqual(len(self._get_mails(agreement, "Expired")), 1)

    def test_unsigned_agreements_expire(self):
        with freeze_time("2026-03-10"):
            agreement = self._send()
        self._run("2026-04-09")
        self.assertEqual(agreement.state, "sent")
        self._run("2026-04-10")
        self.assertEqual(agreement.state, "expired")

    def test_reminders(self):
        agreement = self._new_running("2026-01-01")  # until 31 December
        counts = []
        for day in ("2026-10-01", "2026-10-02", "2026-10-03", "2026-11-01", "2026-12-01"):
            self._run(day)
            counts.append(len(self._get_mails(agreement, "runs until")))
        self.assertEqual(counts, [0, 1, 1, 2, 3])
        self._run("2026-12-24")
        self._run("2026-12-24")
        self.assertEqual(len(self._get_mails(agreement, "runs until")), 4)
        self.assertEqual(agreement.reminder_mark, 7)
        # The list of the manager does not get longer each time.
        self.assertEqual(agreement.activity_ids.user_id, self.manager)
        self.assertEqual(agreement.activity_ids.date_deadline, date(2026, 12, 1))
        self._run("2027-01-01")
        self.assertFalse(agreement.activity_ids)
        self.assertEqual(agreement.reminder_mark, 0)
        self._run("2027-10-02")
        self.assertEqual(len(self._get_mails(agreement, "runs until")), 5)

    def test_missed_nights_send_one_reminder(self):
        agreement = self._new_running("2026-01-01")
        self._run("2026-12-15")
        self.assertEqual(len(self._get_mails(agreement, "runs until")), 1)
        self.assertEqual(agreement.reminder_mark, 30)

    def _publish_second(self):
        version = self.template.browse(self.template.action_new_version()["res_id"])
        version.body = "<p>Second</p>"
        version.action_publish()
        return version

    def _ask_again(self, version, until=False):
        wizard = self.env["prm.agreement.ask.again"].create(
            {"template_id": version.id, "date_until": until}
        )
        wizard.action_ask()
        self.env["prm.agreement"]._cron_ask_again()
        return wizard

    def _get_state(self, version, membership):
        return membership.agreement_ids.filtered(lambda one: one.template_id == version).state

    def test_ask_all_again(self):
        first = self._sign_new()
        waiting = self._send(self.rival_membership)
        version = self._publish_second()
        self.assertEqual(version.former_count, 1)
        wizard = self._ask_again(version)
        self.assertEqual(self._get_state(version, self.membership), "sent")
        self.assertEqual(self._get_state(version, self.rival_membership), "sent")
        self.assertEqual((first.state, waiting.state), ("in_force", "replaced"))
        wizard.invalidate_recordset()
        self.assertEqual(wizard.former_count, 0)
        self.env["prm.agreement"]._cron_ask_again()
        self.assertEqual(len(self.membership.agreement_ids), 2)
        second = self.membership.agreement_ids - first
        self._sign(second)
        self.assertEqual((first.state, second.state), ("replaced", "in_force"))

    def test_cancelled_request_is_not_repeated(self):
        self._sign_new()
        version = self._publish_second()
        self._ask_again(version)
        pending = self.membership.agreement_ids.filtered(lambda one: one.state == "sent")
        pending.action_cancel()
        self.env["prm.agreement"]._cron_ask_again()
        self.assertEqual(self._get_state(version, self.membership), "cancelled")

    def test_what_waits_for_us_comes_first(self):
        template = self._new_template(name="Two sides", countersign=True)
        signed = self._sign_new(template=template)
        version = template.browse(template.action_new_version()["res_id"])
        version.action_publish()
        self._ask_again(version)
        self.assertFalse(self._get_state(version, self.membership))
        self._countersign(signed)
        self.env["prm.agreement"]._cron_ask_again()
        self.assertEqual(self._get_state(version, self.membership), "sent")

    def test_members_who_have_nothing_are_not_asked(self):
        version = self._publish_second()
        self._ask_again(version)
        self.assertFalse(self.membership.agreement_ids)

    def test_earlier_versions_end_on_their_day(self):
        with freeze_time("2026-03-10"):
            first = self._sign_new()
            version = self._publish_second()
            self._ask_again(version, "2026-05-01")
        self._run("2026-04-30")
        self.assertEqual(first.state, "in_force")
        self._run("2026-05-01")
        self.assertEqual(first.state, "replaced")
        self.assertTrue(self.membership._block_reasons("registration"))

    def test_work_stops_in_time_and_goes_on(self):
        """Killed after a slice, a job does the rest next time, and nothing twice."""
        members = [
            self._enroll(self._new_partner(f"P{number}", f"p{number}.example")[0])
            for number in range(5)
        ]
        running = [self._new_running("2026-03-10", member) for member in members]
        agreements = self.env["prm.agreement"]
        over = agreements._get_over_domain(date(2027, 3, 10))
        before = agreements.search_count(over)
        with patch.object(prm_agreement_life, "SLICE", 2):
            self.progress.return_value = 0.0  # the time is over after the first slice
            self._run("2027-03-10")
            self.assertEqual(agreements.search_count(over), before - 2)
            self.progress.return_value = 60.0
            self._run("2027-03-10")
        for agreement in running:
            self.assertEqual(agreement.date_end, date(2028, 3, 9))
            self.assertEqual(len(self._get_mails(agreement, "Renewed")), 1)

    def test_asking_again_stops_in_time_and_goes_on(self):
        members = [
            self._enroll(self._new_partner(f"P{number}", f"p{number}.example")[0])
            for number in range(5)
        ]
        for member in members:
            self._new_running("2026-03-10", member)
        version = self._publish_second()
        with patch.object(prm_agreement_life, "SLICE", 2):
            self.progress.return_value = 0.0
            self._ask_again(version)
            self.assertEqual(version.agreement_count, 2)
            self.progress.return_value = 60.0
            self.env["prm.agreement"]._cron_ask_again()
        version.invalidate_recordset()
        self.assertEqual(version.agreement_count, 5)

    def test_scheduler_runs_the_jobs(self):
        for name in ("dates", "ask_again"):
            cron = self.env.ref(f"prm_partner.ir_cron_agreement_{name}")
            cron.ir_actions_server_id.run()

    def test_mails_of_a_slice_need_few_queries(self):
        """Who can sign is asked once for all of them."""
        members = self.env["prm.membership"]
        for number in range(12):
            members |= self._enroll(self._new_partner(f"P{number}", f"p{number}.example")[0])
        agreements = self.env["prm.agreement"].create(
            [{"membership_id": one.id, "template_id": self.template.id} for one in members]
        )
        self.env.flush_all()

        def count(records):
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            records.mapped("signer_ids")
            return self.cr.sql_log_count - before

        count(agreements)
        self.assertEqual(count(agreements[:2]), count(agreements))

    def test_ask_again_until_lies_ahead(self):
        version = self._publish_second()
        yesterday = date.today() - timedelta(days=1)
        with self.assertRaises(UserError):
            self._ask_again(version, yesterday)

    def test_no_agreement_for_programs_that_were_taken_off(self):
        self._sign_new()
        version = self._publish_second()
        version.program_ids = [Command.clear()]
        self._ask_again(version)
        self.assertFalse(self._get_state(version, self.membership))
