from datetime import date

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import freeze_time

from .onboarding_common import OnboardingCase


class TestOnboarding(OnboardingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plan = cls._new_plan()
        cls.admin_user = cls._new_portal_user(cls.contact, "admin")

    def test_tasks_of_the_plan(self):
        with freeze_time("2026-03-02"):
            membership, tasks = self._onboard()
        profile, kick_off, login = tasks
        self.assertEqual(membership.state, "onboarding")
        self.assertEqual(membership.onboarding_plan_id, self.plan)
        self.assertEqual(profile.date_due, date(2026, 3, 7))
        self.assertEqual(kick_off.date_due, date(2026, 3, 12))
        self.assertEqual(kick_off.after_task_id, profile)
        self.assertTrue(kick_off.is_blocked)
        self.assertFalse(login.is_blocked)
        self.assertEqual(tasks.user_id, self.manager)
        membership._start_plan()
        self.assertEqual(len(membership.onboarding_task_ids), 3, "nothing twice")

    def test_names_in_both_languages(self):
        self.env["res.lang"]._activate_lang("ru_RU")
        self.plan.line_ids[0].with_context(lang="ru_RU").name = "Профиль"
        _membership, tasks = self._onboard()
        self.assertEqual(tasks[0].name, "Profile")
        self.assertEqual(tasks[0].with_context(lang="ru_RU").name, "Профиль")

    def test_most_specific_plan(self):
        french = self._new_plan(country_ids=[Command.link(self.env.ref("base.fr").id)])
        golden = self._new_plan(grade_id=self.gold.id)
        both = self._new_plan(
            grade_id=self.gold.id, country_ids=[Command.link(self.env.ref("base.fr").id)]
        )
        archived = self._new_plan(sequence=1)
        archived.active = False
        membership = self._enroll(self.partner, self.silver, state="applicant")
        match = self.env["prm.onboarding.plan"]._match
        self.assertEqual(match(membership), self.plan)
        membership.partner_id.country_id = self.env.ref("base.fr")
        self.assertEqual(match(membership), french)
        membership.grade_id = self.gold
        self.assertEqual(match(membership), both)
        both.active = False
        self.assertEqual(match(membership), golden)
        other = self.program.copy({"onboarding_plan_ids": False})
        self.assertFalse(match(self._enroll(self.partner, program=other)))

    def test_progress(self):
        membership, (profile, kick_off, login) = self._onboard()
        self.assertEqual(membership.onboarding_progress, 0)
        profile.action_done()
        self.assertEqual(membership.onboarding_progress, 33)
        login.action_skip()
        self.assertEqual(membership.onboarding_progress, 50)
        profile.action_reopen()
        self.assertEqual(membership.onboarding_progress, 0)
        self.assertFalse(profile.date_done or profile.done_by_id)
        self.assertEqual(kick_off.state, "open")

    def test_open_gate_blocks_activation(self):
        membership, (profile, kick_off, _login) = self._onboard()
        with self.assertRaisesRegex(UserError, "Profile, Kick-off"):
            membership.action_activate()
        self.plan.is_auto_activated = False
        profile.action_done()
        kick_off.action_done()
        self.assertEqual(membership.state, "onboarding")
        membership.action_activate()
        self.assertEqual(membership.state, "active")

    def test_last_gate_activates(self):
        membership, (profile, kick_off, login) = self._onboard()
        profile.action_done()
        self.assertEqual(membership.state, "onboarding")
        kick_off.action_skip()
        self.assertEqual(membership.state, "active")
        self.assertEqual(login.state, "open")

    def test_a_plan_without_gates_does_not_activate_by_itself(self):
        self.plan.line_ids.is_gate = False
        membership, tasks = self._onboard()
        tasks[0].action_done()
        self.assertEqual(membership.state, "onboarding")

    def test_order_of_tasks(self):
        _membership, (profile, kick_off, _login) = self._onboard()
        with self.assertRaisesRegex(UserError, "after “Profile”"):
            kick_off.action_done()
        (profile | kick_off).action_done()
        self.assertEqual(kick_off.state, "done")

    def test_steps_in_a_circle_are_refused(self):
        profile, kick_off, _login = self.plan.line_ids
        with self.assertRaisesRegex(ValidationError, "wait for each other"):
            profile.after_line_id = kick_off

    def test_step_waits_for_its_own_plan_only(self):
        other = self._new_plan().line_ids[0]
        with self.assertRaisesRegex(ValidationError, "another plan"):
            self.plan.line_ids[2].after_line_id = other

    def test_tasks_in_a_circle_are_refused(self):
        _membership, (profile, kick_off, _login) = self._onboard()
        with self.assertRaisesRegex(ValidationError, "wait for each other"):
            profile.after_task_id = kick_off

    def test_task_waits_for_its_own_membership_only(self):
        _membership, tasks = self._onboard()
        _other, others = self._onboard(self.rival)
        with self.assertRaisesRegex(ValidationError, "another membership"):
            tasks[2].after_task_id = others[0]

    def test_given_person(self):
        with self.assertRaisesRegex(ValidationError, "Choose the person"):
            self.plan.line_ids[1].responsible = "user"
        self.plan.line_ids[1].write({"responsible": "user", "user_id": self.other_manager.id})
        self.plan.line_ids[0].responsible = "program_manager"
        _membership, (profile, kick_off, login) = self._onboard()
        self.assertEqual(profile.user_id, self.program_manager)
        self.assertEqual(kick_off.user_id, self.other_manager)
        self.assertEqual(login.user_id, self.manager)
        kick_off.with_user(self.other_manager).check_access("read")

    def test_tasks_go_with_the_partner_to_its_next_manager(self):
        self.plan.line_ids[1].responsible = "program_manager"
        membership, (profile, kick_off, login) = self._onboard()
        login.action_skip()
        membership.user_id = self.other_manager
        self.assertEqual(profile.user_id, self.other_manager)
        self.assertEqual(kick_off.user_id, self.program_manager)
        self.assertEqual(login.user_id, self.manager)

    def test_state_is_changed_by_the_buttons(self):
        _membership, tasks = self._onboard()
        mine = tasks[0].with_user(self.manager)
        with self.assertRaisesRegex(UserError, "buttons"):
            mine.state = "done"
        mine.date_done = "2020-01-01"
        self.assertFalse(mine.date_done)

    def test_partner_finishes_its_own_part_only(self):
        _membership, (profile, kick_off, login) = self._onboard()
        profile.with_user(self.admin_user).action_done()
        self.assertEqual((profile.state, profile.done_by_id), ("done", self.admin_user))
        for task in (kick_off, login):
            with self.subTest(task=task.name), self.assertRaises(AccessError):
                task.with_user(self.admin_user).action_done()
        for method in ("action_skip", "action_reopen"):
            with self.subTest(method=method), self.assertRaises(AccessError):
                getattr(profile.with_user(self.admin_user), method)()

    def test_partner_may_activate_itself_by_its_last_gate(self):
        membership, (profile, kick_off, _login) = self._onboard()
        kick_off.after_task_id = False
        kick_off.action_done()
        profile.with_user(self.admin_user).action_done()
        self.assertEqual(membership.state, "active")

    def test_overdue_is_reported_once_to_the_right_people(self):
        self.plan.line_ids[1].write({"responsible": "program_manager", "after_line_id": False})
        with freeze_time("2026-03-02"):
            membership, (profile, kick_off, login) = self._onboard()
        cron = self.env.ref("prm_partner.ir_cron_overdue_onboarding")
        with freeze_time("2026-03-10"), self.enter_registry_test_mode():
            cron.method_direct_trigger()
        self.assertEqual(profile.activity_ids.user_id, self.manager)
        self.assertEqual(login.activity_ids.user_id, self.manager)
        self.assertFalse(kick_off.activity_ids)
        mails = self.env["mail.mail"].search(
            [("model", "=", "prm.membership"), ("res_id", "=", membership.id)]
        )
        self.assertEqual(len(mails), 1, "one mail for all overdue steps")
        self.assertEqual(mails.recipient_ids, self.contact)
        self.assertIn("Profile", mails.body_html)
        self.assertIn("Log in", mails.body_html)
        self.assertNotIn("Kick-off", mails.body_html)
        with freeze_time("2026-03-20"), self.enter_registry_test_mode():
            cron.method_direct_trigger()
        self.assertEqual(kick_off.activity_ids.user_id, self.program_manager)
        self.assertEqual(len(profile.activity_ids), 1)
        self.assertEqual(
            self.env["mail.mail"].search_count(
                [("model", "=", "prm.membership"), ("res_id", "=", membership.id)]
            ),
            1,
        )
        profile.action_done()
        self.assertFalse(profile.activity_ids)

    def test_new_date_is_reported_anew(self):
        with freeze_time("2026-03-02"):
            _membership, (profile, kick_off, login) = self._onboard()
        (kick_off | login).action_skip()
        cron = self.env.ref("prm_partner.ir_cron_overdue_onboarding")
        with freeze_time("2026-03-10"), self.enter_registry_test_mode():
            cron.method_direct_trigger()
        self.assertTrue(profile.date_reminded)
        profile.date_due = "2026-04-01"
        self.assertFalse(profile.date_reminded)

    def test_what_waits_or_belongs_to_an_ended_membership_is_not_overdue(self):
        with freeze_time("2026-03-02"):
            membership, (_profile, kick_off, _login) = self._onboard()
            ended, theirs = self._onboard(self.rival)
            ended.sudo().state = "ended"
        with freeze_time("2027-01-01"), self.enter_registry_test_mode():
            self.env.ref("prm_partner.ir_cron_overdue_onboarding").method_direct_trigger()
        self.assertFalse(kick_off.activity_ids, "it waits for the partner")
        self.assertFalse(theirs.activity_ids)
        self.assertTrue(membership.onboarding_task_ids.activity_ids)

    def test_overdue_search(self):
        with freeze_time("2026-03-02"):
            _membership, tasks = self._onboard()
        with freeze_time("2026-03-10"):
            found = self.env["prm.onboarding.task"].search(
                [("is_overdue", "=", True), ("id", "in", tasks.ids)]
            )
            self.assertEqual(found, tasks.filtered("is_overdue"))
            self.assertEqual(found.mapped("name"), ["Profile", "Log in"])
            rest = self.env["prm.onboarding.task"].search(
                [("is_overdue", "=", False), ("id", "in", tasks.ids)]
            )
            self.assertEqual(rest, tasks - found)

    def test_ending_skips_what_is_open(self):
        membership, tasks = self._onboard()
        tasks[0].action_done()
        membership.action_end()
        self.assertEqual(tasks.mapped("state"), ["done", "skipped", "skipped"])
        self.assertEqual(membership.state, "ended")

    def test_action_opens_the_tasks(self):
        membership, _tasks = self._onboard()
        action = membership.action_view_onboarding()
        self.assertEqual(action["domain"], [("membership_id", "=", membership.id)])

    def test_queries_do_not_grow_with_memberships(self):
        counts = []
        memberships = self.env["prm.membership"]
        for size in (2, 12):
            while len(memberships) < size:
                number = len(memberships)
                company, _contact = self._new_partner(f"P {number}", f"p{number}.example")
                memberships |= self._onboard(company)[0]
            self.env.add_to_compute(memberships._fields["onboarding_progress"], memberships)
            self.env.add_to_compute(memberships._fields["onboarding_task_count"], memberships)
            before = self.cr.sql_log_count
            self.env.flush_all()
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])
