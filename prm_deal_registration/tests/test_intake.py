from odoo.exceptions import AccessError, UserError, ValidationError

from .common import DealCase


class TestIntake(DealCase):
    def _errors(self, **values):
        return self.deals.with_user(self.sales_user)._validate_registration(self._values(**values))

    def test_answer(self):
        result = self.deals.with_user(self.sales_user).prm_register(self._values())
        deal = self.deals.browse(result["id"])
        self.assertEqual(result, {"id": deal.id, "name": deal.name, "state": "approved"})
        self.assertRegex(deal.name, r"^DR/\d{4}/\d{5}$")
        self.assertEqual((deal.partner_id, deal.contact_id), (self.partner, self.contact))
        self.assertEqual(deal.membership_id, self.membership)

    def test_values_as_text(self):
        deal = self._register(
            amount=" 1250.50 ",
            customer_country_id=str(self.country.id),
            category_id=str(self.hardware.id),
        )
        self.assertEqual(deal.amount, 1250.5)
        self.assertEqual(deal.customer_country_id, self.country)
        self.assertEqual(deal.category_id, self.hardware)

    def test_other_values_are_ignored(self):
        deal = self._register(
            state="won",
            partner_id=self.rival.id,
            date_protected_until="2099-01-01",
            lead_id=1,
            company_id=999,
            submit_number=-1,
        )
        self.assertEqual((deal.state, deal.partner_id), ("approved", self.partner))
        self.assertEqual(deal.company_id, self.company)
        self.assertGreater(deal.submit_number, 0)

    def test_required(self):
        errors = self.deals._validate_registration({})
        self.assertEqual(
            set(errors),
            {"customer_name", "customer_email", "customer_country_id", "amount", "date_close"},
        )
        self.assertFalse(self._errors())
        self.assertFalse(self._errors(customer_email=""))
        self.assertFalse(self._errors(customer_website=""))

    def test_wrong_values(self):
        for field, value in (
            ("amount", "a lot"),
            ("amount", "nan"),
            ("amount", "-5"),
            ("amount", "1e999"),
            ("amount", [1]),
            ("date_close", "soon"),
            ("date_close", "2020-01-01"),
            ("date_close", "2099-01-01 nonsense"),
            ("date_close", 20990101),
            ("amount", "0.001"),
            ("amount", True),
            ("customer_name", 5),
            ("customer_name", ["Globex"]),
            ("description", {"a": 1}),
            ("customer_email", "jo@localhost"),
            ("customer_website", "co.uk"),
            ("customer_website", "a.b"),
            ("customer_website", "127.0.0.1"),
            ("customer_phone", "12 34"),
            ("customer_vat", "D-1-2"),
            ("customer_country_id", True),
            ("customer_email", "nobody"),
            ("customer_website", "my site"),
            ("customer_website", "localhost"),
            ("customer_country_id", "999999999"),
            ("customer_country_id", "Germany"),
            ("category_id", "999999999"),
            ("customer_name", "x" * 251),
            ("description", "x" * 10001),
        ):
            with self.subTest(field=field, value=str(value)[:20]):
                self.assertEqual(list(self._errors(**{field: value})), [field])
                with self.assertRaises(ValidationError):
                    self._register(**{field: value})

    def test_values_that_are_no_fields(self):
        deal = self._register(amount=200000)
        deal.with_user(self.manager).action_return("More")
        for values in (None, "amount", [["amount", 5]]):
            with self.subTest(values=values):
                with self.assertRaises(ValidationError):
                    self.deals.with_user(self.sales_user).prm_register(values)
                with self.assertRaises(ValidationError):
                    deal.with_user(self.sales_user).prm_update(values)

    def test_websites(self):
        for website in ("globex.example", "https://x.com/de", "shop.globex.co.uk:8080"):
            with self.subTest(website=website):
                self.assertFalse(self._errors(customer_website=website))

    def test_categories_of_the_program(self):
        self.program.registration_category_ids = self.hardware
        self.assertFalse(self._errors(category_id=self.hardware.id))
        self.assertEqual(list(self._errors(category_id=self.software.id)), ["category_id"])

    def test_roles(self):
        for role in ("technical", "finance", "marketing", None):
            contact = self.env["res.partner"].create(
                {"name": "C", "parent_id": self.partner.id, "email": f"{role}@acme.com"}
            )
            user = self._new_portal_user(contact, role)
            with self.subTest(role=role), self.assertRaises(AccessError):
                self._register(user)

    def test_partner_without_membership(self):
        self.membership.action_end("Merged")
        with self.assertRaisesRegex(UserError, "ended on .*: Merged"):
            self._register()

    def test_update(self):
        deal = self._register(amount=200000)
        portal = deal.with_user(self.sales_user)
        with self.assertRaises(UserError):
            portal.prm_update({"amount": "5"})
        deal.with_user(self.manager).action_return("More")
        with self.assertRaises(ValidationError):
            portal.prm_update({"amount": "-5"})
        portal.prm_update({"customer_name": "New GmbH", "state": "won", "partner_id": 1})
        self.assertEqual((deal.customer_name, deal.state), ("New GmbH", "returned"))
        self.assertEqual(deal.key_name, "new")
        with self.assertRaises(AccessError):
            deal.with_user(self.rival_user).prm_update({"customer_name": "Hacked"})

    def test_another_customer_is_a_new_claim(self):
        deal = self._register(amount=200000)
        first = deal.submit_number
        portal = deal.with_user(self.sales_user)
        deal.with_user(self.manager).action_return("More")
        portal.prm_update({"customer_vat": "DE123456788", "amount": "210000"})
        portal.action_submit()
        self.assertEqual(deal.submit_number, first)
        rival = self._register(self.rival_user, name="initech", amount=200000)
        deal.with_user(self.manager).action_return("More")
        portal.prm_update({"customer_website": "initech.com", "customer_email": ""})
        portal.action_submit()
        self.assertGreater(deal.submit_number, rival.submit_number)
        self.assertGreaterEqual(deal.date_submitted, rival.date_submitted)

    def test_staff_registers_for_a_partner(self):
        deal = self.deals.with_user(self.manager).create(
            {"partner_id": self.partner.id, **self._values()}
        )
        self.assertEqual(deal.membership_id, self.membership)
        deal.action_submit()
        self.assertEqual(deal.state, "approved")
        incomplete = deal.create({"partner_id": self.partner.id, "customer_name": "X"})
        with self.assertRaises(ValidationError):
            incomplete.action_submit()

    def test_contact_is_no_partner(self):
        with self.assertRaises(ValidationError):
            self._draft(self.contact)
