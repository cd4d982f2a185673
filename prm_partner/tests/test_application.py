from datetime import datetime
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, freeze_time

from .onboarding_common import OnboardingCase


class TestApplication(OnboardingCase):
    def test_numbers_differ_and_stage_is_the_first(self):
        first, second = self._apply(), self._apply("Other", "other.example")
        self.assertRegex(first.number, r"^APP/\d{4}/\d{4}$")
        self.assertNotEqual(first.number, second.number)
        self.assertEqual(first.stage_id, self.env.ref("prm_partner.prm_application_stage_new"))
        self.assertEqual(first.state, "new")

    def test_status_fields_from_a_client_are_not_taken(self):
        application = self.applications.with_user(self.program_manager).with_context(
            default_decided_by_id=self.program_manager.id
        ).create(
            {
                "name": "Sly",
                "contact_name": "Sly",
                "contact_email": "sly@sly.example",
                "program_id": self.program.id,
                "state": "approved",
                "number": "X",
                "stage_id": self.env.ref("prm_partner.prm_application_stage_approved").id,
            }
        )
        self.assertEqual(application.state, "new")
        self.assertEqual(application.stage_id.state, "new")
        self.assertNotEqual(application.number, "X")
        self.assertFalse(application.decided_by_id)
        for values in ({"state": "approved"}, {"decision_note": "x"}, {"date_deadline": False}):
            with self.subTest(values=values), self.assertRaisesRegex(UserError, "buttons"):
                application.write(values)

    def test_card_moves_between_open_stages_only(self):
        application = self._apply()
        application.stage_id = self.env.ref("prm_partner.prm_application_stage_interview")
        self.assertEqual(application.state, "in_review")
        for stage in ("approved", "rejected", "withdrawn"):
            with self.subTest(stage=stage), self.assertRaisesRegex(UserError, "Approve and Reject"):
                application.stage_id = self.env.ref(f"prm_partner.prm_application_stage_{stage}")
        application.action_withdraw()
        with self.assertRaisesRegex(UserError, "Reopen"):
            application.stage_id = self.env.ref("prm_partner.prm_application_stage_new")

    def test_every_state_keeps_a_stage(self):
        stage = self.env.ref("prm_partner.prm_application_stage_rejected")
        with self.assertRaisesRegex(UserError, "only stage of its kind"):
            stage.unlink()
        with self.assertRaisesRegex(UserError, "only stage of its kind"):
            stage.state = "in_review"
        interview = self.env.ref("prm_partner.prm_application_stage_interview")
        self._apply().stage_id = interview
        with self.assertRaisesRegex(UserError, "Move them"):
            interview.state = "new"

    def test_bad_values_get_a_clear_message(self):
        with self.assertRaisesRegex(ValidationError, "no e-mail address"):
            self._apply(contact_email="jo at home")
        other = self.program.copy()
        grade = self.env["res.partner.grade"].create({"name": "X", "program_id": other.id})
        with self.assertRaisesRegex(ValidationError, "does not belong"):
            self._apply(grade_id=grade.id)
        with self.assertRaisesRegex(ValidationError, "Choose the company"):
            self._apply(partner_id=self.contact.id)

    def test_form(self):
        with Form(self.applications.with_user(self.manager)) as form:
            form.name = "By form"
            form.program_id = self.program
            form.contact_name = "Jo"
            form.contact_email = "jo@byform.example"
        self.assertEqual(form.record.state, "new")

    def test_receipt_is_confirmed_in_the_applicants_language(self):
        with self.mock_mail_gateway(), freeze_time("2026-03-02 09:00:00"):
            application = self._apply()
        mail = self._get_mails(application)
        self.assertEqual(mail.email_to, "jo@newcomer.example")
        self.assertIn(application.number, mail.subject)
        self.program.confirm_receipt = False
        self.assertFalse(self._get_mails(self._apply("Quiet", "quiet.example")))

    def _get_mails(self, application):
        return self.env["mail.mail"].sudo().search(
            [("model", "=", "prm.application"), ("res_id", "=", application.id)]
        )

    def test_reject_tells_the_reason(self):
        application = self._apply()
        with self.assertRaisesRegex(UserError, "Choose a reason"):
            application.action_reject(False)
        wizard = self.env["prm.application.reject"].with_user(self.program_manager).create(
            {
                "application_ids": [Command.set(application.ids)],
                "reason_id": self.reason.id,
                "note": "Try again next year.",
            }
        )
        wizard.action_reject()
        self.assertEqual(application.state, "rejected")
        self.assertEqual(application.decided_by_id, self.program_manager)
        body = self._get_mails(application).sorted("id")[-1].body_html
        self.assertIn(self.reason.name, body)
        self.assertIn("Try again next year.", body)
        with self.assertRaisesRegex(UserError, "not possible now"):
            application.action_reject(self.reason.id)

    def test_reject_mail_in_russian(self):
        self.env["res.lang"]._activate_lang("ru_RU")
        self.reason.with_context(lang="ru_RU").name = "Не подходит"
        application = self._apply(lang="ru_RU")
        application.action_reject(self.reason.id)
        self.assertIn("Не подходит", self._get_mails(application).sorted("id")[-1].body_html)

    def test_reopen_starts_the_clock_anew(self):
        with freeze_time("2026-03-02 09:00:00"):
            application = self._apply()
            application.action_reject(self.reason.id, "x")
            first = application.date_deadline
        with freeze_time("2026-03-16 09:00:00"):
            application.action_reopen()
        self.assertEqual(application.state, "in_review")
        self.assertGreater(application.date_deadline, first)
        self.assertFalse(application.reason_id or application.date_decided)

    def test_deadline_and_half_time_by_the_calendar(self):
        self.company.resource_calendar_id = self.env["resource.calendar"].create(
            {
                "name": "Nine to five",
                "tz": "UTC",
                "attendance_ids": [
                    Command.create({"name": day, "dayofweek": day, "hour_from": 9, "hour_to": 17})
                    for day in "01234"
                ],
            }
        )
        friday = datetime(2026, 3, 6, 13)
        application = self._apply(date_applied=friday)
        self.assertEqual(application.date_deadline, datetime(2026, 3, 10, 17))  # Tuesday
        # 4 hours on Friday, 8 on Monday, 8 on Tuesday: half of 20 is Monday, 15:00.
        self.assertEqual(application.date_halfway, datetime(2026, 3, 9, 15))
        for moment, clock in (
            (datetime(2026, 3, 9, 14), "on_time"),
            (datetime(2026, 3, 9, 15), "soon"),
            (datetime(2026, 3, 10, 18), "late"),
        ):
            with freeze_time(moment):
                application.invalidate_recordset(["clock"])
                self.assertEqual(application.clock, clock)

    def test_escalation_once_at_each_mark(self):
        application = self._apply(date_applied=datetime(2026, 3, 2, 9))
        activities = self.env["mail.activity"].search(
            [("res_model", "=", "prm.application"), ("res_id", "=", application.id)]
        )
        self.assertFalse(activities)
        for moment, count in (
            (application.date_halfway, 1),
            (application.date_halfway, 1),
            (application.date_deadline, 2),
            (application.date_deadline, 2),
        ):
            with freeze_time(moment), self.enter_registry_test_mode():
                self.env.ref("prm_partner.ir_cron_escalate_applications").method_direct_trigger()
            self.assertEqual(len(application.activity_ids), count)
        self.assertEqual(application.activity_ids.user_id, self.program_manager)
        application.action_withdraw()
        self.assertFalse(application.activity_ids)

    def test_late_application_is_reported_as_late_at_once(self):
        application = self._apply(date_applied=datetime(2026, 3, 2, 9))
        with freeze_time("2026-04-01"), self.enter_registry_test_mode():
            self.env.ref("prm_partner.ir_cron_escalate_applications").method_direct_trigger()
        self.assertEqual(len(application.activity_ids), 1)
        self.assertIn("is over", application.activity_ids.note)

    def test_escalation_costs_no_query_per_old_application(self):
        self._apply().action_withdraw()
        self.env.flush_all()
        with patch.object(type(self.applications), "_escalate") as escalate:
            with freeze_time("2030-01-01"), self.enter_registry_test_mode():
                self.env["prm.application"].search(
                    [("state", "in", ("new", "in_review"))]
                ).sudo().escalation = 100
                self.env.ref("prm_partner.ir_cron_escalate_applications").method_direct_trigger()
            escalate.assert_not_called()

    def test_questionnaire(self):
        with self.assertRaisesRegex(UserError, "no questionnaire"):
            self._apply("First", "first.example").action_send_questionnaire()
        self.program.survey_id = self.env["survey.survey"].create(
            {
                "title": "Questions",
                "access_mode": "token",
                "question_ids": [
                    Command.create({"title": "How many?", "question_type": "numerical_box"})
                ],
            }
        )
        application = self._apply(user=self.manager)
        self.assertEqual(application.questionnaire_state, "to_send")
        application.action_send_questionnaire()
        self.assertEqual(application.questionnaire_state, "sent")
        mail = self._get_mails(application).sorted("id")[-1]
        answers = application.sudo().user_input_id
        self.assertIn(answers.access_token, mail.body_html)
        application.action_send_questionnaire()
        self.assertEqual(application.sudo().user_input_id, answers, "a reminder, not a new one")
        answers._mark_done()
        application.invalidate_recordset()
        self.assertEqual(application.questionnaire_state, "done")
        self.assertIn(answers.access_token, application.action_view_answers()["url"])
        with self.assertRaisesRegex(UserError, "answered already"):
            application.action_send_questionnaire()

    def test_approved_application_stays(self):
        application = self._apply(role=False)
        application.action_approve()
        with self.assertRaisesRegex(UserError, "stays as its record"):
            application.unlink()

    def test_program_counts_open_applications(self):
        before = self.program.with_user(self.program_manager).open_application_count
        self._apply()
        self._apply("Gone", "gone.example").action_withdraw()
        program = self.program.with_user(self.program_manager)
        program.invalidate_recordset()
        self.assertEqual(program.open_application_count, before + 1)
        action = program.action_view_applications()
        self.assertEqual(action["domain"], [("program_id", "=", program.id)])

    def test_search_finds_contact_and_number(self):
        application = self._apply()
        for text in (application.number, "jo@newcomer", "Jo Doe"):
            with self.subTest(text=text):
                found = self.applications.name_search(text)
                self.assertIn(application.id, [record_id for record_id, _name in found])

    def test_date_applied_is_now_by_default(self):
        with freeze_time("2026-03-02 09:00:00"):
            self.assertEqual(self._apply().date_applied, fields.Datetime.now())
