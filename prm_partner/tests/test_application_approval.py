from unittest.mock import patch

from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import freeze_time

from .onboarding_common import OnboardingCase


class TestApplicationApproval(OnboardingCase):
    def test_approval_makes_everything(self):
        self._new_plan()
        with self.mock_mail_gateway(), freeze_time("2026-03-02 09:00:00"):
            application = self._apply(
                user=self.manager,
                user_id=self.manager.id,
                contact_function="CEO",
                city="Bremen",
                grade_id=self.gold.id,
                role="sales",
            )
            action = application.action_approve()
        membership = application.membership_id
        self.assertEqual((action["res_model"], action["res_id"]), (membership._name, membership.id))
        self.assertEqual(application.state, "approved")
        self.assertEqual(application.decided_by_id, self.manager)
        partner = membership.partner_id
        self.assertEqual(application.partner_id, partner)
        self.assertTrue(partner.is_company)
        self.assertEqual((partner.name, partner.city), ("Newcomer", "Bremen"))
        contact = partner.child_ids
        self.assertEqual((contact.email, contact.function), ("jo@newcomer.example", "CEO"))
        self.assertTrue(contact.user_ids.has_group("prm_partner.group_partner_sales"))
        self.assertEqual(membership.state, "onboarding")
        self.assertEqual(membership.grade_id, self.gold)
        self.assertEqual(membership.user_id, self.manager)
        self.assertEqual(
            membership.onboarding_task_ids.mapped("name"), ["Profile", "Kick-off", "Log in"]
        )
        clock = membership.onboarding_clock_ids
        self.assertEqual(str(clock.date_applied), "2026-03-02")
        self.assertEqual(str(clock.date_approved), "2026-03-02")
        self.assertSentEmail(self.company.partner_id.email_formatted, [contact])

    def test_without_a_plan_the_membership_is_active(self):
        application = self._apply(role=False)
        application.action_approve()
        self.assertEqual(application.membership_id.state, "active")
        self.assertEqual(application.membership_id.grade_id, self.silver)
        self.assertFalse(application.partner_id.child_ids.user_ids)

    def test_what_blocks_activation_keeps_it_in_onboarding(self):
        application = self._apply(role=False)
        with patch.object(
            type(self.env["prm.membership"]), "_block_reasons", lambda *_args: ["Not signed"]
        ):
            application.action_approve()
            self.assertEqual(application.membership_id.state, "onboarding")
            with self.assertRaisesRegex(UserError, "Not signed"):
                application.membership_id.action_activate()

    def test_approving_twice_is_approving_once(self):
        application = self._apply()
        first = application.action_approve()
        again = application.action_approve()
        self.assertEqual(first["res_id"], again["res_id"])
        members = self.env["prm.membership"].search(
            [("partner_id.name", "=", "Newcomer"), ("program_id", "=", self.program.id)]
        )
        self.assertEqual(len(members), 1)

    def test_failure_leaves_nothing(self):
        stranger = self.env["res.users"].create(
            {"name": "Stranger", "login": "jo@newcomer.example"}
        )
        application = self._apply()
        before = self.env["mail.mail"].search_count([])
        with self.assertRaisesRegex(UserError, "existing user"), self.cr.savepoint():
            application.action_approve()
        self.env.invalidate_all()
        self.assertEqual(application.state, "new")
        self.assertFalse(self.env["res.partner"].search([("name", "=", "Newcomer")]))
        self.assertFalse(self.env["prm.membership"].search([("partner_id.name", "=", "Newcomer")]))
        self.assertEqual(self.env["mail.mail"].search_count([]), before)
        self.assertTrue(stranger.exists())

    def test_invitation_is_sent_after_the_commit(self):
        application = self._apply()
        sent = type(self.env["mail.mail"])
        with (
            patch.object(sent, "send", autospec=True) as now,
            patch.object(sent, "send_after_commit", autospec=True) as later,
        ):
            application.action_approve()
        now.assert_not_called()
        later.assert_called_once()

    def test_rejected_is_not_approved(self):
        application = self._apply()
        application.action_reject(self.reason.id)
        with self.assertRaisesRegex(UserError, "not possible now"):
            application.action_approve()

    def test_existing_partner_is_completed_not_overwritten(self):
        self.partner.website = "https://old.example"
        application = self._apply(
            "Acme Partners", "acme-partners.example", vat="DE123456788", partner_id=self.partner.id
        )
        application.contact_email = self.contact.email
        application.action_approve()
        self.assertEqual(application.membership_id.partner_id, self.partner)
        self.assertEqual(self.partner.website, "https://old.example")
        self.assertEqual(self.partner.vat, "DE123456788")
        self.assertEqual(self.partner.country_id, self.germany)
        self.assertEqual(self.partner.child_ids, self.contact, "the contact is known by its e-mail")
        self.assertTrue(self.contact.user_ids.has_group("prm_partner.group_partner_admin"))

    def test_role_of_a_known_portal_user_stays(self):
        user = self._new_portal_user(self.contact, "finance")
        application = self._apply(
            "Acme", "acme-partners.example", partner_id=self.partner.id, role="admin"
        )
        application.contact_email = self.contact.email
        application.action_approve()
        self.assertEqual(self.contact.prm_role, "finance")
        self.assertEqual(self.contact.user_ids, user)

    def test_member_cannot_join_twice(self):
        self._enroll(self.partner)
        application = self._apply("Acme", "acme-partners.example", partner_id=self.partner.id)
        with self.assertRaisesRegex(UserError, "is a member of"):
            application.action_approve()

    def test_undo_approval(self):
        self._new_plan()
        application = self._apply()
        application.action_approve()
        membership, partner = application.membership_id, application.partner_id
        application.action_reopen()
        self.assertEqual(application.state, "in_review")
        self.assertEqual(membership.state, "ended")
        self.assertEqual(set(membership.onboarding_task_ids.mapped("state")), {"skipped"})
        contact = partner.child_ids
        self.assertFalse(contact.prm_role)
        self.assertFalse(contact.user_ids.has_group("prm_partner.group_partner_portal"))
        self.assertEqual(application.partner_id, partner, "the company is known now")
        application.action_approve()
        self.assertNotEqual(application.membership_id, membership)
        self.assertEqual(application.membership_id.partner_id, partner)

    def test_undo_leaves_a_login_as_customer(self):
        self._new_plan()
        user = self._new_portal_user(self.contact, "admin")
        application = self._apply("Acme", "acme-partners.example", partner_id=self.partner.id)
        application.contact_email = self.contact.email
        application.action_approve()
        application.action_reopen()
        self.assertTrue(user.has_group("base.group_portal"))
        self.assertFalse(user.has_group("prm_partner.group_partner_portal"))

    def test_undo_leaves_the_portal_to_members_of_another_program(self):
        self._new_plan()
        user = self._new_portal_user(self.contact, "admin")
        self._enroll(self.partner, program=self.program.copy())
        application = self._apply("Acme", "acme-partners.example", partner_id=self.partner.id)
        application.contact_email = self.contact.email
        application.action_approve()
        application.action_reopen()
        self.assertTrue(user.has_group("prm_partner.group_partner_admin"))

    def test_active_member_is_not_undone(self):
        application = self._apply(role=False)
        application.action_approve()
        with self.assertRaisesRegex(UserError, "End its membership"):
            application.action_reopen()

    def test_rule_approves(self):
        self.program.auto_approve_domain = "[('country_id.code', '=', 'DE')]"
        other = self._apply("Austrian", "austrian.example", country_id=self.env.ref("base.at").id)
        self.assertEqual(other.state, "new")
        application = self._apply()
        self.assertEqual(application.state, "approved")
        self.assertTrue(application.is_auto_decided)
        self.assertEqual(application.membership_id.user_id, self.program_manager)

    def test_rule_waits_for_duplicates_checks_and_answers(self):
        self.program.auto_approve_domain = "[('country_id.code', '=', 'DE')]"
        duplicate = self._apply("Acme Partners", "acme-partners.example")
        self.assertEqual(duplicate.state, "new")
        duplicate.duplicate_ids.note = "Another owner"
        duplicate.duplicate_ids.with_user(self.program_manager).action_distinct()
        self.assertEqual(duplicate.state, "approved")

        self.env["prm.due.diligence.item"].create(
            {"name": "Register", "program_id": self.program.id}
        )
        application = self._apply("Checked", "checked.example")
        self.assertEqual(application.state, "new")
        application.check_ids.state = "ok"
        self.assertEqual(application.state, "approved")

    def test_rule_on_the_score_of_the_questionnaire(self):
        self.program.survey_id = self.env["survey.survey"].create(
            {
                "title": "Exam",
                "access_mode": "token",
                "scoring_type": "scoring_without_answers",
                "question_and_page_ids": [
                    Command.create(
                        {
                            "title": "Team?",
                            "question_type": "simple_choice",
                            "suggested_answer_ids": [
                                Command.create(
                                    {"value": "Yes", "is_correct": True, "answer_score": 1}
                                ),
                                Command.create({"value": "No"}),
                            ],
                        }
                    )
                ],
            }
        )
        self.program.auto_approve_domain = "[('questionnaire_score', '>=', 80)]"
        question = self.program.survey_id.question_ids
        for index, (name, state) in enumerate((("Good", "approved"), ("Bad", "new"))):
            with self.subTest(name=name):
                application = self._apply(name, f"{name}.example")
                application.action_send_questionnaire()
                answers = application.sudo().user_input_id
                answers._save_lines(question, str(question.suggested_answer_ids[index].id))
                answers._mark_done()
                self.assertEqual(application.state, state)

    def test_empty_rule_approves_nobody(self):
        for domain in ("[]", False):
            self.program.auto_approve_domain = domain
            self.assertEqual(self._apply(f"A {domain}", f"a{bool(domain)}.example").state, "new")

    def test_bad_rule_is_refused(self):
        for domain in (
            "[('no_such_field', '=', 1)]",
            "[('name', 'like']",
            "__import__('os').system('true')",
            "42",
            "[('name', '~~', 'x')]",
        ):
            with self.subTest(domain=domain), self.assertRaisesRegex(ValidationError, "be read"):
                self.program.auto_approve_domain = domain

    def test_failing_rule_leaves_it_to_a_person(self):
        self.env["res.users"].create({"name": "Stranger", "login": "jo@newcomer.example"})
        self.program.auto_approve_domain = "[('country_id.code', '=', 'DE')]"
        application = self._apply()
        self.assertEqual(application.state, "new")
        self.assertFalse(self.env["res.partner"].search([("name", "=", "Newcomer")]))
        notes = application.message_ids.mapped("body")
        self.assertTrue([note for note in notes if "existing user" in note])
