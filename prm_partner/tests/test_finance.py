"""What people of finance read to pay partners, and that they change nothing."""

from lxml import etree

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form, new_test_user

from .agreement_common import AgreementCase

COSTS = ("annual_cost", "cost_percent")


class TestFinance(AgreementCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.finance = new_test_user(
            cls.env, "t_finance", groups="prm_partner.group_prm_finance", email="f@v.example"
        )
        cls.employee = new_test_user(cls.env, "t_employee", groups="base.group_user")
        cls.benefit = cls.env["prm.tier.benefit"].create(
            {"grade_id": cls.gold.id, "kind": "lead_weight", "value": 2, "annual_cost": 10}
        )
        cls.agreement = cls._sign_new()

    def _get_records(self):
        return (
            self.membership | self.rival_membership,
            self.program,
            self.gold,
            self.benefit,
            self.membership.change_ids,
            self.agreement,
            self.agreement.signature_ids,
            self.template,
        )

    def test_reads_everything_of_the_company_and_changes_nothing(self):
        for records in self._get_records():
            found = records.with_user(self.finance)
            with self.subTest(model=records._name):
                self.assertLessEqual(records, found.search([]))
                self.assertTrue(found.read(["display_name"]))
                for operation in ("write", "create", "unlink"):
                    self.assertFalse(found.has_access(operation))

    def test_other_company(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.finance.write({"company_ids": [Command.set(other.ids)], "company_id": other.id})
        for records in self._get_records():
            with self.subTest(model=records._name):
                self.assertFalse(records & records.with_user(self.finance).search([]))
                self.assertFalse(records.with_user(self.finance).has_access("read"))

    def test_plain_employee_reads_no_memberships(self):
        for records in (self.membership, self.membership.change_ids, self.agreement):
            with self.subTest(model=records._name):
                self.assertFalse(records.with_user(self.employee).has_access("read"))

    def test_partner_manager_in_finance_writes_own_partners_only(self):
        self.manager.group_ids = [Command.link(self.env.ref("prm_partner.group_prm_finance").id)]
        self.assertTrue(self.membership.with_user(self.manager).has_access("write"))
        self.assertTrue(self.rival_membership.with_user(self.manager).has_access("read"))
        self.assertFalse(self.rival_membership.with_user(self.manager).has_access("write"))

    def test_signed_document(self):
        agreement = self.agreement.with_user(self.finance)
        self.assertTrue(agreement._get_pdf().startswith(b"%PDF"))
        signature = self.agreement.signature_ids[-1].with_user(self.finance)
        self.assertEqual(signature.attachment_id.raw, agreement._get_pdf())

    def test_partner_shows_the_membership(self):
        values = self.partner.with_user(self.finance).read(
            ["prm_state", "prm_program_id", "prm_membership_ids", "prm_agreement_count"]
        )[0]
        self.assertEqual(values["prm_state"], "active")
        self.assertEqual(values["prm_membership_ids"], self.membership.ids)
        self.assertEqual(values["prm_agreement_count"], 1)
        found = self.env["res.partner"].with_user(self.finance).search(
            [("prm_state", "=", "active")]
        )
        self.assertLessEqual(self.partner | self.rival, found)

    def test_screens_open(self):
        """Nothing on the forms and lists asks for what finance may not read."""
        for records in (*self._get_records(), self.partner):
            record = records[:1].with_user(self.finance)
            with self.subTest(model=record._name):
                Form(record)
                for kind in ("list", "kanban"):
                    arch = etree.fromstring(record.get_view(view_type=kind)["arch"])
                    names = {field.get("name") for field in arch.iter("field")}
                    self.assertTrue(record.read(sorted(names)))

    def test_buttons_are_for_those_who_manage_partners(self):
        kept = {"action_view_agreements", "action_print", "action_verify", "action_view_membership"}
        for records in (self.membership, self.agreement):
            with self.subTest(model=records._name):
                view = records.with_user(self.finance).get_view(view_type="form")
                names = {
                    button.get("name") for button in etree.fromstring(view["arch"]).iter("button")
                }
                self.assertLessEqual(names, kept)

    def test_menus(self):
        menus = self.env["ir.ui.menu"].with_user(self.finance)._visible_menu_ids()
        for name, seen in {
            "res_partner_menu": True,
            "prm_membership_menu": True,
            "prm_program_menu": True,
            "prm_agreement_menu": True,
            "prm_tier_change_menu": True,
            "prm_tier_benefit_menu_finance": True,
            "prm_application_menu": False,
            "prm_menu_configuration": False,
            "prm_scorecard_menu": False,
        }.items():
            with self.subTest(menu=name):
                self.assertEqual(self.env.ref(f"prm_partner.{name}").id in menus, seen)

    def test_costs_of_benefits(self):
        for user in (self.finance, self.manager):
            self.assertEqual(self.benefit.with_user(user).read(COSTS)[0]["annual_cost"], 10)
        benefit = self.benefit.with_user(self.employee)
        self.assertTrue(benefit.read(["summary"]))
        for name in COSTS:
            with self.subTest(field=name):
                with self.assertRaises(AccessError):
                    benefit.read([name])
                with self.assertRaises(AccessError):
                    benefit.search([(name, ">", 0)])

    def test_no_scores(self):
        membership = self.membership.with_user(self.finance)
        for name in ("score", "score_color", "scorecard_ids", "onboarding_progress"):
            with self.subTest(field=name), self.assertRaises(AccessError):
                membership.read([name])
