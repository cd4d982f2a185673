from odoo.exceptions import AccessError
from odoo.fields import Command

from .agreement_common import draw
from .onboarding_common import OnboardingCase


class TestBegin(OnboardingCase):
    """Enrolling and approving begin a membership in the same way."""

    def _wizard(self, user=None, **values):
        return (
            self.env["prm.enroll"]
            .with_user(user or self.manager)
            .create(
                {
                    "partner_id": self.partner.id,
                    "program_id": self.program.id,
                    "contact_ids": [Command.clear()],
                    **values,
                }
            )
        )

    def _enroll_by_wizard(self, **values):
        action = self._wizard(**values).action_enroll()
        return self.env["prm.membership"].browse(action["res_id"])

    def _approve(self):
        application = self._apply(role=False)
        application.action_approve()
        return application.membership_id

    def _new_agreement_template(self):
        template = self.env["prm.agreement.template"].create(
            {
                "name": "Rules of the Game",
                "company_id": self.company.id,
                "program_ids": [Command.set(self.program.ids)],
                "body": "<p>Be fair.</p>",
            }
        )
        template.action_publish()
        self.program.unsigned_blocks_activation = True
        return template

    def test_gates_hold_both(self):
        self._new_plan()
        self.assertIn("before: Profile, Kick-off", self._wizard().next_steps)
        for membership in (self._enroll_by_wizard(), self._approve()):
            self.assertEqual(membership.state, "onboarding")
            self.assertEqual(len(membership.onboarding_task_ids), 3)

    def test_tasks_without_a_gate_hold_nobody(self):
        self._new_plan().line_ids.is_gate = False
        self.assertIn("active at once", self._wizard().next_steps)
        for membership in (self._enroll_by_wizard(), self._approve()):
            self.assertEqual(membership.state, "active")
            self.assertEqual(len(membership.onboarding_task_ids), 3)

    def test_a_plan_may_leave_the_activation_to_us(self):
        plan = self._new_plan(is_auto_activated=False)
        plan.line_ids.is_gate = False
        self.assertIn("Somebody of us activates", self._wizard().next_steps)
        for membership in (self._enroll_by_wizard(), self._approve()):
            self.assertEqual(membership.state, "onboarding")

    def test_nothing_to_do_before(self):
        self.assertIn("active at once", self._wizard().next_steps)
        self.assertEqual(self._enroll_by_wizard().state, "active")

    def test_the_last_signature_activates(self):
        self._new_agreement_template()
        steps = self._wizard().next_steps
        self.assertIn("sent to be signed: Rules of the Game", steps)
        self.assertIn("not active yet", steps)
        membership = self._enroll_by_wizard()
        agreement = membership.agreement_ids
        self.assertEqual((membership.state, agreement.state), ("onboarding", "sent"))
        admin = self._new_portal_user(self.contact, "admin")
        agreement.with_user(admin)._sign("Ada", draw(), agreement.text_sha256, "192.0.2.1")
        self.assertEqual(membership.state, "active")

    def test_somebody_must_be_able_to_sign(self):
        self._new_agreement_template()
        warning = "Nobody of the partner can sign “Rules of the Game”"
        for role, warned in (("sales", True), ("admin", False)):
            with self.subTest(role=role):
                wizard = self._wizard()
                wizard.contact_ids = [
                    Command.create({"partner_id": self.contact.id, "role": role})
                ]
                self.assertEqual(warning in wizard.next_steps, warned)
        self.assertIn(warning, self._wizard().next_steps)
        self._new_portal_user(self.contact, "admin")
        self.assertNotIn(warning, self._wizard().next_steps)

    def test_a_signature_is_not_enough_while_a_gate_is_open(self):
        self._new_agreement_template()
        self._new_plan()
        membership = self._enroll_by_wizard()
        admin = self._new_portal_user(self.contact, "admin")
        agreement = membership.agreement_ids
        agreement.with_user(admin)._sign("Ada", draw(), agreement.text_sha256, "192.0.2.1")
        self.assertEqual(membership.state, "onboarding")

    def test_a_signature_that_nothing_waits_for_activates_nobody(self):
        self._new_agreement_template()
        self.program.unsigned_blocks_activation = False
        membership = self._enroll(self.partner, state="applicant")
        membership.action_start_onboarding()
        admin = self._new_portal_user(self.contact, "admin")
        agreement = membership.agreement_ids
        agreement.with_user(admin)._sign("Ada", draw(), agreement.text_sha256, "192.0.2.1")
        self.assertEqual(membership.state, "onboarding")

    def test_prerequisite_is_named(self):
        self.program.prerequisite_ids = self.program.copy({"name": "Basics"})
        self.assertIn("active membership in “Basics”", self._wizard().next_steps)
        self.assertEqual(self._enroll_by_wizard().state, "onboarding")

    def test_the_rule_may_give_the_partner_to_somebody_else(self):
        self.company.prm_manager_rule = "salesperson"
        self.partner.user_id = self.other_manager
        action = self._wizard().action_enroll()
        self.assertEqual(action["tag"], "display_notification")
        self.assertIn(self.other_manager.name, action["params"]["message"])
        membership = self.env["prm.membership"].search([("partner_id", "=", self.partner.id)])
        self.assertEqual((membership.user_id, membership.state), (self.other_manager, "active"))

    def test_approval_follows_the_rule_of_the_company(self):
        for rule, manager in (("program", self.program_manager), ("user", self.manager)):
            with self.subTest(rule=rule):
                self.company.prm_manager_rule = rule
                application = self._apply(
                    f"A {rule}", f"{rule}.example", user=self.manager, role=False
                )
                application.user_id = self.manager
                application.with_user(self.manager).action_approve()
                self.assertEqual(application.sudo().membership_id.user_id, manager)

    def test_program_of_another_company_is_refused(self):
        company = self.env["res.company"].create({"name": "Company B"})
        program = self.env["prm.program"].create({"name": "B", "company_id": company.id})
        with self.assertRaises(AccessError):
            self.env["prm.membership"].with_user(self.manager)._enroll(
                {"partner_id": self.partner.id, "program_id": program.id}
            )

    def test_partners_and_mere_employees_enroll_nobody(self):
        employee = self._new_staff("t_employee", "group_partner_manager")
        employee.group_ids = [Command.set(self.env.ref("base.group_user").ids)]
        for user in (self._new_portal_user(self.contact, "admin"), employee):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.env["prm.membership"].with_user(user)._enroll(
                    {"partner_id": self.partner.id, "program_id": self.program.id}
                )
