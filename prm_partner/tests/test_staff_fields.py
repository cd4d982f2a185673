"""How we run the programs is for the people who do, not for every employee."""

from odoo.exceptions import AccessError
from odoo.tests import new_test_user

from .common import PartnerCase

PROGRAM_FIELDS = (
    "agreement_template_ids",
    "application_ids",
    "auto_approve_domain",
    "confirm_receipt",
    "contact_days",
    "due_diligence_item_ids",
    "health_amber",
    "health_green",
    "onboarding_plan_ids",
    "registration_target_days",
    "review_days",
    "scorecard_weight_ids",
    "send_agreements",
    "survey_id",
    "unsigned_blocks_activation",
    "unsigned_blocks_payout",
    "unsigned_blocks_registration",
)


class TestStaffFields(PartnerCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.employee = new_test_user(
            cls.env, "t_employee", groups="base.group_user,base.group_allow_export"
        )
        cls.program.auto_approve_domain = "[('country_id.code', '=', 'DE')]"

    def test_not_for_every_employee(self):
        program = self.program.with_user(self.employee)
        self.assertEqual(program.read(["name"])[0]["name"], self.program.name)
        for name in PROGRAM_FIELDS:
            attempts = (
                lambda name=name: program.read([name]),
                lambda name=name: program.search([(name, "!=", False)]),
                lambda name=name: program.export_data([name]),
            )
            for attempt in attempts:
                with self.subTest(field=name), self.assertRaises(AccessError):
                    attempt()

    def test_for_those_who_manage_partners(self):
        for user in (self.manager, self.program_manager):
            program = self.program.with_user(user)
            user.group_ids |= self.env.ref("base.group_allow_export")
            with self.subTest(user=user.login):
                self.assertTrue(program.read(PROGRAM_FIELDS))
                rows = program.export_data(["name", "auto_approve_domain", "contact_days"])
                self.assertEqual(rows["datas"][0][1], self.program.auto_approve_domain)
