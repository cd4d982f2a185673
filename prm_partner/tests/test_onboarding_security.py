from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import new_test_user

from .onboarding_common import OnboardingCase

STAFF_MODELS = (
    "prm.application",
    "prm.application.stage",
    "prm.application.reason",
    "prm.application.duplicate",
    "prm.application.reject",
    "prm.due.diligence.item",
    "prm.due.diligence.check",
    "prm.onboarding.plan",
    "prm.onboarding.plan.line",
    "prm.onboarding.clock",
)
COMPANY_MODELS = (
    "prm.application",
    "prm.application.duplicate",
    "prm.due.diligence.item",
    "prm.due.diligence.check",
    "prm.onboarding.plan",
    "prm.onboarding.plan.line",
    "prm.onboarding.task",
    "prm.onboarding.clock",
)


class TestOnboardingSecurity(OnboardingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plan = cls._new_plan()
        cls.env["prm.due.diligence.item"].create(
            {"name": "Register", "program_id": cls.program.id}
        )
        cls.membership, cls.tasks = cls._onboard(user=cls.manager)
        cls.rival_membership, cls.rival_tasks = cls._onboard(cls.rival, user=cls.other_manager)
        (cls.membership | cls.rival_membership)._mark_milestone("approved")
        cls.mine = cls._apply("Mine", "acme-partners.example", user_id=cls.manager.id)
        cls.others = cls._apply("Others", "rival-partners.example", user_id=cls.other_manager.id)
        cls.free = cls._apply("Free", "free.example")
        cls.own_user = cls._new_portal_user(cls.contact, "admin")
        cls.rival_user = cls._new_portal_user(cls.rival_contact, "admin")
        customer = cls.env["res.partner"].create({"name": "Customer", "email": "c@c.example"})
        cls.customer_user = cls._new_portal_user(customer, None)
        cls.employee = new_test_user(cls.env, "t_employee", groups="base.group_user")

    def _visible(self, user, model):
        return self.env[model].with_user(user).search([]).sudo()

    def test_outsiders_have_no_access(self):
        public = self.env.ref("base.public_user")
        for user in (self.own_user, self.customer_user, public, self.employee):
            for model in STAFF_MODELS:
                with self.subTest(user=user.login, model=model), self.assertRaises(AccessError):
                    self._visible(user, model)
        for user in (self.customer_user, public):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self._visible(user, "prm.onboarding.task")

    def test_partner_manager_sees_own_and_unassigned_applications(self):
        visible = self._visible(self.manager, "prm.application")
        self.assertLessEqual(self.mine | self.free, visible)
        self.assertNotIn(self.others, visible)
        for model, name in (
            ("prm.application.duplicate", "duplicate_ids"),
            ("prm.due.diligence.check", "check_ids"),
        ):
            with self.subTest(model=model):
                visible = self._visible(self.manager, model)
                self.assertTrue(self.others[name])
                self.assertLessEqual(self.mine[name], visible)
                self.assertFalse(self.others[name] & visible)

    def test_program_manager_sees_all_applications(self):
        visible = self._visible(self.program_manager, "prm.application")
        self.assertLessEqual(self.mine | self.free | self.others, visible)

    def test_decisions_need_the_right_to_write(self):
        for user in (self.manager, self.own_user, self.employee):
            application = self.others.with_user(user)
            for method, args in (
                ("action_approve", ()),
                ("action_reject", (self.reason.id,)),
                ("action_withdraw", ()),
                ("action_reopen", ()),
                ("action_start_review", ()),
                ("action_send_questionnaire", ()),
                ("action_view_answers", ()),
            ):
                with self.subTest(user=user.login, method=method), self.assertRaises(AccessError):
                    getattr(application, method)(*args)
            for method in ("action_same", "action_distinct"):
                with self.subTest(user=user.login, method=method), self.assertRaises(AccessError):
                    getattr(self.others.duplicate_ids.with_user(user), method)()
        self.assertEqual(self.others.state, "new")

    def test_partner_manager_deletes_and_configures_nothing(self):
        for record in (
            self.mine,
            self.env.ref("prm_partner.prm_application_stage_new"),
            self.reason,
            self.plan,
            self.plan.line_ids,
            self.program.due_diligence_item_ids,
        ):
            with self.subTest(model=record._name):
                self.assertFalse(record.with_user(self.manager).has_access("unlink"))
        self.assertFalse(self.plan.with_user(self.manager).has_access("write"))

    def test_times_are_written_by_nobody(self):
        for user in (self.manager, self.program_manager):
            clocks = self.env["prm.onboarding.clock"].with_user(user)
            for operation in ("create", "write", "unlink"):
                with self.subTest(user=user.login, operation=operation):
                    self.assertFalse(clocks.has_access(operation))
        visible = self._visible(self.manager, "prm.onboarding.clock")
        self.assertIn(self.membership.onboarding_clock_ids, visible)
        self.assertNotIn(self.rival_membership.onboarding_clock_ids, visible)

    def test_partner_sees_its_own_tasks_only(self):
        self.assertEqual(self._visible(self.own_user, "prm.onboarding.task"), self.tasks)
        tasks = self.env["prm.onboarding.task"].with_user(self.own_user)
        self.assertEqual(tasks.search_count([("partner_id", "=", self.rival.id)]), 0)
        [group] = tasks.formatted_read_group([], ["partner_id"], ["__count"])
        self.assertEqual(group["__count"], len(self.tasks))
        with self.assertRaises(AccessError):
            self.rival_tasks.with_user(self.own_user).read(["name"])
        with self.assertRaises(AccessError):
            self.rival_tasks[0].with_user(self.own_user).action_done()
        with self.assertRaises(AccessError):
            (self.tasks[0] | self.rival_tasks[0]).with_user(self.own_user).action_done()
        self.assertEqual(self.tasks[0].state, "open")

    def test_partner_reads_nothing_internal(self):
        task = self.tasks.with_user(self.own_user)
        for name in ("user_id", "done_by_id", "line_id", "responsible", "date_reminded"):
            with self.subTest(field=name), self.assertRaises(AccessError):
                task.read([name])
        membership = self.membership.with_user(self.own_user)
        for name in (
            "application_ids",
            "due_diligence_check_ids",
            "onboarding_clock_ids",
            "onboarding_plan_id",
            "onboarding_progress",
        ):
            with self.subTest(field=name), self.assertRaises(AccessError):
                membership.read([name])
        program = self.program.with_user(self.own_user)
        for name in (
            "auto_approve_domain",
            "survey_id",
            "application_ids",
            "due_diligence_item_ids",
            "onboarding_plan_ids",
            "review_days",
            "open_application_count",
        ):
            with self.subTest(field=name), self.assertRaises(AccessError):
                program.read([name])

    def test_internal_notes_stay_internal(self):
        self.tasks[0].message_post(body="They are slow", subtype_xmlid="mail.mt_note")
        messages = self.env["mail.message"].with_user(self.own_user).search(
            [("model", "=", "prm.onboarding.task"), ("res_id", "=", self.tasks[0].id)]
        )
        self.assertFalse(messages.filtered(lambda message: "slow" in (message.body or "")))

    def test_partner_writes_nothing(self):
        task = self.tasks[0].with_user(self.own_user)
        for operation in ("write", "unlink", "create"):
            with self.subTest(operation=operation):
                self.assertFalse(task.has_access(operation))
        for values in ({"state": "done"}, {"date_due": "2030-01-01"}, {"is_gate": False}):
            with self.subTest(values=values), self.assertRaises(AccessError):
                task.write(values)

    def test_given_person_reads_and_finishes_only_its_own(self):
        task = self.tasks[0]
        task.user_id = self.employee
        self.assertEqual(self._visible(self.employee, "prm.onboarding.task"), task)
        with self.assertRaises(AccessError):
            self.tasks[2].with_user(self.employee).action_done()
        with self.assertRaises(AccessError):
            task.with_user(self.employee).action_skip()
        task.with_user(self.employee).action_done()
        self.assertEqual(task.state, "done")

    def test_partner_manager_touches_no_tasks_of_others(self):
        with self.assertRaises(AccessError):
            self.rival_tasks[0].with_user(self.manager).action_done()
        with self.assertRaises(AccessError):
            self.rival_membership.with_user(self.manager).action_view_onboarding()

    def test_other_company_is_invisible(self):
        other = self.env["res.company"].create({"name": "Company B"})
        stranger = new_test_user(
            self.env,
            "t_company_b",
            groups="base.group_user,prm_partner.group_prm_admin",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        for model in COMPANY_MODELS:
            with self.subTest(model=model):
                self.assertFalse(self._visible(stranger, model))

    def test_another_users_wizard_is_invisible(self):
        wizard = self.env["prm.application.reject"].with_user(self.manager).create(
            {"application_ids": [Command.set(self.mine.ids)], "reason_id": self.reason.id}
        )
        with self.assertRaises(AccessError):
            wizard.with_user(self.other_manager).read(["note"])
