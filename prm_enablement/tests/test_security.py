from datetime import date

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import new_test_user

from .common import EnablementCase

MODELS = ("prm.certification", "prm.credential")


class TestSecurity(EnablementCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.own = cls._issue(cls.contact)
        cls.of_colleague = cls._issue(cls.colleague)
        cls.of_rival = cls._issue(cls.rival_contact)
        cls.own_user = cls._new_portal_user(cls.contact, "technical")
        cls.rival_user = cls._new_portal_user(cls.rival_contact, "admin")
        customer = cls.env["res.partner"].create({"name": "Customer", "email": "c@c.example"})
        cls.customer_user = cls._new_portal_user(customer, None)
        cls.public_user = cls.env.ref("base.public_user")
        cls.employee = new_test_user(cls.env, "t_employee", groups="base.group_user")

    def _visible(self, user, model="prm.credential"):
        return self.env[model].with_user(user).search([]).sudo()

    def test_others_have_no_access(self):
        for user in (self.customer_user, self.public_user, self.employee):
            for model in MODELS:
                with self.subTest(user=user.login, model=model), self.assertRaises(AccessError):
                    self.env[model].with_user(user).search([])

    def test_portal_user_sees_the_people_of_the_own_company(self):
        self.assertEqual(self._visible(self.own_user), self.own | self.of_colleague)
        self.assertEqual(self._visible(self.rival_user), self.of_rival)

    def test_portal_user_keeps_the_own_one_after_leaving(self):
        self.contact.parent_id = self.rival
        self.assertEqual(self._visible(self.own_user), self.own | self.of_rival)
        self.assertEqual(self._visible(self.rival_user), self.of_rival)

    def test_portal_user_cannot_reach_the_rival_by_id_count_or_group(self):
        with self.assertRaises(AccessError):
            self.of_rival.with_user(self.own_user).read(["state"])
        Credential = self.env["prm.credential"].with_user(self.own_user)
        domain = [("company_partner_id", "=", self.rival.id)]
        self.assertEqual(Credential.search_count(domain), 0)
        groups = Credential.formatted_read_group([], ["company_partner_id"], ["__count"])
        self.assertEqual([group["__count"] for group in groups], [2])
        with self.assertRaises(AccessError):
            self.certification.with_user(self.own_user).read(["certified_count"])

    def test_portal_user_counts_no_rival_through_the_certification(self):
        credentials = self.certification.with_user(self.own_user).credential_ids
        self.assertEqual(credentials.sudo(), self.own | self.of_colleague)

    def test_portal_user_reads_offered_certifications(self):
        hidden = self._new_certification("Hidden", active=False)
        Certification = self.env["prm.certification"].with_user(self.own_user)
        certifications = Certification.with_context(active_test=False).search([])
        self.assertIn(self.certification, certifications)
        self.assertNotIn(hidden, certifications)
        self.assertTrue(self.certification.with_user(self.own_user).exam_url)

    def test_portal_user_reads_no_internal_field(self):
        for field in ("user_input_id", "mail_pending", "activity_ids"):
            with self.subTest(field=field), self.assertRaises(AccessError):
                self.own.with_user(self.own_user).read([field])

    def test_portal_user_writes_nothing(self):
        for record in (self.own, self.certification):
            own = record.with_user(self.own_user)
            with self.subTest(model=record._name):
                self.assertFalse(own.has_access("write"))
                self.assertFalse(own.has_access("unlink"))
                self.assertFalse(own.browse().has_access("create"))
        with self.assertRaises(AccessError):
            self.env["prm.credential"].with_user(self.own_user).create(
                {"partner_id": self.contact.id, "certification_id": self.certification.id}
            )
        with self.assertRaises(AccessError):
            self.own.with_user(self.own_user).write({"date_end": date(2099, 1, 1)})

    def test_portal_user_calls_no_action(self):
        for method, args in (("action_revoke", ["Because"]),):
            with self.subTest(method=method), self.assertRaises(AccessError):
                getattr(self.own.with_user(self.own_user), method)(*args)
        self.assertEqual(self.own.state, "valid")

    def test_portal_user_opens_no_wizard(self):
        for model in ("prm.credential.issue", "prm.credential.revoke"):
            with self.subTest(model=model), self.assertRaises(AccessError):
                self.env[model].with_user(self.own_user).create({})

    def test_partner_manager_reads_and_issues_only(self):
        self.assertLessEqual(self.own | self.of_rival, self._visible(self.manager))
        own = self.own.with_user(self.manager)
        self.assertTrue(own.has_access("create"))
        self.assertFalse(own.has_access("write"))
        self.assertFalse(own.has_access("unlink"))
        with self.assertRaises(AccessError):
            own.action_revoke("Because")
        with self.assertRaises(AccessError):
            self.certification.with_user(self.manager).validity_months = 120

    def test_program_manager_does_all(self):
        self.certification.with_user(self.program_manager).validity_months = 6
        self.own.with_user(self.program_manager).action_revoke("Cheated")
        self.assertEqual(self.own.state, "revoked")
        self._new_certification("Spare").with_user(self.program_manager).unlink()

    def test_other_company_is_invisible(self):
        other = self.env["res.company"].create({"name": "Company B"})
        stranger = new_test_user(
            self.env,
            "t_company_b",
            groups="base.group_user,prm_partner.group_prm_admin",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        self.assertIn(self.own, self._visible(stranger))  # certification of all companies
        self.certification.company_id = self.company
        self.assertNotIn(self.own, self._visible(stranger))
        self.assertNotIn(self.certification, self._visible(stranger, "prm.certification"))
        self.assertIn(self.own, self._visible(self.program_manager))
