from odoo.exceptions import UserError

from .onboarding_common import OnboardingCase


class TestApplicationDuplicate(OnboardingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner.write(
            {
                "name": "Acme Partners GmbH",
                "website": "https://www.acme-partners.example/de",
                "vat": "DE123456788",
                "company_registry": "HRB 4711",
                "country_id": cls.germany.id,
            }
        )
        cls.contact.email = "contact@elsewhere.example"

    def _reasons(self, **values):
        application = self._apply(
            **{"name": "Nobody", "domain": "nobody.example", "country_id": False, **values}
        )
        found = application.duplicate_ids.filtered(lambda line: line.partner_id == self.partner)
        return set(found.matched_keys.split(",")) if found else set()

    def test_what_is_equal(self):
        germany = self.germany.id
        for values, reasons in (
            ({}, set()),
            ({"name": "ACME Partners"}, {"name"}),
            ({"name": "ACME Partners", "country_id": germany}, {"name"}),
            ({"name": "ACME Partners", "country_id": self.env.ref("base.fr").id}, set()),
            ({"website": "shop.acme-partners.example"}, {"domain"}),
            ({"contact_email": "x@acme-partners.example"}, {"domain"}),
            ({"contact_email": "Contact@Elsewhere.example"}, {"domain", "email"}),
            ({"vat": "DE 123 456 788"}, {"vat"}),
            ({"company_registry": "hrb-4711", "country_id": germany}, {"registry"}),
            ({"company_registry": "hrb-4711"}, set()),
        ):
            with self.subTest(values=values):
                self.assertEqual(self._reasons(**values), reasons)

    def test_free_mail_is_no_domain(self):
        self.partner.write({"email": "acme@gmail.com", "website": False})
        self.assertFalse(self._reasons(contact_email="somebody@gmail.com"))
        self.assertEqual(self._reasons(contact_email="ACME@gmail.com"), {"email"})

    def test_contact_of_a_company_stands_for_the_company(self):
        application = self._apply("X", "x.example", contact_email="contact@elsewhere.example")
        self.assertEqual(application.duplicate_ids.partner_id, self.partner)

    def test_archived_and_foreign_companies_are_none(self):
        self.partner.company_id = self.env["res.company"].create({"name": "Other"})
        self.assertFalse(self._reasons(vat="DE123456788"))
        self.partner.company_id = False
        self.contact.active = self.partner.active = False
        self.assertFalse(self._reasons(vat="DE123456788"))

    def test_open_applications_are_compared(self):
        first = self._apply("Twin", "twin.example")
        second = self._apply("Twin Ltd", "twin.example")
        self.assertEqual(second.duplicate_ids.other_application_id, first)
        self.assertFalse(first.duplicate_ids)
        first.action_withdraw()
        self.assertFalse(self._apply("Twin Inc", "twin2.example").duplicate_ids.filtered(
            lambda line: line.other_application_id == first
        ))  # fmt: skip

    def test_applications_of_another_company_are_not(self):
        other = self.env["res.company"].create({"name": "Other"})
        program = self.program.copy({"company_id": other.id})
        self.applications.create(
            {
                "name": "Twin",
                "contact_name": "T",
                "contact_email": "t@twin.example",
                "program_id": program.id,
            }
        )
        self.assertFalse(self._apply("Twin", "twin.example").duplicate_ids)

    def test_open_duplicate_blocks_until_decided(self):
        application = self._apply("Acme", "acme-partners.example")
        with self.assertRaisesRegex(UserError, "may be a company"):
            application.action_approve()
        line = application.duplicate_ids
        with self.assertRaisesRegex(UserError, "Say in the list"):
            line.action_distinct()
        line.note = "A namesake"
        line.action_distinct()
        self.assertEqual((line.state, line.user_id), ("distinct", self.program_manager))
        application.action_approve()
        self.assertNotEqual(application.partner_id, self.partner)

    def test_same_company_is_used(self):
        application = self._apply("Acme", "acme-partners.example")
        application.duplicate_ids.action_same()
        self.assertEqual(application.partner_id, self.partner)
        application.action_approve()
        self.assertEqual(application.membership_id.partner_id, self.partner)

    def test_only_one_company_is_the_same(self):
        self.rival.vat = "DE987654321"
        application = self._apply("Acme", "acme-partners.example", vat="DE987654321")
        lines = application.duplicate_ids
        mine = lines.filtered(lambda line: line.partner_id == self.partner)
        rivals = lines - mine
        mine.action_same()
        rivals.action_same()
        self.assertEqual((mine.state, rivals.state), ("open", "same"))
        self.assertEqual(application.partner_id, self.rival)

    def test_same_application_is_withdrawn(self):
        first = self._apply("Twin", "twin.example")
        second = self._apply("Twin", "twin.example")
        second.duplicate_ids.action_same()
        self.assertEqual(second.state, "withdrawn")
        self.assertEqual(first.state, "new")
        self.assertEqual(second.duplicate_ids.action_open()["res_id"], first.id)

    def test_decision_holds_from_the_other_side_too(self):
        first = self._apply("Twin", "twin.example")
        second = self._apply("Twin", "twin.example")
        second.duplicate_ids.note = "Brothers"
        second.duplicate_ids.action_distinct()
        first.action_approve()
        self.assertEqual(first.state, "approved")
        self.assertEqual(first.duplicate_ids.filtered("other_application_id").state, "distinct")

    def test_new_duplicate_is_shown_before_anything_is_approved(self):
        application = self._apply("Late", "late.example")
        late = self.env["res.partner"].create({"name": "Late Ltd", "is_company": True})
        action = application.action_approve()
        self.assertEqual(action["tag"], "display_notification")
        self.assertEqual(application.state, "new")
        self.assertEqual(application.duplicate_ids.partner_id, late)

    def test_corrected_data_are_checked_again(self):
        application = self._apply("Acme", "acme-partners.example")
        self.assertTrue(application.duplicate_ids)
        application.write(
            {"name": "Zenith", "website": "zenith.example", "contact_email": "z@zenith.example"}
        )
        self.assertFalse(application.duplicate_ids)
        application.vat = "DE123456788"
        self.assertEqual(application.duplicate_ids.matched_keys, "vat")

    def test_decided_application_decides_nothing_more(self):
        application = self._apply("Acme", "acme-partners.example")
        application.action_withdraw()
        with self.assertRaisesRegex(UserError, "not possible now"):
            application.duplicate_ids.action_same()

    def test_number_of_queries_does_not_grow(self):
        few = self._apply("First", "first.example")
        many = self.applications
        for number in range(8):
            many |= self._apply(f"Many {number}", f"many{number}.example")
        counts = []
        for records in (few, many):
            system = records.sudo()
            system._detect_duplicates()
            self.env.flush_all()
            system.invalidate_recordset()
            system.env.user.mapped("share")  # asked for once more when Python frees environments
            before = self.cr.sql_log_count
            system._detect_duplicates()
            self.env.flush_all()
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])

    def test_keys_of_partners_are_for_staff(self):
        user = self._new_portal_user(self.contact, "admin")
        fields = self.partner.with_user(user).fields_get()
        self.assertFalse([name for name in fields if name.startswith("key_")])

    def test_decision_is_no_field_to_edit(self):
        line = self._apply("Acme", "acme-partners.example").duplicate_ids
        line.note = "Typed"
        with self.assertRaisesRegex(UserError, "by the buttons"):
            line.write({"state": "distinct"})

    def test_many_at_once(self):
        vals = {"contact_name": "X", "program_id": self.program.id, "role": False}
        twins = self.applications.create(
            [
                {"name": "Batch", "contact_email": f"x{number}@batch.example", **vals}
                for number in range(2)
            ]
        )
        self.assertEqual(twins[0].duplicate_ids.other_application_id, twins[1])
        self.assertEqual(twins[1].duplicate_ids.other_application_id, twins[0])
