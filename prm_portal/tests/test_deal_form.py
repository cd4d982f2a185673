from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.addons.prm_deal_registration.models.prm_deal_registration_file import MAX_FILE_SIZE
from odoo.tests import tagged

from .common import PDF, PortalCase

FORM = "/my/deals/new"


@tagged("post_install", "-at_install")
class TestDealForm(PortalCase):
    def setUp(self):
        super().setUp()
        self._login(self.people["sales"])

    def _typed(self, **values):
        """What a person types into the form, as a browser sends it."""
        typed = self._values(**values)
        return {name: str(value) for name, value in typed.items()}

    def _send(self, files=None, hidden=None, **values):
        hidden = self._get_form(FORM, FORM) if hidden is None else hidden
        return self._post(FORM, {**hidden, **self._typed(**values)}, files)

    def _count(self):
        return self.deals.search_count([("partner_id", "=", self.partner.id)])

    def _get_errors(self, response):
        """The messages of a form that came back, by field; each is tied to its field."""
        page = self._parse(response.text)
        errors = {}
        for field in page.xpath("//*[@aria-invalid='true']"):
            described = field.get("aria-describedby").split()
            message = page.xpath(f"//*[@id='prm_{field.get('name')}_error']")
            self.assertEqual(len(message), 1)
            self.assertIn(message[0].get("id"), described)
            errors[field.get("name")] = message[0].text_content().strip()
        return errors

    def _get_shown(self, response, name):
        field = self._parse(response.text).xpath(f"//*[@name='{name}']")[0]
        if field.tag == "select":
            chosen = field.xpath("option[@selected]")
            return chosen[0].get("value") if chosen else ""
        return field.text if field.tag == "textarea" else field.get("value")

    def _assert_refused(self, values, *names):
        before = self._count()
        response = self._send(**values)
        self.assertEqual(response.status_code, 422)
        self.assertEqual(set(self._get_errors(response)), set(names))
        self.assertEqual(self._count(), before)
        return response

    def test_register(self):
        response = self._send(
            files={"attachment": ("offer.pdf", PDF)},
            name="hooli",
            customer_phone="+49 30 1234567",
            customer_vat="DE136695976",
            description="They want it\nsoon",
        )
        deal = self.deals.search([("partner_id", "=", self.partner.id)], order="id desc", limit=1)
        self.assertEqual(response.status_code, 303)
        self.assertTrue(response.headers["Location"].endswith(f"/my/deals/{deal.id}"))
        self.assertEqual(deal.customer_name, "Hooli GmbH")
        self.assertEqual(deal.contact_id, self.contact)
        self.assertEqual(deal.amount, 12000.0)
        self.assertEqual(deal.customer_country_id, self.country)
        self.assertEqual(deal.state, "approved")
        page = self._get(f"/my/deals/{deal.id}")
        self.assertIn("offer.pdf", page)
        self.assertIn("They want it\nsoon", page)
        file = self._parse(page).xpath("//a[contains(@href, '/attachment/')]/@href")[0]
        answer = self.url_open(file)
        self.assertEqual(answer.content, PDF)
        self.assertIn("attachment", answer.headers["Content-Disposition"])

    def test_each_bad_value(self):
        yesterday = fields.Date.to_string(fields.Date.today() - timedelta(days=1))
        cases = {
            "customer_name": ("", "   ", "x" * 10_000),
            "customer_email": ("no address", "a@", "x" * 10_000),
            "customer_website": ("not a website", "http://", "x" * 10_000),
            "customer_phone": ("1" * 10_000,),
            "customer_vat": ("1" * 10_000,),
            "customer_country_id": ("", "0", "-1", "abc", "999999999"),
            "category_id": ("abc", "999999999", "9" * 30),
            "amount": ("", "0", "-5", "abc", "nan", "inf", "1e300", "12,5,0"),
            "date_close": ("", "tomorrow", "2030-13-45", yesterday),
            "description": ("x" * 10_001,),
        }
        for name, bad_values in cases.items():
            for bad in bad_values:
                with self.subTest(name=name, bad=bad[:20]):
                    response = self._assert_refused({name: bad}, name)
                    if name not in ("customer_country_id", "category_id"):
                        self.assertEqual(self._get_shown(response, name) or "", bad.strip())
                    kept = "" if name == "customer_country_id" else str(self.country.id)
                    self.assertEqual(self._get_shown(response, "customer_country_id") or "", kept)

    def test_several_at_once_and_what_was_typed_stays(self):
        response = self._assert_refused(
            {"customer_name": "", "amount": "many", "description": "Keep <b>me</b>"},
            "customer_name",
            "amount",
        )
        self.assertEqual(self._get_shown(response, "customer_email"), "jo@globex.com")
        self.assertEqual(self._get_shown(response, "customer_website"), "https://www.globex.com")
        self.assertEqual(self._get_shown(response, "amount"), "many")
        self.assertEqual(self._get_shown(response, "description"), "Keep <b>me</b>")

    def test_nothing_typed(self):
        response = self._post(FORM, self._get_form(FORM, FORM))
        self.assertEqual(response.status_code, 422)
        self.assertEqual(
            set(self._get_errors(response)),
            {"customer_name", "customer_email", "customer_country_id", "amount", "date_close"},
        )

    def test_email_or_website(self):
        self._assert_refused({"customer_email": "", "customer_website": ""}, "customer_email")
        self.assertEqual(self._send(customer_email="").status_code, 303)
        self.assertEqual(self._send(customer_website="", name="hooli").status_code, 303)

    def test_corrected_form_is_accepted(self):
        response = self._assert_refused({"amount": ""}, "amount")
        hidden = {
            field.get("name"): field.get("value")
            for field in self._parse(response.text).xpath("//form//input[@type='hidden']")
        }
        self.assertEqual(self._send(hidden=hidden).status_code, 303)

    def test_html_is_shown_as_text(self):
        evil = "<script>alert(1)</script>"
        response = self._send(customer_name=evil, description=evil)
        self.assertEqual(response.status_code, 303)
        for path in (response.headers["Location"], "/my/deals", "/my/partner"):
            page = self._get(path)
            self.assertNotIn(evil, page)
            self.assertIn("&lt;script&gt;alert(1)", page)

    def test_null_bytes_and_unknown_fields(self):
        response = self._post(
            FORM,
            {
                **self._get_form(FORM, FORM),
                **self._typed(customer_name="Zero\x00 Byte"),
                "state": "approved",
                "partner_id": str(self.rival.id),
                "company_id": "1",
                "lead_id": "1",
            },
        )
        self.assertEqual(response.status_code, 303)
        deal = self.deals.search([("customer_name", "=", "Zero Byte")])
        self.assertEqual(deal.partner_id, self.partner)

    def test_file_of_wrong_type(self):
        before = self._count()
        for name, content in (
            ("tool.exe", b"MZ" + bytes(200)),
            ("offer.pdf", b"MZ" + bytes(200)),
            ("page.html", b"<html><script>alert(1)</script></html>"),
            ("picture.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
            ("empty.pdf", b""),
        ):
            with self.subTest(name=name):
                response = self._send(files={"attachment": (name, content)})
                self.assertEqual(response.status_code, 422)
                self.assertEqual(set(self._get_errors(response)), {"attachment"})
                self.assertIn(f"“{name}”", response.text)
        self.assertEqual(self._count(), before)

    def test_file_too_large(self):
        large = PDF + bytes(MAX_FILE_SIZE)
        response = self._send(files={"attachment": ("large.pdf", large)})
        self.assertEqual(response.status_code, 422)
        self.assertIn("larger than 10 MB", self._get_errors(response)["attachment"])

    def test_file_is_named_again(self):
        response = self._send(files={"attachment": ("offer.pdf", PDF)}, amount="")
        self.assertEqual(set(self._get_errors(response)), {"amount"})
        self.assertIn("choose the file “offer.pdf” again", response.text)

    def test_sent_twice(self):
        """The second click of the same form leads to the deal that the first one made."""
        hidden = self._get_form(FORM, FORM)
        before = self._count()
        first = self._send(hidden=hidden)
        second = self._send(hidden=hidden)
        self.assertEqual(self._count(), before + 1)
        self.assertEqual(second.status_code, 303)
        self.assertEqual(second.headers["Location"], first.headers["Location"])

    def test_sent_twice_at_the_same_moment(self):
        """Neither request sees the other's deal; the index in the database lets one through."""
        hidden = self._get_form(FORM, FORM)
        first = self._send(hidden=hidden)
        before = self._count()
        model = type(self.deals)
        with (
            patch.object(model, "_get_by_form_token", lambda deals, token: deals.browse()),
            self.assertLogs("odoo.sql_db", "ERROR"),
        ):
            second = self._send(hidden=hidden, name="other")
        self.assertEqual(self._count(), before)
        self.assertEqual(second.status_code, 303)
        sent = self.url_open(second.headers["Location"], allow_redirects=False)
        self.assertEqual(sent.headers["Location"], first.headers["Location"])

    def test_form_outlives_the_session(self):
        """Requests at the same time write the session over each other; the form must not care."""
        hidden = self._get_form(FORM, FORM)
        self._login(self.sales_user)
        hidden["csrf_token"] = self._get_csrf_token()
        self.assertEqual(self._send(hidden=hidden).status_code, 303)

    def test_form_of_another_user(self):
        hidden = self._get_form(FORM, FORM)
        self._login(self.people["admin"])
        hidden["csrf_token"] = self._get_csrf_token()
        response = self._send(hidden=hidden)
        self.assertEqual(response.status_code, 422)
        self.assertIn("form has expired", response.text)

    def test_unknown_token(self):
        hidden = self._get_form(FORM, FORM)
        for token in ("", "made up", "é", hidden["form_token"][:-1]):
            response = self._send(hidden={**hidden, "form_token": token})
            self.assertEqual(response.status_code, 422)
            self.assertIn("form has expired", response.text)
            self.assertEqual(self._get_shown(response, "customer_email"), "jo@globex.com")

    def test_csrf_missing(self):
        hidden = self._get_form(FORM, FORM)
        del hidden["csrf_token"]
        before = self._count()
        with self.assertLogs("odoo.http", "WARNING"):
            response = self._send(hidden=hidden)
        self.assertEqual(response.status_code, 400)
        self.assertEqual(self._count(), before)

    def test_roles_that_may_not_register(self):
        hidden = self._get_form(FORM, FORM)
        for user in (self.people["technical"], self.people["finance"], self.customer_user):
            self._login(user)
            hidden["csrf_token"] = self._get_csrf_token()
            response = self._send(hidden=hidden)
            self.assertEqual(response.status_code, 404)

    def test_suspended_partner(self):
        hidden = self._get_form(FORM, FORM)
        self.membership.action_suspend("Invoices are unpaid")
        before = self._count()
        response = self._send(hidden=hidden)
        self.assertEqual(response.status_code, 422)
        self.assertIn("is suspended: Invoices are unpaid", response.text)
        self.assertEqual(self._count(), before)

    def test_returned_deal_is_corrected(self):
        deal = self._draft()
        deal.with_context(tracking_disable=True).sudo()._submit()
        if deal.state not in ("submitted", "in_review"):
            deal.sudo().write({"state": "in_review"})
        deal.action_return("Please add the tax number")
        path = f"/my/deals/{deal.id}/edit"
        page = self._get(path)
        self.assertIn("Please add the tax number", page)
        hidden = self._get_form(path, path)
        bad = self._post(path, {**hidden, **self._typed(amount="x", customer_name="Globex 2")})
        self.assertEqual(bad.status_code, 422)
        self.assertEqual(set(self._get_errors(bad)), {"amount"})
        self.assertEqual(self._get_shown(bad, "customer_name"), "Globex 2")
        self.assertEqual(deal.state, "returned")
        good = self._post(
            path,
            {**hidden, **self._typed(amount="5000", customer_vat="DE136695976")},
            {"attachment": ("tax.pdf", PDF)},
        )
        self.assertEqual(good.status_code, 303)
        self.assertEqual((deal.amount, deal.customer_vat), (5000.0, "DE136695976"))
        self.assertNotEqual(deal.state, "returned")
        self.assertIn("tax.pdf", self._get(f"/my/deals/{deal.id}"))
        self._get(path, 404)

    def test_corrected_in_another_tab(self):
        """A deal that is no longer returned has no form to correct it."""
        self._get(f"/my/deals/{self.deal.id}/edit", 404)
