from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import new_test_user

from .common import PartnerCase


class TestSetup(PartnerCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company_b = cls.env["res.company"].create({"name": "Company B"})
        cls.admin = new_test_user(
            cls.env,
            "t_admin_b",
            groups="base.group_user,base.group_system,prm_partner.group_prm_admin",
            company_id=cls.company_b.id,
            company_ids=[Command.set(cls.company_b.ids)],
        )
        cls.setup = cls.env["prm.setup"].with_user(cls.admin)

    def _open(self):
        return self.setup.browse(self.setup.action_open()["res_id"])

    def _get_done(self, setup):
        self.env.invalidate_all()
        return set(setup.step_ids.filtered("is_done").mapped("code"))

    def test_a_new_company_has_everything_to_do(self):
        setup = self._open()
        codes = set(setup.step_ids.mapped("code"))
        self.assertLessEqual({"program", "tiers", "requirements", "invite"}, codes)
        self.assertFalse(self._get_done(setup))
        self.assertEqual(setup.progress, 0)
        self.assertTrue(self.setup._is_open())

    def test_steps_tick_themselves(self):
        setup = self._open()
        program = self.env["prm.program"].with_user(self.admin).create({"name": "B Resellers"})
        self.assertEqual(self._get_done(setup), {"program"})
        tier = self.env["res.partner.grade"].create(
            {"name": "Gold", "program_id": program.id, "company_id": self.company_b.id}
        )
        self.assertEqual(self._get_done(setup), {"program", "tiers"})
        metric = self.env.ref("prm_partner.prm_metric_revenue")
        tier.requirement_ids = [Command.create({"metric_id": metric.id, "threshold": 5.0})]
        self.assertIn("requirements", self._get_done(setup))
        self._enroll(self.partner, tier, program)
        self.assertNotIn("invite", self._get_done(setup))
        user = self._new_portal_user(self.contact, None)
        self.assertNotIn("invite", self._get_done(setup), "a mere customer")
        user.group_ids = [Command.link(self.env.ref("prm_partner.group_partner_sales").id)]
        self.assertIn("invite", self._get_done(setup))
        self.assertGreater(setup.progress, 50)

    def test_an_agreement_counts_when_it_can_be_signed(self):
        setup = self._open()
        program = self.env["prm.program"].create(
            {"name": "B Resellers", "company_id": self.company_b.id}
        )
        template = self.env["prm.agreement.template"].create(
            {
                "name": "B Agreement",
                "company_id": self.company_b.id,
                "program_ids": [Command.set(program.ids)],
                "body": "<p>Be fair.</p>",
            }
        )
        self.assertNotIn("agreement", self._get_done(setup), "a draft")
        template.action_publish()
        self.assertIn("agreement", self._get_done(setup))
        self.env.cr.execute(
            "UPDATE prm_agreement_template SET date_end = '2020-01-01' WHERE id = %s",
            (template.id,),
        )
        self.assertNotIn("agreement", self._get_done(setup), "over")

    def test_a_plan_counts_when_it_has_steps(self):
        setup = self._open()
        program = self.env["prm.program"].create(
            {"name": "B Resellers", "company_id": self.company_b.id}
        )
        plan = self.env["prm.onboarding.plan"].create({"name": "B", "program_id": program.id})
        self.assertNotIn("onboarding", self._get_done(setup))
        plan.line_ids = [Command.create({"name": "Kick-off"})]
        self.assertIn("onboarding", self._get_done(setup))
        plan.active = False
        self.assertNotIn("onboarding", self._get_done(setup))

    def test_from_nothing_to_the_first_partner(self):
        """By the buttons of the checklist, as an administrator would do it."""
        setup = self._open()
        steps = {step.code: step for step in setup.step_ids}
        for code, step in steps.items():
            self.assertIn(step.action_open()["res_model"], self.env, code)
        admin = self.env(user=self.admin.id, context={})
        wizard = admin["prm.program.template"].create({"template": "reseller"})
        program = admin["prm.program"].browse(wizard.action_create_program()["res_id"])
        self.assertEqual(
            self._get_done(setup), {"program", "tiers", "requirements", "onboarding"}
        )
        template = admin["prm.agreement.template"].create(
            {
                "name": "Agreement",
                "program_ids": [Command.set(program.ids)],
                "body": "<p>Be fair.</p>",
            }
        )
        template.action_publish()
        enroll = admin["prm.enroll"].create(
            {
                "partner_id": self.partner.id,
                "program_id": program.id,
                "contact_ids": [
                    Command.clear(),
                    Command.create({"partner_id": self.contact.id, "role": "admin"}),
                ],
            }
        )
        enroll.action_enroll()
        self.assertEqual(self._get_done(setup), set(steps))
        self.assertEqual(setup.progress, 100)
        self.assertFalse(self.setup._is_open())

    def test_archived_programs_do_not_count(self):
        setup = self._open()
        wizard = self.env["prm.program.template"].with_user(self.admin).create({})
        program = self.env["prm.program"].browse(wizard.action_create_program()["res_id"])
        program.active = False
        self.assertFalse(self._get_done(setup))

    def test_each_step_opens_its_screen(self):
        for step in self._open().step_ids:
            with self.subTest(step=step.code):
                self.assertTrue(step.action_open()["res_model"])

    def test_steps_of_missing_add_ons_are_left_out(self):
        codes = {step["code"] for step in self.setup._get_steps()}
        available = {step["code"] for step in self.setup._get_available_steps()}
        missing = {"agreement": "prm.agreement.template", "onboarding": "prm.onboarding.plan"}
        self.assertEqual(
            codes - available, {code for code, model in missing.items() if model not in self.env}
        )

    def _has_menu(self):
        self.env.invalidate_all()
        menu = self.env.ref("prm_partner.prm_setup_menu")
        menus = self.env["ir.ui.menu"].with_user(self.admin).load_menus(False)
        parent = menus[menu.parent_id.id]
        self.assertEqual(menu.id in menus, menu.id in parent["children"])
        return menu.id in menus

    def test_menu_goes_when_it_is_hidden_and_comes_back(self):
        self.assertTrue(self._has_menu())
        setup = self._open()
        setup.action_hide()
        self.assertTrue(self.company_b.prm_setup_hidden)
        self.assertFalse(self._has_menu())
        setup.action_show()
        self.assertTrue(self._has_menu())

    def test_others_have_no_checklist(self):
        for user in (self.manager, self._new_portal_user(self.contact, "admin")):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.env["prm.setup"].with_user(user).action_open()
        foreign = self._open().with_user(self.program_manager)
        with self.assertRaises(AccessError):
            foreign.action_hide()


class TestSettings(PartnerCase):
    def _get_wizard(self, user=None):
        user = user or self.program_manager
        self.partner.user_id = self.other_manager
        self.program.user_id = self.manager
        return (
            self.env["prm.enroll"]
            .with_user(user)
            .create({"partner_id": self.partner.id, "program_id": self.program.id})
        )

    def test_default_program(self):
        self.company.prm_default_program_id = self.program
        defaults = self.env["prm.enroll"].with_user(self.manager).default_get(["program_id"])
        self.assertEqual(defaults["program_id"], self.program.id)

    def test_partner_manager_by_rule(self):
        for rule, manager in (
            ("user", self.program_manager),
            ("salesperson", self.other_manager),
            ("program", self.manager),
        ):
            with self.subTest(rule=rule):
                self.company.prm_manager_rule = rule
                self.assertEqual(self._get_wizard().user_id, manager)

    def test_role_of_invited_contacts(self):
        self.company.prm_invitation_role = "technical"
        self.assertEqual(self._get_wizard().contact_ids.mapped("role"), ["technical"])

    def test_announcements_by_mail(self):
        for by_mail in (True, False):
            self.company.prm_announcement_mail = by_mail
            self.assertEqual(self.env["prm.announcement"].create({"name": "N"}).by_mail, by_mail)

    def test_settings_are_saved_on_the_company(self):
        settings = self.env["res.config.settings"].create(
            {
                "prm_manager_rule": "program",
                "prm_announcement_days": 45,
                "prm_support_partner_id": self.manager.partner_id.id,
                "partnership_label": "Allies",
            }
        )
        settings.execute()
        self.assertEqual(self.company.prm_manager_rule, "program")
        self.assertEqual(self.company.prm_announcement_days, 45)
        self.assertEqual(self.company.prm_support_partner_id, self.manager.partner_id)
        self.assertEqual(self.company.partnership_label, "Allies")
