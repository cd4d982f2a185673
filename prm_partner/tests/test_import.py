from odoo.exceptions import AccessError
from odoo.tools.misc import file_open

from .common import PartnerCase

OPTIONS = {"has_headers": True, "quoting": '"', "keep_matches": False, "sheet": "Import"}


class TestImport(PartnerCase):
    """The template files, put through Odoo's own import as they are."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # The templates speak of a program with this name, and other programs have a Gold as well.
        cls.env["prm.program"].search([("name", "=", "Reseller Program")]).name = "Old Program"
        cls.program.name = "Reseller Program"

    def _import(self, model, user=None, **context):
        user = user or self.program_manager
        records = self.env[model].with_user(user).with_context(**context)
        [template] = records.get_import_templates()
        with file_open(template["template"].lstrip("/"), "rb") as file:
            content = file.read()
        wizard = (
            self.env["base_import.import"]
            .with_user(user)
            .create(
                {
                    "res_model": model,
                    "file": content,
                    "file_name": template["template"],
                    "file_type": "application/vnd.openxmlformats-officedocument"
                    ".spreadsheetml.sheet",
                }
            )
        )
        preview = wizard.parse_preview(dict(OPTIONS))
        self.assertNotIn("error", preview)
        matches = {int(column): "/".join(path) for column, path in preview["matches"].items()}
        columns = [matches.get(number, False) for number in range(len(preview["headers"]))]
        self.assertNotIn(False, columns, preview["headers"])
        options = {**OPTIONS, **preview["options"]}
        return wizard.execute_import(columns, preview["headers"], options)

    def _assert_members(self):
        members = self.program.membership_ids.sorted(lambda member: member.partner_id.name)
        self.assertEqual(
            [(line.partner_id.name, line.grade_id, line.state) for line in members],
            [
                ("Baltic Networks", self.gold, "active"),
                ("Fjord Consulting", self.silver, "onboarding"),
            ],
        )
        self.assertEqual(str(members[0].date_start), "2024-03-01")
        self.assertEqual(members.change_ids.mapped("reason"), ["Enrolled", "Enrolled"])
        self.assertEqual(members[0].partner_id.grade_id, self.gold)

    def test_partners_with_their_memberships(self):
        result = self._import("res.partner", prm_partner_import=True)
        self.assertFalse(result["messages"])
        self._assert_members()
        baltic = self.env.ref("__import__.partner_baltic")
        self.assertTrue(baltic.is_company)
        self.assertEqual(baltic.country_id, self.env.ref("base.ee"))

    def test_memberships(self):
        for name in ("Baltic Networks", "Fjord Consulting"):
            self.env["res.partner"].create({"name": name, "is_company": True})
        result = self._import("prm.membership")
        self.assertFalse(result["messages"])
        self._assert_members()

    def test_unknown_partner_is_named(self):
        result = self._import("prm.membership")
        self.assertTrue(result["messages"])
        self.assertIn("Baltic Networks", result["messages"][0]["message"])
        self.assertFalse(self.program.membership_ids)

    def _load(self, rows, columns=("partner_id", "program_id", "grade_id", "state")):
        memberships = self.env["prm.membership"].with_user(self.program_manager)
        return memberships.load(list(columns), [list(row) for row in rows])

    def test_partner_by_tax_number_or_external_id(self):
        self.partner.vat = "US12345672"
        self._load([("US12345672", "Reseller Program", "Platinum", "active")])
        self.assertEqual(self.program.membership_ids.partner_id, self.partner)
        self.assertEqual(self.program.membership_ids.grade_id, self.platinum)
        self.env["ir.model.data"].create(
            {"module": "crm_x", "name": "r1", "model": "res.partner", "res_id": self.rival.id}
        )
        self._load(
            [("crm_x.r1", "Reseller Program", "Gold", "active")],
            ("partner_id/id", "program_id", "grade_id", "state"),
        )
        self.assertEqual(self.program.membership_ids.partner_id, self.partner | self.rival)

    def test_tier_may_name_its_program(self):
        self._load([(self.partner.name, "Reseller Program", "Reseller Program: Gold", "active")])
        self.assertEqual(self.program.membership_ids.grade_id, self.gold)

    def test_empty_cells_mean_the_default(self):
        columns = ("partner_id", "program_id", "grade_id", "state", "contact_cadence")
        result = self._load([(self.partner.name, "Reseller Program", "", "", "")], columns)
        self.assertFalse(result["messages"])
        membership = self.program.membership_ids
        self.assertEqual(membership.state, "applicant")
        self.assertEqual(membership.contact_cadence, "program")

    def test_empty_cells_change_nothing_of_an_existing_member(self):
        membership = self._enroll(self.partner)
        columns = (".id", "state", "date_end")
        result = self._load([(str(membership.id), "", "2099-12-31")], columns)
        self.assertFalse(result["messages"])
        self.assertEqual(membership.state, "active")
        self.assertEqual(str(membership.date_end), "2099-12-31")

    def test_empty_status_in_the_import_of_partners(self):
        columns = ["name", "is_company", "prm_membership_ids/program_id",
                   "prm_membership_ids/state"]
        partners = self.env["res.partner"].with_user(self.program_manager)
        result = partners.load(columns, [["Newcomer Ltd", "1", "Reseller Program", ""]])
        self.assertFalse(result["messages"])
        self.assertEqual(self.program.membership_ids.state, "applicant")

    def test_a_program_is_still_asked_for(self):
        result = self._load([(self.partner.name, "", "", "")])
        self.assertIn("Program", result["messages"][0]["message"])

    def test_twice_in_the_file(self):
        row = (self.partner.name, "Reseller Program", "Gold", "active")
        result = self._load([row, row])
        self.assertFalse(result["ids"])
        self.assertIn("already a member of this program", result["messages"][0]["message"])

    def test_contact_instead_of_the_company(self):
        result = self._load([(self.contact.email, "Reseller Program", "Gold", "active")])
        self.assertFalse(result["ids"])
        self.assertIn("Enroll the company", result["messages"][0]["message"])

    def test_portal_user_imports_nothing(self):
        user = self._new_portal_user(self.contact, "admin")
        with self.assertRaises(AccessError):
            self.env["base_import.import"].with_user(user).create({"res_model": "prm.membership"})
        rows = [[self.partner.name, "Reseller Program"]]
        memberships = self.env["prm.membership"].with_user(user)
        result = memberships.load(["partner_id", "program_id"], rows)
        self.assertFalse(result["ids"])

    def test_contacts_keep_their_own_template(self):
        [template] = self.env["res.partner"].get_import_templates()
        self.assertIn("/base/", template["template"])
