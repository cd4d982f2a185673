import json

from odoo.tests import tagged

from .common import PortalCase


@tagged("post_install", "-at_install")
class TestAddress(PortalCase):
    """Stock Odoo lets a contact rename its company; a partner in a program is protected."""

    def setUp(self):
        super().setUp()
        self.partner.vat = "DE136695976"
        self._login(self.sales_user)

    def _submit(self, **values):
        contact = self.env["res.users"].browse(self.session.uid).partner_id
        form = {
            "csrf_token": self._get_csrf_token(),
            "partner_id": contact.id,
            "name": contact.name,
            "email": contact.email,
            "phone": "+49 30 1234567",
            "street": "Main Street 1",
            "city": "Berlin",
            "zip": "10115",
            "country_id": self.env.ref("base.de").id,
            "address_type": "billing",
            **values,
        }
        return json.loads(self._post("/my/address/submit", form).text)

    def test_company_cannot_be_renamed(self):
        answer = self._submit(company_name="Umbrella Inc.")
        self.assertEqual(answer["invalid_fields"], ["company_name"])
        self.assertIn("partner manager", answer["messages"][0])
        self.assertEqual(self.partner.name, "Acme Partners")

    def test_company_cannot_be_renamed_without_validation(self):
        """A field of the form switches stock Odoo's own checks off."""
        self._submit(company_name="Umbrella Inc.", verify_address_values="")
        self.assertEqual(self.partner.name, "Acme Partners")

    def test_tax_number_cannot_be_changed(self):
        for extra in ({}, {"verify_address_values": ""}, {"partner_id": ""}):
            with self.subTest(extra=extra):
                answer = self._submit(vat="DE129274202", **extra)
                self.assertEqual(answer["invalid_fields"], ["vat"])
                self.assertEqual(self.partner.vat, "DE136695976")

    def test_tax_number_cannot_come_by_a_new_address(self):
        """Stock Odoo copies the number of a new address up to a company without one."""
        self.partner.vat = False
        self._submit(vat="DE129274202", partner_id="", name="New address")
        self.assertFalse(self.partner.vat)

    def test_company_user_cannot_rename_it(self):
        user = self._new_portal_user(self.partner, "admin")
        self._login(user)
        answer = self._submit(name="Umbrella Inc.")
        self.assertEqual(answer["invalid_fields"], ["name"])
        self.assertEqual(self.partner.name, "Acme Partners")

    def test_own_data_can_be_changed(self):
        answer = self._submit(
            name="Renamed Person", company_name=self.partner.name, vat=self.partner.vat
        )
        self.assertIn("redirectUrl", answer)
        self.assertEqual(self.contact.name, "Renamed Person")
        self.assertEqual(self.contact.phone, "+49 30 1234567")

    def test_ordinary_customers_are_not_affected(self):
        """Shows too that it is our check that protects partners."""
        company = self.env["res.partner"].create({"name": "Shop Ltd", "is_company": True})
        person = self.env["res.partner"].create(
            {"name": "Shopper", "parent_id": company.id, "email": "shopper@shop.example"}
        )
        self._login(self._new_portal_user(person, None))
        answer = self._submit(company_name="Shop International Ltd")
        self.assertIn("redirectUrl", answer)
        self.assertEqual(company.name, "Shop International Ltd")

    def test_form_shows_company_as_fixed(self):
        page = self._parse(self._get("/my/account"))
        for field in ("o_company_name", "o_vat"):
            self.assertTrue(page.xpath(f"//input[@id='{field}']/@readonly"), field)
